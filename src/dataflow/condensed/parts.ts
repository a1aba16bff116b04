// Finds the parts of a machine for the condensed outer product, and puts them together as the dataflow sees them.

import { InputError } from "../../base/error.ts";
import type { Dram } from "../../component/memory/dram.ts";
import type { LookAheadBuffer } from "../../component/memory/look-ahead-buffer.ts";
import type { ProductArray } from "../../component/product-array.ts";
import type { SharedMergeTree } from "../../component/merge-tree/shared-merge-tree.ts";
import { sharedMergeLevels } from "../../component/merge-tree/shared-merge-tree.ts";
import type { Sram } from "../../component/memory/sram.ts";
import type { Components } from "../route.ts";
import type { Station } from "../stations.ts";
import { stationsOf } from "../stations.ts";
import type { CondensedMachine } from "./condensed-outer.ts";

export interface CondensedParts {
  readonly home: Station<Dram>;
  readonly fifo: Station<Sram>;
  readonly buffer: Station<LookAheadBuffer>;
  readonly tree: Station<SharedMergeTree>;
  readonly array: Station<ProductArray>;
}

/**
 * Paths A `"dram > fifo > array"`, B `"dram > buffer > array"`, C `"dram > tree > array"`. Throws InputError with the
 * field for anything else.
 */
export function condensedParts(
  components: Components,
  paths: Readonly<Record<"A" | "B" | "C", string>>,
): CondensedParts {
  const [homeA, fifo, arrayA] = stationsOf(components, "A", paths.A, ["dram", "sram", "productArray"]);
  const [home, buffer, array] = stationsOf(components, "B", paths.B, ["dram", "lookAheadBuffer", "productArray"]);
  const [homeC, tree, arrayC] = stationsOf(components, "C", paths.C, ["dram", "sharedMergeTree", "productArray"]);
  for (const [operand, from, to] of [
    ["A", homeA, arrayA],
    ["C", homeC, arrayC],
  ] as const) {
    if (from.name === home.name && to.name === array.name) continue;
    throw new InputError({ path: `paths.${operand}`, message: "leads between other parts than B's path" });
  }
  return { home, fifo, buffer, tree, array };
}

/** The machine at a clock in hertz. A round fills memory, a multiplier and each level of the tree once. */
export function condensedMachineAt({ home, buffer, tree, array }: CondensedParts, clock: number): CondensedMachine {
  const { elementBytes } = buffer.part;
  return {
    multipliers: array.part.multipliers,
    ways: tree.part.ways,
    mergeWidth: tree.part.width,
    buffer: buffer.part,
    elementBytes,
    partialBytes: elementBytes + array.part.coordinateBits / 8,
    dramBytesPerCycle: home.part.bandwidth / clock,
    fillCycles: Math.ceil(home.part.latency * clock) + 1 + sharedMergeLevels(tree.part),
  };
}
