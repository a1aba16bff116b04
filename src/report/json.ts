// Runs as one JSON document. Fields of known shape come in a fixed order, whatever order they were built in, and
// open tables (stacks, memories, components, parameters) in the run's own order, which for memories means something.

import type { Conversion, ConversionTotal, LayerResult, RunResult, RunTotal } from "../simulate/result.ts";
import { layerRows, machineLabels } from "./runs.ts";
import { ratioTo } from "./units.ts";

const runKeys: readonly (keyof RunResult)[] = [
  "version",
  "workload",
  "accelerator",
  "parameters",
  "technology",
  "energyTables",
  "objective",
  "seed",
  "peak",
  "layers",
  "total",
  "areaComponents",
  "conversions",
  "layouts",
  "warnings",
];
const layerKeys: readonly (keyof LayerResult)[] = [
  "name",
  "operator",
  "M",
  "N",
  "K",
  "count",
  "density",
  "densitySource",
  "nonZeros",
  "mapping",
  "loops",
  "schedule",
  "macs",
  "cycles",
  "clock",
  "seconds",
  "utilisation",
  "stack",
  "bound",
  "sparsity",
  "counts",
  "traffic",
  "energy",
  "conversion",
  "layout",
  "check",
  "alternatives",
  "front",
];
const totalKeys: readonly (keyof RunTotal)[] = [
  "cycles",
  "seconds",
  "macs",
  "energy",
  "power",
  "area",
  "edp",
  "utilisation",
  "stack",
  "energyComponents",
  "traffic",
];
const innerKeys = [
  "counted",
  "operand",
  "from",
  "to",
  "conversions",
  "elements",
  "A",
  "B",
  "C",
  "macsPerSecond",
  "bytesPerSecond",
  "dense",
  "effectual",
  "executed",
  "skipped",
  "gated",
  "effectualSource",
  "total",
  "components",
  "mapping",
  "cycles",
  "seconds",
  "energy",
  "read",
  "write",
  "operands",
];

/** One run as JSON: the `RunResult` itself, with "unlimited" for infinity. Throws on NaN, which no result may hold. */
export function runJson(run: RunResult): string {
  return jsonDocument(orderedRun(run));
}

/**
 * One run as by `runJson`; several as `{ "version": 1, "runs": [...] }`. With `ratios`, and more than one run, the
 * document also says each figure divided by the first run's (null where that is 0 and ours is not).
 */
export function runsJson(runs: readonly RunResult[], options: { readonly ratios?: boolean } = {}): string {
  const [only] = runs;
  if (only !== undefined && runs.length === 1) return runJson(only);
  const parts = { version: 1, runs: runs.map(orderedRun) };
  return jsonDocument(options.ratios === true ? { ...parts, ratios: ratios(runs) } : parts);
}

/** Figures of each run over those of the first; below 1 is less. Layers in the order of `layerRows`. */
export interface Ratios {
  readonly reference: string;
  readonly runs: readonly {
    readonly label: string;
    readonly accelerator: string;
    readonly total: Readonly<Record<(typeof ratioMetrics)[number], number | null>>;
    readonly layers: readonly {
      readonly name: string;
      readonly cycles: number | null;
      readonly seconds: number | null;
      readonly energy: number | null;
    }[];
  }[];
}

const ratioMetrics = ["cycles", "seconds", "energy", "power", "area", "edp", "utilisation"] as const;

/** The ratios of `runs` to the first of them, which must exist. */
export function ratios(runs: readonly RunResult[]): Ratios {
  const labels = machineLabels(runs);
  const rows = layerRows(runs);
  const [first] = runs;
  return {
    reference: labels[0] ?? "",
    runs: runs.map((run, index) => ({
      label: labels[index] ?? run.accelerator,
      accelerator: run.accelerator,
      total: {
        cycles: ratio(run.total.cycles, first?.total.cycles),
        seconds: ratio(run.total.seconds, first?.total.seconds),
        energy: ratio(run.total.energy, first?.total.energy),
        power: ratio(run.total.power, first?.total.power),
        area: ratio(run.total.area, first?.total.area),
        edp: ratio(run.total.edp, first?.total.edp),
        utilisation: ratio(run.total.utilisation, first?.total.utilisation),
      },
      layers: rows.map((row) => {
        const [reference] = row.layers;
        const layer = row.layers[index];
        return {
          name: row.name,
          cycles: ratio(layer?.cycles, reference?.cycles),
          seconds: ratio(layer?.seconds, reference?.seconds),
          energy: ratio(layer?.energy.total, reference?.energy.total),
        };
      }),
    })),
  };
}

function ratio(value: number | undefined, reference: number | undefined): number | null {
  if (value === undefined || reference === undefined) return null;
  return ratioTo(value, reference) ?? null;
}

function orderedRun(run: RunResult): object {
  const layers = run.layers.map((layer) => {
    const inner = {
      density: ordered(layer.density, innerKeys),
      densitySource: ordered(layer.densitySource, innerKeys),
      macs: ordered(layer.macs, innerKeys),
      traffic: orderedTraffic(layer.traffic),
      energy: ordered(layer.energy, innerKeys),
      ...(layer.nonZeros === undefined ? {} : { nonZeros: ordered(layer.nonZeros, innerKeys) }),
      ...(layer.conversion === undefined ? {} : { conversion: orderedConversion(layer.conversion) }),
      alternatives: layer.alternatives.map((other) => ordered(other, innerKeys)),
    };
    return ordered({ ...layer, ...inner }, layerKeys);
  });
  const total = ordered(
    { ...run.total, macs: ordered(run.total.macs, innerKeys), traffic: orderedTraffic(run.total.traffic) },
    totalKeys,
  );
  const conversions = run.conversions === undefined ? {} : { conversions: orderedConversions(run.conversions) };
  return ordered({ ...run, peak: ordered(run.peak, innerKeys), layers, total, ...conversions }, runKeys);
}

const orderedConversion = (conversion: Conversion): object =>
  ordered({ ...conversion, energy: ordered(conversion.energy, innerKeys) }, innerKeys);

const orderedConversions = ({ paths, ...rest }: ConversionTotal): object => ({
  ...ordered(rest, innerKeys),
  paths: {
    layerByLayer: ordered(paths.layerByLayer, innerKeys),
    best: ordered(paths.best, innerKeys),
  },
});

function orderedTraffic(traffic: LayerResult["traffic"]): object {
  return Object.fromEntries(
    Object.entries(traffic).map(([memory, moved]) => {
      const operands = Object.fromEntries(
        Object.entries(moved.operands).map(([name, bytes]) => [name, ordered(bytes, innerKeys)]),
      );
      return [memory, ordered({ ...moved, operands: ordered(operands, innerKeys) }, innerKeys)];
    }),
  );
}

/** The fields of `value` with `keys` first in their order, then any other in its own: later versions add fields. */
function ordered(value: object, keys: readonly string[]): Readonly<Record<string, unknown>> {
  const entries: [string, unknown][] = Object.entries(value);
  const rank = new Map(keys.map((key, index) => [key, index]));
  const place = (key: string): number => rank.get(key) ?? keys.length;
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b)));
}

/** `value` as an indented document that ends in a line feed; refuses what JSON would silently turn into null. */
export function jsonDocument(value: object): string {
  const text = JSON.stringify(
    value,
    (key, part: unknown): unknown => {
      if (typeof part !== "number" || Number.isFinite(part)) return part;
      if (part === Infinity) return "unlimited";
      throw new RangeError(`the result's field "${key}" is ${String(part)}; a result holds numbers and infinity only`);
    },
    2,
  );
  return `${text}\n`;
}
