// A small machine of multipliers, tree, cache and memory for partial sums, for tests of whole layers.

import type { BankedCache } from "../../src/component/memory/banked-cache.ts";
import { dram } from "../../src/component/memory/dram.ts";
import { mergeTree } from "../../src/component/merge-tree/merge-tree.ts";
import { partialSumStore } from "../../src/component/memory/partial-sum-store.ts";
import { productArray } from "../../src/component/product-array.ts";
import { sram } from "../../src/component/memory/sram.ts";
import type { Components } from "../../src/dataflow/route.ts";
import type { ProductMapping } from "../../src/mapping/product-mapping.ts";
import { productMappingName } from "../../src/mapping/product-mapping.ts";
import type { ArrayProductMachine } from "../../src/simulate/machine.ts";
import { sixMappings } from "./product-cases.ts";

export interface SmallProductMachine {
  readonly multipliers: number;
  readonly distributionWidth: number;
  readonly mergeWidth: number;
  readonly cache: BankedCache;
  readonly stationary: "cache" | "fifo";
  readonly partialSumBytes: number | undefined;
  readonly carriedSums: "partialSums" | "cache";
  readonly bandwidth: number;
  readonly outputWrites: "timed" | "untimed";
}

const port = { banks: 1, portBits: 32, doubleBuffered: false };

export function smallProductMachine(parameters: SmallProductMachine): ArrayProductMachine {
  const { multipliers, distributionWidth, mergeWidth, partialSumBytes } = parameters;
  const isFifo = parameters.stationary === "fifo";
  const components: Components = {
    dram: dram({ memory: "HBM2", bandwidth: parameters.bandwidth, latency: 0 }),
    ...(isFifo ? { fifo: sram({ bytes: 64, ...port }) } : {}),
    cache: parameters.cache,
    ...(partialSumBytes === undefined
      ? {}
      : {
          sums: partialSumStore({ bytes: partialSumBytes, wordBytes: 4, blockWords: 4, sets: 4, banks: 1, tagBits: 8 }),
        }),
    tree: mergeTree({
      leaves: multipliers,
      fifoDepth: 2,
      rootWidth: mergeWidth,
      coordinateBits: 16,
      accumulator: "int32",
    }),
    array: productArray({ multipliers, distributionWidth, operand: "int16", coordinateBits: 16 }),
  };
  const mappings = sixMappings.map((mapping): [string, ProductMapping] => [
    productMappingName(mapping),
    { kind: "product", ...mapping, clock: 1e9 },
  ]);
  return {
    kind: "product",
    engine: "array",
    name: "small",
    components,
    paths: {
      A: isFifo ? "dram > fifo > array" : "dram > cache > array",
      B: "dram > cache > array",
      C: partialSumBytes === undefined ? "dram > tree > array" : "dram > sums > tree > array",
    },
    output: "int16",
    mappings: Object.fromEntries(mappings),
    control: {
      configure: 1,
      exhausted: 1,
      gustavsonTail: 4,
      outerTail: 1,
      innerTail: 2,
      mergePass: 4,
      emptyRow: 2,
    },
    partialSums: "bounded",
    carriedSums: parameters.carriedSums,
    outputWrites: parameters.outputWrites,
    conversion: { operand: "B", cyclesPerElement: 10 },
    technology: "45nm",
  };
}
