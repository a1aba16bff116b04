// The figures behind the bench's pictures: runs lined up by layer, ratios to the reference, what a change made of them, and
// parts of time, energy and traffic. Pure.

import type { Job } from "../../engine/api.ts";
import { runsOf } from "../../shell/job-state.ts";
import type { JobState, Part as MachinePart } from "../../shell/job-state.ts";
import { causeColour } from "../../../src/report/html/palette.ts";
import { farthestBytes, keyUnion, layerCost, layerRows, machineLabels, stackCauses } from "../../../src/report/runs.ts";
import type { Metric } from "../../../src/report/runs.ts";
import { plural } from "../../../src/report/units.ts";
import type { LayerResult, RunResult } from "../../../src/simulate/result.ts";

/** A layer of the workload on every machine. */
export interface BenchRow {
  /** The layer's name; with `#2` and so on where a name comes again. */
  readonly key: string;
  readonly name: string;
  readonly index: number;
  readonly layers: readonly (LayerResult | undefined)[];
  /** The layer on the first machine that has it. */
  readonly any: LayerResult;
  /** By machine: what the objective compares. */
  readonly costs: readonly (number | undefined)[];
  /** Machines of least cost, draws included; empty when all draw or only one ran. */
  readonly best: readonly number[];
  /** Cost of the best of the others over that of the winners; undefined without a winner. */
  readonly margin: number | undefined;
}

/** A run, and the place of its machine among those chosen, by which its letter and colour go. */
export interface PlacedRun {
  readonly run: RunResult;
  readonly place: number;
}

/** Runs of one job, ready to be drawn; lists by machine have a place for each that was chosen. */
export interface BenchResult {
  readonly job: Job;
  /** By machine; undefined where there is none, yet or at all. */
  readonly runs: readonly (RunResult | undefined)[];
  /** The runs that there are. */
  readonly done: readonly PlacedRun[];
  /** By machine: a word for why there is no run; empty where there is one. */
  readonly notes: readonly string[];
  /** `2 of 4 machines` where comparisons are not of all, empty where they are. */
  readonly scope: string;
  readonly labels: readonly string[];
  readonly rows: readonly BenchRow[];
  readonly causes: readonly string[];
  readonly components: readonly string[];
}

const words: Readonly<Record<MachinePart["kind"], string>> = {
  run: "",
  running: "running",
  failed: "failed",
  stopped: "stopped",
};

/** What there is of a job, ready to be drawn. */
export const benchOf = (state: JobState): BenchResult =>
  benchResult(
    state.job,
    runsOf(state),
    state.parts.map(({ kind }) => words[kind]),
    state.labels,
  );

/** Lines the runs up. `names` are the machines' labels while not all have run. */
export function benchResult(
  job: Job,
  runs: readonly (RunResult | undefined)[],
  notes: readonly string[] = runs.map(() => ""),
  names: readonly string[] = job.machines.map(({ name }) => name),
): BenchResult {
  const done = runs.flatMap((run, place): PlacedRun[] => (run === undefined ? [] : [{ run, place }]));
  const there = done.map(({ run }) => run);
  const objective = there[0]?.objective ?? job.objective;
  const seen = new Map<string, number>();
  const rows = layerRows(there).flatMap((row, index): BenchRow[] => {
    const { name } = row;
    const layers: (LayerResult | undefined)[] = runs.map(() => undefined);
    done.forEach(({ place }, at) => {
      layers[place] = row.layers[at];
    });
    const best = row.best.flatMap((at) => done[at]?.place ?? []);
    const any = layers.find((layer) => layer !== undefined);
    if (any === undefined) return [];
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    const costs = layers.map((layer) => layerCost(layer, objective));
    const key = occurrence === 1 ? name : `${name}#${occurrence}`;
    return [{ key, name, index, layers, any, costs, best, margin: marginOf(costs, best) }];
  });
  return {
    job,
    runs,
    done,
    notes,
    scope: done.length < runs.length ? `${done.length} of ${plural(runs.length, "machine")}` : "",
    labels: done.length < runs.length ? names : machineLabels(there),
    rows,
    causes: stackCauses(there),
    components: componentsOf(there),
  };
}

/** The machines' names, with why there is nothing of one. */
export const namesWithNotes = ({ labels, notes }: BenchResult): readonly string[] =>
  labels.map((label, place) => (notes[place] === "" ? label : `${label} (${notes[place] ?? ""})`));

/** The winners of a layer in words; empty while there is nothing to win against. */
export function winnerText(
  { done, labels }: BenchResult,
  best: readonly number[],
  nameOf = (place: number) => labels[place] ?? "",
  and = " and ",
): string {
  if (done.length < 2) return "";
  return best.length === 0 ? "draw" : best.map(nameOf).join(and);
}

/** The machines without a run, by their places. */
export const missingPlaces = ({ runs }: BenchResult): readonly number[] =>
  runs.flatMap((run, place) => (run === undefined ? [place] : []));

function marginOf(costs: readonly (number | undefined)[], best: readonly number[]): number | undefined {
  const least = costs[best[0] ?? -1];
  if (least === undefined || least === 0) return undefined;
  const others = costs.flatMap((cost, index) => (cost === undefined || best.includes(index) ? [] : [cost]));
  return others.length === 0 ? undefined : Math.min(...others) / least;
}

/** Components by the largest share of a machine's energy that they have, largest first; none that is 0 everywhere. */
function componentsOf(runs: readonly RunResult[]): readonly string[] {
  const share = (component: string): number =>
    Math.max(
      ...runs.map(({ total }) => (total.energy > 0 ? (total.energyComponents[component] ?? 0) / total.energy : 0)),
    );
  return keyUnion(runs.map(({ total }) => total.energyComponents))
    .map((component) => ({ component, share: share(component) }))
    .filter((each) => each.share > 0)
    .sort((a, b) => b.share - a.share)
    .map(({ component }) => component);
}

/** A letter for the machine at `index`: A to Z, then A2 ... */
export const machineMark = (index: number): string =>
  `${String.fromCharCode(65 + (index % 26))}${index < 26 ? "" : String(Math.floor(index / 26) + 1)}`;

const symbols = ["circle", "diamond2", "triangle", "square", "star", "wye", "cross"] as const;
const signs = ["●", "◆", "▲", "■", "★", "Y", "✚"] as const;

/** The shape of a machine's marks, as Plot calls it, and as a sign for legends. */
export const machineSymbol = (index: number): (typeof symbols)[number] => symbols[index % symbols.length] ?? "circle";
export const machineSign = (index: number): string => signs[index % signs.length] ?? "●";

/** One part of a stacked bar, from `start` to `end` in the bar's unit. */
export interface Part {
  readonly bar: number;
  readonly part: number;
  readonly start: number;
  readonly end: number;
}

/** Seconds of each cause: cycles of a layer take their share of its time, because clocks differ by mapping. */
export function causeSeconds(run: RunResult | undefined, causes: readonly string[]): readonly number[] {
  return causes.map((cause) => run?.layers.reduce((sum, layer) => sum + layerCauseSeconds(layer, cause), 0) ?? 0);
}

export const layerCauseSeconds = (layer: LayerResult, cause: string): number =>
  layer.cycles > 0 ? ((layer.stack[cause] ?? 0) / layer.cycles) * layer.seconds : 0;

/** Values laid end to end, bar by bar; parts of no length are left out. */
export function stacked(bars: readonly (readonly number[])[]): readonly Part[] {
  return bars.flatMap((values, bar) => {
    let at = 0;
    return values.flatMap((value, part): Part[] => {
      if (!(value > 0)) return [];
      at += value;
      return [{ bar, part, start: at - value, end: at }];
    });
  });
}

/** As many as there are colours. */
const mostComponents = 8;

/** The largest parts by name, with all others as one at the end where there are more than `most`. */
export function foldedEnergy(
  { runs, components }: BenchResult,
  most = mostComponents,
): { readonly names: readonly string[]; readonly bars: readonly (readonly number[])[] } {
  const own = components.length <= most ? components : components.slice(0, most - 1);
  const rest = components.slice(own.length);
  const bars = runs.map((run) => {
    const joules = run?.total.energyComponents ?? {};
    return [
      ...own.map((name) => joules[name] ?? 0),
      ...(rest.length === 0 ? [] : [rest.reduce((sum, name) => sum + (joules[name] ?? 0), 0)]),
    ];
  });
  return { names: rest.length === 0 ? own : [...own, `${rest.length} others`], bars };
}

/** Colour of a component of `foldedEnergy`'s names; those that are not among them have that of the last, the others. */
export function componentColour(names: readonly string[], name: string): string {
  const place = names.indexOf(name);
  // Off by one, so that the largest component does not look like the useful cycles.
  return causeColour(((place < 0 ? names.length - 1 : place) + 1) % mostComponents);
}

/** Bytes of a memory of a machine over the whole run, far memories first. */
export interface MemoryBytes {
  readonly run: number;
  readonly memory: string;
  readonly read: number;
  readonly write: number;
}

export const memoryBytes = (done: readonly PlacedRun[]): readonly MemoryBytes[] =>
  done.flatMap(({ run, place }) =>
    Object.entries(run.total.traffic).map(([memory, { read, write }]) => ({ run: place, memory, read, write })),
  );

/** Indices of points that no other beats in both, from the fastest. */
export function paretoFront(
  points: readonly { readonly seconds: number; readonly energy: number }[],
): readonly number[] {
  const order = points.map((_, index) => index);
  order.sort((a, b) => {
    const [one, other] = [points[a], points[b]];
    return one === undefined || other === undefined ? 0 : one.seconds - other.seconds || one.energy - other.energy;
  });
  let least = Infinity;
  return order.filter((index) => {
    const energy = points[index]?.energy ?? Infinity;
    if (energy >= least) return false;
    least = energy;
    return true;
  });
}

/** Relative change from `before` to `now`; undefined where it is none that three digits show. */
export function changeOf(metric: Metric, now: RunResult, before: RunResult | undefined): number | undefined {
  if (before === undefined) return undefined;
  const [value, earlier] = [metric.value(now), metric.value(before)];
  if (earlier === 0 || Math.abs(value - earlier) <= 5e-4 * Math.abs(earlier)) return undefined;
  return value / earlier - 1;
}

/** What the table can show of every machine. */
export interface LayerFigure {
  readonly key: string;
  readonly title: string;
  readonly unit?: string;
  readonly value: (layer: LayerResult) => number | string | undefined;
}

export const layerFigures: readonly LayerFigure[] = [
  { key: "seconds", title: "time", unit: "s", value: ({ seconds }) => seconds },
  { key: "energy", title: "energy", unit: "J", value: ({ energy }) => energy.total },
  { key: "edp", title: "energy-delay product", unit: "J·s", value: ({ energy, seconds }) => energy.total * seconds },
  { key: "cycles", title: "cycles", unit: "cycles", value: ({ cycles }) => cycles },
  { key: "traffic", title: "off-chip traffic", unit: "B", value: ({ traffic }) => farthestBytes(traffic) },
  { key: "utilisation", title: "utilisation", unit: "fraction", value: ({ utilisation }) => utilisation },
  { key: "mapping", title: "mapping", value: ({ mapping }) => mapping },
];
