// A job whose machines end in any order: the state at the end is the one of machines that end one after the other, what is
// between holds exactly the machines that are done, and each is spoken of once.

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { machineLabels } from "../../src/report/runs.ts";
import type { RunResult } from "../../src/simulate/result.ts";
import { benchOf, benchResult } from "../../studio/bench/data/prepare.ts";
import { missingText } from "../../studio/bench/data/missing.ts";
import { story } from "../../studio/bench/data/story.ts";
import { engine } from "../../studio/engine/engine.ts";
import type { Answer, Job, MachineEnd, Plan } from "../../studio/engine/api.ts";
import * as jobState from "../../studio/shell/job-state.ts";
import type { JobState } from "../../studio/shell/job-state.ts";
import { heddle } from "../cli/heddle.ts";

const job: Job = {
  workload: "alexnet",
  files: [],
  machines: [
    { name: "tpu-v1", set: {} },
    { name: "systolic", set: {} },
    { name: "arrayflex", set: {} },
    { name: "systolic", set: { rows: 32, columns: 32 } },
  ],
  objective: "seconds",
  seed: 1,
  resources: "published",
  density: "",
  layers: "",
};

function valueOf<Value>(answer: Answer<Value>): Value {
  if (answer.kind === "fault") throw new Error(answer.message);
  return answer.value;
}

let plan: Plan;
let runs: readonly RunResult[];
beforeAll(async () => {
  plan = valueOf(await engine.plan(job));
  const each: RunResult[] = [];
  for (const machine of plan.machines) {
    if (machine.kind === "refused") throw new Error(machine.message);
    each.push(valueOf(await engine.run(job, machine.choice, () => undefined)).run);
  }
  runs = each;
});

const failure: MachineEnd = { kind: "failed", cause: "input", message: "no such layer" };

/** How each machine ends, and in which order: place in `order` is time. */
const endings = fc.record({
  ends: fc.array(
    fc.record({
      fails: fc.boolean(),
      seconds: fc.double({ min: 0, max: 100, noNaN: true }),
      isKnown: fc.boolean(),
    }),
    { minLength: 4, maxLength: 4 },
  ),
  order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
  /** After how many of them the page is drawn. */
  drawn: fc.subarray([1, 2, 3]),
});

function endOf(index: number, { fails, seconds, isKnown }: { fails: boolean; seconds: number; isKnown: boolean }) {
  const run = runs[index];
  return fails || run === undefined ? failure : ({ kind: "run", run, seconds, isKnown } as const);
}

const start = (): JobState => jobState.planned(jobState.begun(job), plan);

describe("machines that end in any order", () => {
  test("the state at the end does not depend on the order, and a whole one is the outcome of the runs", () => {
    fc.assert(
      fc.property(endings, fc.boolean(), ({ ends, order }, noneFails) => {
        const all = ends.map((end, index) => endOf(index, noneFails ? { ...end, fails: false } : end));
        const at = (places: readonly number[]): JobState =>
          places.reduce((state, place) => jobState.ended(state, place, all[place] ?? failure), start());
        const state = at(order);
        expect(state).toEqual(at([0, 1, 2, 3]));
        expect(jobState.isSettled(state)).toBe(true);
        const outcome = jobState.outcomeOf(state);
        if (all.some(({ kind }) => kind === "failed")) {
          expect(outcome).toBeUndefined();
          expect(missingText(benchOf(state))).toContain("remove");
          return;
        }
        const fresh = ends.filter(({ isKnown }) => !isKnown).map(({ seconds }) => seconds);
        const known = ends.length - fresh.length;
        expect(outcome).toEqual({
          runs,
          remarks: plan.remarks,
          seconds: Math.max(0, ...fresh),
          ...(known === 0 ? {} : { known }),
        });
        expect(benchOf(state)).toEqual(benchResult(job, runs));
        expect(benchOf(state)).toMatchObject({ runs, scope: "", labels: machineLabels(runs), notes: ["", "", "", ""] });
        expect(missingText(benchOf(state))).toBe("");
      }),
      { numRuns: 50 },
    );
  });

  test("what is between holds the machines that are done, in their places, compared among themselves only", () => {
    fc.assert(
      fc.property(endings, fc.integer({ min: 0, max: 3 }), ({ ends, order }, many) => {
        const there = order.slice(0, many);
        const state = there.reduce(
          (now, place) =>
            jobState.ended(now, place, endOf(place, ends[place] ?? { fails: true, seconds: 0, isKnown: false })),
          start(),
        );
        const shown = benchOf(state);
        const done = [0, 1, 2, 3].filter((place) => there.includes(place) && ends[place]?.fails === false);
        expect(shown.done.map(({ place }) => place)).toEqual(done);
        expect(shown.scope).toBe(`${done.length} of 4 machines`);
        expect(shown.labels).toEqual(machineLabels(runs));
        expect(story(shown)).toEqual([]);
        expect(missingText(shown)).not.toBe("");
        const alone = benchResult(
          job,
          done.flatMap((place) => runs[place] ?? []),
        );
        expect(shown.causes).toEqual(alone.causes);
        expect(shown.rows.map(({ best, margin, key }) => ({ best, margin, key }))).toEqual(
          alone.rows.map(({ best, margin, key }) => ({ best: best.map((at) => done[at]), margin, key })),
        );
        for (const { layers } of shown.rows) {
          layers.forEach((layer, place) => {
            expect(layer !== undefined).toBe(done.includes(place));
          });
        }
      }),
      { numRuns: 50 },
    );
  });

  test("each machine is spoken of once, however often the page is drawn", () => {
    fc.assert(
      fc.property(endings, ({ ends, order, drawn }) => {
        let [state, shown] = [start(), start()];
        const said: string[] = [];
        order.forEach((place, index) => {
          state = jobState.ended(
            state,
            place,
            endOf(place, ends[place] ?? { fails: true, seconds: 0, isKnown: false }),
          );
          if (!drawn.includes(index + 1) && index < 3) return;
          said.push(jobState.news(state, shown));
          shown = state;
        });
        expect(jobState.news(state, shown)).toBe("");
        expect(said.length).toBeLessThanOrEqual(4);
        const many = ends.filter(({ fails }) => !fails).length;
        expect(said.at(-1)).toMatch(new RegExp(`${many} of 4 done$`));
        // All at once need no names.
        if (said.length === 1 && many === 4) return;
        const text = said.join("; ");
        for (const label of plan.machines.map((machine) => machine.label)) {
          expect(
            text.split("; ").filter((part) => part.startsWith(`${label} is`) || part.startsWith(`${label} f`)),
          ).toHaveLength(1);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a stop keeps what is done, and going on asks for the rest only", () => {
    const run = endOf(1, { fails: false, seconds: 1, isKnown: false });
    const state = jobState.stopped(jobState.ended(jobState.ended(start(), 1, run), 2, failure));
    expect(state.parts.map(({ kind }) => kind)).toEqual(["stopped", "run", "failed", "stopped"]);
    expect(jobState.stopped(state)).toBe(state);
    expect(jobState.isSettled(state)).toBe(false);
    const again = jobState.begun(job, state);
    expect(again.parts.map(({ kind }) => kind)).toEqual(["running", "run", "running", "running"]);
    expect(jobState.begun({ ...job }, state).parts.map(({ kind }) => kind)).toEqual(Array(4).fill("running"));
  });

  test("one error of all machines is one of the job", () => {
    const all = [0, 1, 2, 3].reduce((state, place) => jobState.ended(state, place, failure), start());
    expect(jobState.commonFailure(all)).toEqual(failure);
    expect(jobState.commonFailure(jobState.ended(all, 2, { ...failure, message: "another" }))).toBeUndefined();
    expect(jobState.commonFailure(jobState.ended(start(), 0, failure))).toBeUndefined();
  });
});

describe("the plan", () => {
  test("names are those of the runs", () => {
    expect(plan.machines.map(({ label }) => label)).toEqual(machineLabels(runs));
  });

  test("a machine that cannot be is refused in the words of the command line; the others are as without it", async () => {
    const bad = { name: "arrayflex", set: { rows: 0 } };
    const [first, second, ...others] = job.machines;
    if (first === undefined || second === undefined) throw new Error("there are machines");
    for (const resources of ["published", "equal"] as const) {
      const with0 = valueOf(await engine.plan({ machines: [first, bad, second, ...others], resources }));
      const without = valueOf(await engine.plan({ machines: [first, second, ...others], resources }));
      const [, refused] = with0.machines;
      const { err } = await heddle("run", "alexnet", "--on", "arrayflex", "--set", "rows=0");
      expect(refused?.kind).toBe("refused");
      expect(err).toContain(refused?.kind === "refused" ? refused.message.split(":")[1]?.trim() : "nothing");
      const choices = (planned: Plan) =>
        planned.machines.flatMap((machine) => (machine.kind === "machine" ? [machine.choice] : []));
      expect(choices(with0)).toEqual(choices(without));
      expect(with0.remarks).toEqual(without.remarks);
    }
  });

  test("without the reference there are no equal resources", async () => {
    const machines = [
      { name: "arrayflex", set: { rows: 0 } },
      { name: "systolic", set: {} },
    ];
    expect((await engine.plan({ machines, resources: "equal" })).kind).toBe("fault");
    expect(valueOf(await engine.plan({ machines, resources: "published" })).machines.map(({ kind }) => kind)).toEqual([
      "refused",
      "machine",
    ]);
    expect((await engine.plan({ machines: machines.slice(0, 1), resources: "published" })).kind).toBe("fault");
    expect(
      valueOf(await engine.plan({ machines: [{ name: "nobody", set: {} }, ...job.machines], resources: "published" }))
        .machines[0],
    ).toMatchObject({
      kind: "refused",
      label: "nobody",
    });
  });
});
