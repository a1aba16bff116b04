// Best schedules of all layers of ResNet-50 on flexnn, found by two processes: seconds, schedules a second, and the gap to
// the best that much longer runs have found (bench/search-best.json holds those schedules; `node bench/search.ts long
// [seed]` looks for better ones). Then the search against the whole space.

import { fork } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { acceleratorNamed } from "../src/accelerator/accelerators.ts";
import { evaluateSchedule } from "../src/dataflow/nest/evaluate.ts";
import { prepareNest } from "../src/dataflow/nest/prepare.ts";
import { namedConstraints } from "../src/mapping/nest/constraints.ts";
import { nestProblem } from "../src/mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../src/mapping/nest/schedule.ts";
import { checkSchedule } from "../src/mapping/nest/validate.ts";
import type { Objective } from "../src/simulate/machine.ts";
import { prepareNestMachine } from "../src/simulate/nest/prepare-nest-machine.ts";
import { nestCost, nestScore } from "../src/simulate/nest/search/search-price.ts";
import type { PreparedSearch, SearchEffort } from "../src/simulate/nest/search/search-prepare.ts";
import { defaultEffort, prepareSearch } from "../src/simulate/nest/search/search-prepare.ts";
import { searchProgress, searchSchedule } from "../src/simulate/nest/search/search.ts";
import { nestLayer } from "../src/simulate/nest/simulate-nest.ts";
import { computeLayers } from "../src/simulate/simulate-network.ts";
import { technology } from "../src/technology/technologies.ts";
import type { ComputeLayer } from "../src/workload/layer.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { levelPrice } from "../test/support/nest-machines.ts";
import { print } from "./measure.ts";

const bestFile = new URL("search-best.json", import.meta.url);
const objectives = ["edp", "energy"] as const;
const { machine } = acceleratorNamed("flexnn").configure({});
if (machine.kind !== "nest") throw new Error("flexnn is a machine of loop nests");
const prepared = prepareNestMachine(machine, technology(machine.technology));

interface Job {
  readonly layer: ComputeLayer;
  readonly objective: Objective;
  readonly known: readonly Schedule[];
  readonly effort: Partial<SearchEffort>;
}

interface Done {
  readonly name: string;
  readonly objective: Objective;
  readonly schedule: Schedule | undefined;
  readonly score: number;
  readonly sampled: number;
  readonly evaluations: number;
  /** Of a processor, all in. */
  readonly seconds: number;
}

type Best = Record<string, Record<string, Schedule>>;

/** The free search for a layer without zeros. */
const searchOf = (layer: ComputeLayer, objective: Objective): PreparedSearch =>
  nestLayer(layer, prepared, { objective, check: "off", auditPercent: 0, seed: 1 }).search("search");

function work({ layer, objective, known, effort }: Job): Done {
  const before = process.cpuUsage();
  const own = searchOf(layer, objective);
  const state = searchSchedule(prepareSearch({ ...own.task, known }, { ...own.effort, ...effort }));
  const { sampled, evaluations } = searchProgress(state);
  const score = state.best === null ? Number.NaN : nestScore(own.task.price, objective, state.best);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  return { name: layer.name, objective, schedule: state.best?.schedule, score, sampled, evaluations, seconds };
}

/** Distinct layers of ResNet-50, with how many layers each stands for. */
function distinctLayers(): readonly { readonly layer: ComputeLayer; readonly count: number }[] {
  const found = new Map<string, { layer: ComputeLayer; count: number }>();
  for (const layer of computeLayers(builtinNetwork("resnet50"))) {
    const key = JSON.stringify(layer.operation);
    const seen = found.get(key);
    if (seen === undefined) found.set(key, { layer: { ...layer, density: { A: 1, B: 1 } }, count: 1 });
    else seen.count += 1;
  }
  return [...found.values()];
}

/** Hands jobs to two processes, the next one to whichever is free. */
async function onTwoProcesses(jobs: readonly Job[], each: (done: Done) => void): Promise<void> {
  let next = 0;
  const process = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(new URL(import.meta.url), ["child"]);
      const give = (): void => {
        const job = jobs[next];
        next += 1;
        if (job === undefined) child.disconnect();
        else child.send(job);
      };
      child.on("message", (done: Done) => {
        each(done);
        give();
      });
      child.on("error", reject);
      child.on("exit", () => resolve());
      give();
    });
  await Promise.all([process(), process()]);
}

const isBest = (value: unknown): value is Best => typeof value === "object" && value !== null;

function readBest(): Best {
  if (!existsSync(bestFile)) return {};
  const best: unknown = JSON.parse(readFileSync(bestFile, "utf8"));
  return isBest(best) ? best : {};
}

async function main(): Promise<void> {
  const long = process.argv[2] === "long";
  const best = readBest();
  const layers = distinctLayers();
  const scoreOf = ({ task }: PreparedSearch, schedule: Schedule): number =>
    nestScore(task.price, task.objective, nestCost(task.price, task.evaluate(schedule)));
  const effort: Partial<SearchEffort> = long ? { seed: Number(process.argv[3] ?? 1000), starts: 6, moves: 50_000 } : {};
  for (const objective of objectives) {
    const start = process.hrtime.bigint();
    const jobs = layers.map(({ layer }): Job => {
      const known = best[objective]?.[layer.name];
      return { layer, objective, known: long && known !== undefined ? [known] : [], effort };
    });
    const results: Done[] = [];
    await onTwoProcesses(jobs, (done) => {
      results.push(done);
      if (!long || done.schedule === undefined) return;
      best[objective] = { ...best[objective], [done.name]: done.schedule };
      writeFileSync(bestFile, `${JSON.stringify(best)}\n`);
    });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const gaps = layers.map(({ layer, count }) => {
      const { name } = layer;
      const done = results.find((result) => result.name === name);
      const schedule = done?.schedule;
      if (done === undefined || schedule === undefined) throw new Error(`no schedule of ${name}`);
      const search = searchOf(layer, objective);
      const faults = checkSchedule(search.task.problem, search.task.hierarchy, schedule);
      if (faults.length > 0) throw new Error(`${name}: ${faults[0]?.message}`);
      const known = best[objective]?.[name];
      return { name, count, gap: known === undefined ? 0 : done.score / scoreOf(search, known) - 1 };
    });
    const worst = gaps.reduce((most, gap) => (gap.gap > most.gap ? gap : most));
    const within = gaps.reduce((sum, { gap, count }) => sum + (gap <= 0.01 ? count : 0), 0);
    const sum = (of: (done: Done) => number): number => results.reduce((total, done) => total + of(done), 0);
    const resnet = `search of ResNet-50, ${objective}`;
    const busy = sum((done) => done.seconds);
    print({ name: `${resnet}: all layers, two processes`, value: seconds, unit: "s", target: 30, wants: "at most" });
    print({
      name: `${resnet}: processor time over two cores`,
      value: busy / 2,
      unit: "s",
      target: 30,
      wants: "at most",
    });
    print({
      name: `${resnet}: layers of 54 within 1 % of the best known`,
      value: within,
      unit: "layers",
      target: 54,
      wants: "at least",
    });
    print({
      name: `${resnet}: largest gap (${worst.name})`,
      value: Math.max(0, worst.gap) * 100,
      unit: "%",
      target: 1,
      wants: "at most",
    });
    print({
      name: `${resnet}: schedules looked at, a thread`,
      value: sum((done) => done.sampled) / seconds / 2,
      unit: "schedules/s",
      target: 200_000,
      wants: "at least",
    });
    print({
      name: `${resnet}: schedules evaluated`,
      value: sum((done) => done.evaluations) / layers.length,
      unit: "a layer",
      target: 1,
      wants: "at least",
    });
  }
  if (!long) smallSpaces();
}

/** Problems whose aligned space branch and bound walks to its end: the annealing alone against the proven optimum. */
function smallSpaces(): void {
  const infinite = Number.POSITIVE_INFINITY;
  const memory = { overlapped: true, readBytesPerCycle: 4, writeBytesPerCycle: 4, sharedPort: false };
  const small: Hierarchy = {
    levels: [
      {
        name: "dram",
        memories: [{ ...memory, name: "dram", operands: ["A", "B", "C"], bytes: infinite }],
        axes: [{ name: "units", units: 6, reduction: "tree", multicast: true }],
      },
      { name: "local", memories: [{ ...memory, name: "local", operands: ["A", "B", "C"], bytes: 64 }], axes: [] },
    ],
    wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
  };
  const price = levelPrice([100, 1]);
  let worst = 0;
  let proven = 0;
  const sizes = [6, 7, 9, 13];
  for (const M of sizes) {
    for (const K of sizes) {
      const problem = nestProblem({ operator: "matmul", batch: 1, M, N: 7, K });
      const nest = prepareNest(problem, small);
      const evaluate = (schedule: Schedule) => evaluateSchedule(nest, schedule);
      const constraints = namedConstraints("any", problem, small);
      const task = { problem, hierarchy: small, constraints, price, objective: "edp", evaluate } as const;
      const run = (change: Partial<SearchEffort>) =>
        searchSchedule(prepareSearch(task, { ...defaultEffort, moves: 4000, ...change }));
      const exact = run({ enumerate: 1e12, nodes: 1e9 });
      const chance = run({ enumerate: 0 });
      if (exact.best === null || chance.best === null) throw new Error("no schedule");
      if (exact.proven) proven += 1;
      worst = Math.max(worst, nestScore(price, "edp", chance.best) / nestScore(price, "edp", exact.best) - 1);
    }
  }
  print({
    name: "small problems walked to the end (of 16)",
    value: proven,
    unit: "problems",
    target: 16,
    wants: "at least",
  });
  print({
    name: "largest gap of annealing alone to the proven optimum",
    value: worst * 100,
    unit: "%",
    target: 1,
    wants: "at most",
  });
}

if (process.argv[2] === "child") process.on("message", (job: Job) => process.send?.(work(job)));
else await main();
