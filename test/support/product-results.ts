// A sparse-product machine in six mappings, and results of layers made up from cycles alone, for tests of what happens
// between layers.

import { bankedCache } from "../../src/component/memory/banked-cache.ts";
import { dram } from "../../src/component/memory/dram.ts";
import { mergeTree } from "../../src/component/merge-tree/merge-tree.ts";
import { productArray } from "../../src/component/product-array.ts";
import type { ProductMapping } from "../../src/mapping/product-mapping.ts";
import { productMappingName } from "../../src/mapping/product-mapping.ts";
import type { FormatConversion, ArrayProductMachine } from "../../src/simulate/machine.ts";
import type { PreparedProduct } from "../../src/simulate/prepared.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import type { LayerResult } from "../../src/simulate/result.ts";
import { technology } from "../../src/technology/technologies.ts";
import { sixMappings } from "./product-cases.ts";

export const clockedMappings: readonly ProductMapping[] = sixMappings.map((mapping): ProductMapping => ({
  kind: "product",
  ...mapping,
  clock: 1e9,
}));

export const sixNames: readonly string[] = clockedMappings.map(productMappingName);

/** Four multipliers, elements of 4 bytes, and a memory of `bandwidth` bytes a second. */
export function productMachine(
  conversion: FormatConversion,
  mappings: readonly ProductMapping[] = clockedMappings,
  bandwidth = Infinity,
): ArrayProductMachine {
  return {
    kind: "product",
    engine: "array",
    name: "product",
    components: {
      dram: dram({ memory: "HBM2", bandwidth, latency: 0 }),
      cache: bankedCache({
        bytes: 1024,
        lineBytes: 32,
        ways: 2,
        banks: 2,
        wordBytes: 4,
        wordsPerBank: 1,
        hitCycles: 1,
        missCycles: 5,
        addressBits: 32,
      }),
      tree: mergeTree({ leaves: 4, fifoDepth: 2, rootWidth: 1, coordinateBits: 16, accumulator: "int32" }),
      array: productArray({ multipliers: 4, distributionWidth: 4, operand: "int16", coordinateBits: 16 }),
    },
    paths: { A: "dram > cache > array", B: "dram > cache > array", C: "dram > tree > array" },
    output: "int16",
    mappings: Object.fromEntries(mappings.map((mapping) => [productMappingName(mapping), mapping])),
    control: {
      configure: 1,
      exhausted: 1,
      gustavsonTail: 4,
      outerTail: 1,
      innerTail: 2,
      mergePass: 4,
      emptyRow: 2,
    },
    partialSums: "unbounded",
    carriedSums: "cache",
    outputWrites: "untimed",
    conversion,
    technology: "28nm",
  };
}

/** The machine, prepared. */
export function preparedProduct(...description: Parameters<typeof productMachine>): PreparedProduct {
  const machine = productMachine(...description);
  const prepared = prepareMachine(machine, technology(machine.technology));
  if (prepared.kind !== "product") throw new Error("not a product machine");
  return prepared;
}

/** A layer by its non-zeros and, for each mapping of the machine in its order, its cycles. */
export interface LayerCycles {
  readonly nonZeros: { readonly A: number; readonly B: number };
  readonly cycles: readonly number[];
}

/** Results of a layer under every mapping; joules are the square roots of the cycles, so that objectives differ. */
export function productResults({ nonZeros, cycles }: LayerCycles, { machine }: PreparedProduct): LayerResult[] {
  const tried = Object.entries(machine.mappings).map(([mapping, { clock }], i) => {
    const own = cycles[i] ?? 0;
    return { mapping, cycles: own, seconds: own / clock, energy: Math.sqrt(own) * 1e-9 };
  });
  return tried.map((chosen): LayerResult => ({
    name: "layer",
    operator: "matmul",
    M: 1,
    N: 1,
    K: 1,
    count: 1,
    density: { A: 1, B: 1 },
    densitySource: { A: "given", B: "given" },
    nonZeros,
    mapping: chosen.mapping,
    loops: [],
    macs: { dense: 4, effectual: 4, executed: 4, skipped: 0, gated: 0, effectualSource: "exact" },
    cycles: chosen.cycles,
    clock: machine.mappings[chosen.mapping]?.clock ?? 1,
    seconds: chosen.seconds,
    utilisation: chosen.cycles === 0 ? 0 : 1 / chosen.cycles,
    stack: { useful: chosen.cycles },
    counts: { "dram.readBit": 80 },
    traffic: {
      dram: {
        read: 10,
        write: 0,
        operands: { A: { read: 4, write: 0 }, B: { read: 6, write: 0 }, C: { read: 0, write: 0 } },
      },
    },
    energy: { total: chosen.energy, components: { array: chosen.energy } },
    check: "off",
    alternatives: tried.filter((other) => other !== chosen),
  }));
}
