// What the bench's pictures are drawn from, against straightforward references, and the text of command lines.

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { runWorkload } from "../../src/workbench/run.ts";
import { totalMetrics } from "../../src/report/runs.ts";
import type { RunResult } from "../../src/simulate/result.ts";
import { commandOf } from "../../studio/bench/data/command.ts";
import { workloadOf } from "../../studio/shell/workload-files.ts";
import {
  benchResult,
  causeSeconds,
  changeOf,
  foldedEnergy,
  machineMark,
  paretoFront,
  stacked,
} from "../../studio/bench/data/prepare.ts";
import { comparable } from "../../studio/shell/comparable.ts";
import type { Job } from "../../studio/engine/api.ts";

const job: Job = {
  workload: "alexnet",
  files: [],
  machines: [
    { name: "tpu-v1", set: {} },
    { name: "arrayflex", set: {} },
  ],
  objective: "seconds",
  seed: 1,
  resources: "published",
  density: "",
  layers: "",
};

async function runOn(machine: string, set: Record<string, number> = {}): Promise<RunResult> {
  return runWorkload(builtinNetwork("alexnet"), {
    accelerator: machine,
    set,
    objective: "seconds",
    seed: 1,
    check: "off",
    auditPercent: 0,
    threads: 1,
  });
}

let runs: RunResult[];
beforeAll(async () => {
  runs = [await runOn("tpu-v1"), await runOn("arrayflex")];
});

describe("figures", () => {
  test("winners and margins are those of the least cost", () => {
    for (const { layers, best, margin } of benchResult(job, runs).rows) {
      const [a = 0, b = 0] = layers.map((layer) => layer?.seconds ?? 0);
      if (best.length === 0) expect(Math.abs(a - b)).toBeLessThan(1e-3 * Math.max(a, b));
      else {
        expect(best).toEqual([a < b ? 0 : 1]);
        expect(margin).toBeCloseTo(Math.max(a, b) / Math.min(a, b), 12);
      }
    }
  });

  test("parts of time and energy sum to their totals", () => {
    const result = benchResult(job, runs);
    for (const [index, run] of runs.entries()) {
      const seconds = causeSeconds(run, result.causes).reduce((sum, part) => sum + part, 0);
      expect(seconds / run.total.seconds).toBeCloseTo(1, 9);
      for (const most of [2, 3, 100]) {
        const joules = foldedEnergy(result, most).bars[index]?.reduce((sum, part) => sum + part, 0) ?? 0;
        expect(joules / run.total.energy).toBeCloseTo(1, 9);
      }
    }
  });

  test("stacked parts lie end to end", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(100), { maxLength: 6 }), { maxLength: 5 }), (bars) => {
        const parts = stacked(bars);
        bars.forEach((bar, index) => {
          const own = parts.filter((part) => part.bar === index);
          expect(own.at(-1)?.end ?? 0).toBe(bar.reduce((sum, value) => sum + value, 0));
          own.forEach((part, at) => {
            expect(part.start).toBe(own[at - 1]?.end ?? 0);
          });
        });
      }),
    );
  });

  test("the Pareto front is what no other point beats in both", () => {
    const point = fc.record({ seconds: fc.nat(20), energy: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 12 }), (points) => {
        const front = paretoFront(points);
        points.forEach((each, index) => {
          const beaten = points.some(
            (other) =>
              other.seconds <= each.seconds &&
              other.energy <= each.energy &&
              (other.seconds < each.seconds || other.energy < each.energy),
          );
          // Of equal points one stands for all.
          if (beaten) expect(front).not.toContain(index);
          else {
            expect(front.some((at) => points[at]?.seconds === each.seconds && points[at].energy === each.energy)).toBe(
              true,
            );
          }
        });
      }),
    );
  });

  test("a change is compared with the same machines on the same workload only", async () => {
    const changed = [runs[0] ?? (await runOn("tpu-v1")), await runOn("arrayflex", { rows: 64, columns: 64 })];
    const now = { job: { ...job, machines: [...job.machines] }, runs: changed };
    expect(comparable(now, { job, runs })).toEqual(runs);
    expect(comparable(now, { job: { ...job, seed: 2 }, runs })).toBeUndefined();
    expect(comparable(now, { job, runs: runs.toReversed() })).toBeUndefined();
    expect(comparable(now, { job, runs: runs.slice(1) })).toBeUndefined();
    // A machine without a run, now or before, has nothing to be compared with; the others have.
    expect(comparable({ ...now, runs: [undefined, changed[1]] }, { job, runs })).toEqual([undefined, runs[1]]);
    expect(comparable(now, { job, runs: [runs[0], undefined] })).toEqual([runs[0], undefined]);
    const [time] = totalMetrics;
    if (time === undefined || changed[1] === undefined) throw new Error("there are metrics");
    expect(changeOf(time, changed[1], runs[1])).toBeCloseTo(
      changed[1].total.seconds / (runs[1]?.total.seconds ?? 0) - 1,
      12,
    );
    expect(changeOf(time, changed[1], changed[1])).toBeUndefined();
  });

  test("layers of one name keep apart", () => {
    const [first] = runs;
    const [layer] = first?.layers ?? [];
    if (first === undefined || layer === undefined) throw new Error("alexnet has layers");
    const twice = { ...first, layers: [layer, layer] };
    expect(benchResult(job, [twice]).rows.map(({ key }) => key)).toEqual([layer.name, `${layer.name}#2`]);
  });

  test("marks of machines are letters, and stay different past Z", () => {
    const marks = Array.from({ length: 60 }, (_, index) => machineMark(index));
    expect(marks.slice(0, 3)).toEqual(["A", "B", "C"]);
    expect(new Set(marks).size).toBe(60);
  });
});

describe("the command line of a job", () => {
  test.each<[string, Partial<Job>, string]>([
    ["plain", {}, "heddle compare alexnet --on tpu-v1,arrayflex --as-published"],
    ["equal resources", { resources: "equal" }, "heddle compare alexnet --on tpu-v1,arrayflex"],
    [
      "one machine",
      { machines: [{ name: "arrayflex", set: { rows: 64, clock: 1.5e9 }, mapping: "weight-stationary k=2" }] },
      "heddle run alexnet --on arrayflex --set rows=64 --set clock=1500000000 --mapping 'arrayflex:weight-stationary k=2'",
    ],
    [
      "everything else",
      { workload: "my model.onnx", objective: "edp", layers: "conv*,3-7", density: "A=0.5", seed: 7 },
      "heddle compare 'my model.onnx' --on tpu-v1,arrayflex --as-published --objective edp --layers 'conv*,3-7' --density A=0.5 --seed 7",
    ],
  ])("%s", (_, part, line) => {
    const machines = part.machines ?? job.machines;
    expect(commandOf({ ...job, ...part, machines })).toEqual({ lines: [line] });
  });

  test("quotes in a name survive a shell", () => {
    expect(commandOf({ ...job, workload: "it's.onnx" }).lines[0]).toContain(`'it'\\''s.onnx'`);
  });

  test("a machine that stands twice comes from a file", () => {
    const machines = [
      { name: "systolic", set: {} },
      { name: "systolic", set: { rows: 32, bandwidth: Infinity } },
      { name: "arrayflex", set: { "clock.k1": 1.7e9 } },
    ];
    const { lines, config } = commandOf({ ...job, machines });
    expect(lines).toEqual(["heddle compare alexnet --config machines.yaml --as-published"]);
    expect(config).toBe("machines.yaml");
  });

  test("twins with different mappings get a command each", () => {
    const machines = [
      { name: "systolic", set: {}, mapping: "weight-stationary" },
      { name: "systolic", set: {} },
    ];
    const { lines, note } = commandOf({ ...job, machines });
    expect(lines).toEqual([
      "heddle run alexnet --on systolic --mapping systolic:weight-stationary",
      "heddle run alexnet --on systolic",
    ]);
    expect(note).toBeDefined();
  });
});

describe("files as a workload", () => {
  test.each([
    [["model.onnx", "model.onnx_data"], "model.onnx"],
    [["a.mtx"], "a.mtx"],
    [["a.mtx.gz", "b.npy"], "a.mtx.gz,b.npy"],
    [["net.csv"], "net.csv"],
    [["weights.bin"], undefined],
    [["a.mtx", "b.mtx", "c.mtx"], undefined],
    [["a,b.mtx", "c.mtx"], undefined],
  ])("%j", (names, workload) => {
    const choice = workloadOf(names);
    expect(choice.workload).toBe(workload);
    expect(choice.remarks.length > 0).toBe(workload === undefined);
  });
});
