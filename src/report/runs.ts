// Lines up several runs of one workload: names that tell the machines apart, layers side by side, the best machine of
// each layer, the metrics of a total with their units, and the causes, memories and components that any run names.

import type { LayerResult, RunResult } from "../simulate/result.ts";
import { engineering, grouped, percent, squareMillimetres } from "./units.ts";

/** One layer of the workload on every machine; undefined where a machine has no such layer. */
export interface LayerRow {
  readonly name: string;
  readonly layers: readonly (LayerResult | undefined)[];
  /** Runs with the least cost under the first run's objective; empty when all are equal or only one ran. */
  readonly best: readonly number[];
}

/**
 * Rows in the order of the first run, with the layers that only later runs have at the end. Layers are matched by
 * name, and equal names by their order of appearance.
 */
export function layerRows(runs: readonly RunResult[]): readonly LayerRow[] {
  const rows = new Map<string, { name: string; layers: (LayerResult | undefined)[] }>();
  runs.forEach((run, index) => {
    const seen = new Map<string, number>();
    for (const layer of run.layers) {
      const occurrence = seen.get(layer.name) ?? 0;
      seen.set(layer.name, occurrence + 1);
      const key = `${String(occurrence)} ${layer.name}`;
      let row = rows.get(key);
      if (row === undefined) {
        row = { name: layer.name, layers: runs.map(() => undefined) };
        rows.set(key, row);
      }
      row.layers[index] = layer;
    }
  });
  const objective = runs[0]?.objective ?? "seconds";
  return [...rows.values()].map((row) => ({
    ...row,
    best: bestOf(row.layers.map((layer) => layerCost(layer, objective))),
  }));
}

/**
 * What a layer costs when machines are compared. Cycles of machines with different clocks cannot be compared, so the
 * objectives `cycles` and `seconds` both compare seconds.
 */
export function layerCost(layer: LayerResult | undefined, objective: RunResult["objective"]): number | undefined {
  if (layer === undefined) return undefined;
  if (objective === "energy") return layer.energy.total;
  if (objective === "edp") return layer.energy.total * layer.seconds;
  return layer.seconds;
}

/** Name of what `layerCost` compares. */
export function costName(objective: RunResult["objective"]): string {
  return objective === "energy" ? "energy" : objective === "edp" ? "energy-delay product" : "time";
}

/** Values this close, relative to the larger, are a draw: reports print three digits. */
const drawTolerance = 5e-4;

/** Indices of the least values, draws included; empty when fewer than two are defined or when all draw. */
export function bestOf(values: readonly (number | undefined)[]): readonly number[] {
  const defined = values.filter((value) => value !== undefined);
  const least = Math.min(...defined);
  const draws = (value: number): boolean => value - least <= drawTolerance * Math.max(Math.abs(value), Math.abs(least));
  if (defined.length < 2 || defined.every(draws)) return [];
  return values.flatMap((value, index) => (value !== undefined && draws(value) ? [index] : []));
}

/** What tells the machines of runs apart. */
export type MachineIdentity = Pick<RunResult, "accelerator" | "parameters" | "technology">;

/** A name for each run; where runs share an accelerator, with as few parameters as tell them apart. */
export function machineLabels(runs: readonly MachineIdentity[]): readonly string[] {
  const labels = runs.map((run) => {
    const twins = runs.filter((other) => other.accelerator === run.accelerator);
    return [run.accelerator, ...distinctions(run, twins)].join(" ");
  });
  return labels.map((label, index) => {
    const before = labels.slice(0, index).filter((other) => other === label).length;
    return labels.filter((other) => other === label).length === 1 ? label : `${label} #${String(before + 1)}`;
  });
}

/** `path=value` of the parameters that tell `run` from its `twins`: each one must separate runs that none before did. */
function distinctions(run: MachineIdentity, twins: readonly MachineIdentity[]): readonly string[] {
  const paths = keyUnion(twins.map((twin) => twin.parameters));
  const kinds = (used: readonly string[]): number =>
    new Set(twins.map((twin) => JSON.stringify(used.map((path) => twin.parameters[path] ?? null)))).size;
  let used: readonly string[] = [];
  for (const path of paths) {
    if (kinds(used) === twins.length) break;
    if (kinds([...used, path]) > kinds(used)) used = [...used, path];
  }
  const parts = used.map((path) => `${path}=${parameterText(run.parameters[path])}`);
  return new Set(twins.map((twin) => twin.technology)).size > 1 ? [...parts, run.technology] : parts;
}

/** A parameter for a label: small numbers in full, large ones with a prefix. */
function parameterText(value: number | string | undefined): string {
  if (typeof value !== "number") return value ?? "none";
  return Math.abs(value) < 1e5 ? String(value) : engineering(value, "", 4).replace(" ", "");
}

/** One figure of a run's total, in SI units. */
export interface Metric {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Which direction is better; `neither` where the figure only describes. */
  readonly better: "lower" | "higher" | "neither";
  readonly value: (run: RunResult) => number;
  readonly print: (value: number) => string;
}

const metric = (
  key: string,
  title: string,
  unit: string,
  better: Metric["better"],
  value: Metric["value"],
  print: Metric["print"] = (number) => engineering(number, unit),
): Metric => ({ key, title, unit, better, value, print });

/** The metrics of a total, in the order in which reports show them. */
export const totalMetrics: readonly Metric[] = [
  metric("seconds", "time", "s", "lower", (run) => run.total.seconds),
  metric("cycles", "cycles", "cycles", "neither", (run) => run.total.cycles, grouped),
  metric("energy", "energy", "J", "lower", (run) => run.total.energy),
  metric("power", "average power", "W", "lower", (run) => run.total.power),
  metric("edp", "energy-delay product", "J·s", "lower", (run) => run.total.edp),
  metric("area", "area", "mm²", "lower", (run) => run.total.area, squareMillimetres),
  metric("utilisation", "utilisation", "%", "higher", (run) => run.total.utilisation, percent),
  metric("throughput", "throughput", "MAC/s", "higher", (run) => run.total.macs.dense / run.total.seconds),
  metric("traffic", "off-chip traffic", "B", "lower", offChipBytes),
  metric("dense", "dense MACs", "MAC", "neither", (run) => run.total.macs.dense),
  metric("effectual", "effectual MACs", "MAC", "neither", (run) => run.total.macs.effectual),
];

/** Runs with the best value of a metric; none where the metric only describes. */
export function bestIn(metric: Metric, values: readonly number[]): readonly number[] {
  if (metric.better === "neither" || values.some((value) => Number.isNaN(value))) return [];
  return bestOf(metric.better === "lower" ? values : values.map((value) => -value));
}

/** Name of the farthest memory, or undefined when no layer moves anything. */
export function farthestMemory(run: RunResult): string | undefined {
  return Object.keys(run.total.traffic)[0];
}

/** Bytes read from and written to the farthest memory by a layer or in total. */
export function farthestBytes(traffic: LayerResult["traffic"]): number {
  const far = Object.values(traffic)[0];
  return far === undefined ? 0 : far.read + far.write;
}

function offChipBytes(run: RunResult): number {
  return farthestBytes(run.total.traffic);
}

/** Union of the keys of `records` in order of first appearance. */
export function keyUnion(records: Iterable<Readonly<Record<string, unknown>>>): readonly string[] {
  const keys = new Set<string>();
  for (const record of records) for (const key of Object.keys(record)) keys.add(key);
  return [...keys];
}

/** Every cause that a cycle stack of these runs names, `useful` first. */
export function stackCauses(runs: readonly RunResult[]): readonly string[] {
  const causes = keyUnion(runs.flatMap((run) => [run.total.stack, ...run.layers.map((layer) => layer.stack)]));
  return causes.includes("useful") ? ["useful", ...causes.filter((cause) => cause !== "useful")] : causes;
}

/** How often each mapping was chosen, and for how long it ran; most layers first, ties by first appearance. */
export function mappingUse(
  run: RunResult,
): readonly { readonly mapping: string; readonly layers: number; readonly seconds: number }[] {
  const uses = new Map<string, { mapping: string; layers: number; seconds: number }>();
  for (const layer of run.layers) {
    const use = uses.get(layer.mapping) ?? { mapping: layer.mapping, layers: 0, seconds: 0 };
    use.layers += 1;
    use.seconds += layer.seconds;
    uses.set(layer.mapping, use);
  }
  return [...uses.values()].sort((a, b) => b.layers - a.layers);
}

/**
 * Mapping names without the words that all of them share: ["ws k=1", "ws k=2"] gives ["k=1", "k=2"]. A name that
 * would vanish keeps its last word.
 */
export function shortMappings(names: readonly string[]): ReadonlyMap<string, string> {
  const words = names.map((name) => name.split(" "));
  const common = new Set((words[0] ?? []).filter((word) => words.every((other) => other.includes(word))));
  return new Map(
    names.map((name, index) => {
      const own = words[index] ?? [];
      const rest = own.filter((word) => !common.has(word));
      return [name, rest.length === 0 ? (own.at(-1) ?? name) : rest.join(" ")];
    }),
  );
}
