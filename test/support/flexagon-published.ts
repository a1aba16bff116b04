// The published results of Flexagon's evaluation, layer by layer, and the same layers on Flexagon as simulated, with
// random operands of the recorded sizes.

import { readFileSync } from "node:fs";
import type { ProductDataflow } from "../../src/mapping/product-mapping.ts";
import { runWorkload } from "../../src/workbench/run.ts";
import type { ComputeLayer, Network } from "../../src/workload/layer.ts";
import { sparseOperands } from "../../src/workload/sparse-operands.ts";

export const flexagonFile = "reference/flexagon_layers.csv";

export const threeDataflows = ["inner", "outer", "gustavson"] as const satisfies readonly ProductDataflow[];

/** Networks whose cycles were published, by the evaluation's letters. */
export const publishedNetworks: Readonly<Record<string, string>> = {
  A: "flexagon:alexnet",
  SQ: "flexagon:squeezenet",
  V: "flexagon:vgg",
  R: "flexagon:resnet50",
  "S-M": "flexagon:ssd-mobilenet",
};

/** What was published, or found here, of a layer in one dataflow. */
export interface Measured {
  readonly cycles: number;
  /** Of the cache; published for mappings that rest A only. */
  readonly misses: number | undefined;
}

export type ByDataflow = Readonly<Record<ProductDataflow, Measured>>;

const columnOf: Readonly<Record<ProductDataflow, string>> = { inner: "IP", outer: "OP", gustavson: "GU" };

/** The published results by layer, such as R6, of the layers that have any. */
export function publishedLayers(path: string, stationary: "M" | "N"): ReadonlyMap<string, ByDataflow> {
  const [head = "", ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
  const names = head.split(",");
  const layers = new Map<string, ByDataflow>();
  for (const line of lines) {
    const cells = line.split(",");
    const cell = (name: string): number | undefined => {
      const text = cells[names.indexOf(name)];
      return text === undefined || text === "" ? undefined : Number(text);
    };
    const measured = (dataflow: ProductDataflow): Measured | undefined => {
      const column = `${columnOf[dataflow]}${stationary}`;
      const cycles = cell(`cyc_${column}`);
      return cycles === undefined ? undefined : { cycles, misses: cell(`miss_${column}`) };
    };
    const [inner, outer, gustavson] = threeDataflows.map(measured);
    if (inner === undefined || outer === undefined || gustavson === undefined) continue;
    layers.set(`${cells[0]}${cells[1]}`, { inner, outer, gustavson });
  }
  return layers;
}

/** The layers of a network in the three dataflows on Flexagon as simulated, operands drawn with a seed, by name. */
export async function modelledLayers(
  network: Network,
  options: { readonly seed: number; readonly stationary: "M" | "N"; readonly threads: number },
): Promise<ReadonlyMap<string, ByDataflow>> {
  const run = async (dataflow: ProductDataflow): Promise<ReadonlyMap<string, Measured>> => {
    const { layers } = await runWorkload(network, {
      accelerator: "flexagon-simulated",
      set: {},
      objective: "cycles",
      mapping: `${dataflow}-${options.stationary.toLowerCase()}`,
      check: "off",
      auditPercent: 0,
      seed: options.seed,
      threads: options.threads,
    });
    return new Map(layers.map(({ name, cycles, counts }) => [name, { cycles, misses: counts["cache misses"] ?? 0 }]));
  };
  const [inner, outer, gustavson] = [await run("inner"), await run("outer"), await run("gustavson")];
  const layers = new Map<string, ByDataflow>();
  for (const [name, measured] of inner) {
    const [second, third] = [outer.get(name), gustavson.get(name)];
    if (second === undefined || third === undefined) throw new Error(`no result of ${name}`);
    layers.set(name, { inner: measured, outer: second, gustavson: third });
  }
  return layers;
}

/**
 * Misses of outer product and Gustavson that the sizes of a layer determine: a line of both operands for each 32 words,
 * where all fit and every row of B is asked for. Undefined for other layers.
 */
export function compulsoryMisses({ nonZeros, ...layer }: ComputeLayer, seed: number): number | undefined {
  const lines = Math.ceil(((nonZeros?.A ?? Infinity) + (nonZeros?.B ?? Infinity)) / 32);
  if (!(lines <= 2 ** 13)) return undefined;
  const [pair] = sparseOperands(nonZeros === undefined ? layer : { ...layer, nonZeros }, seed);
  return pair !== undefined && new Set(pair.A.column).size === pair.A.columns ? lines : undefined;
}

/** The dataflow of the three with the fewest cycles. */
export function fastest(measured: ByDataflow): ProductDataflow {
  return threeDataflows.reduce((best, other) => (measured[other].cycles < measured[best].cycles ? other : best));
}

/** Sums and errors over the layers of a network. */
export interface Compared {
  readonly layers: number;
  /** Layers in which the same dataflow of the three is fastest. */
  readonly sameFastest: number;
  readonly byDataflow: Readonly<
    Record<ProductDataflow, { readonly published: number; readonly modelled: number; readonly meanError: number }>
  >;
  /** Cycles with the fastest of the three in each layer. */
  readonly best: { readonly published: number; readonly modelled: number };
}

/** Compares layers as published and as modelled, in the same order. */
export function compare(published: readonly ByDataflow[], modelled: readonly ByDataflow[]): Compared {
  const total = (layers: readonly ByDataflow[], cycles: (layer: ByDataflow) => number): number =>
    layers.reduce((sum, layer) => sum + cycles(layer), 0);
  const pairs = published.map((theirs, i) => ({ theirs, ours: modelled[i] ?? theirs }));
  const by = (dataflow: ProductDataflow) => ({
    published: total(published, (layer) => layer[dataflow].cycles),
    modelled: total(modelled, (layer) => layer[dataflow].cycles),
    meanError:
      pairs.reduce((sum, { theirs, ours }) => sum + Math.abs(ours[dataflow].cycles / theirs[dataflow].cycles - 1), 0) /
      pairs.length,
  });
  return {
    layers: pairs.length,
    sameFastest: pairs.filter(({ theirs, ours }) => fastest(theirs) === fastest(ours)).length,
    byDataflow: { inner: by("inner"), outer: by("outer"), gustavson: by("gustavson") },
    best: {
      published: total(published, (layer) => layer[fastest(layer)].cycles),
      modelled: total(modelled, (layer) => layer[fastest(layer)].cycles),
    },
  };
}

/** Geometric mean over networks of the cycles in one dataflow over those with the fastest of three in each layer. */
export function geometricMean(
  networks: readonly Compared[],
  dataflow: ProductDataflow,
  which: "published" | "modelled",
): number {
  const logs = networks.map(({ byDataflow, best }) => Math.log(byDataflow[dataflow][which] / best[which]));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}
