// Processors that each merge up to so many fibres, one element a cycle, scaling and adding elements on their way: a
// narrow tree of comparators with a multiplier and an adder at its root.

import { InputError } from "../base/error.ts";
import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { mergeTree, mergeTreeCost } from "./merge-tree/merge-tree.ts";

export interface RowMergers {
  readonly kind: "rowMergers";
  readonly processors: number;
  /** Fibres that one merges at a time: a power of two. */
  readonly radix: number;
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
  readonly coordinateBits: number;
  /** Bytes of an element in the memories: value and coordinate together. */
  readonly elementBytes: number;
}

/** @throws InputError for no processor, a radix that is no power of two from 2, or elements without bytes. */
export function rowMergers(parameters: Omit<RowMergers, "kind">): RowMergers {
  const { processors, radix, elementBytes } = parameters;
  check("processors", processors, Number.isInteger(processors) && processors >= 1, "a whole number from 1");
  check("radix", radix, Number.isInteger(Math.log2(radix)) && radix >= 2, "a power of two from 2");
  check("elementBytes", elementBytes, elementBytes > 0 && elementBytes < Infinity, "bytes above 0");
  return { kind: "rowMergers", ...parameters };
}

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible processors", found: String(value), expected });
}

/**
 * Energy of `merge`, an element on its way through the levels of a tree (assumed: a comparison and a queue entry at each
 * level), of `multiply` and of `addition`; area of trees, multipliers and adders. The adders of the tree's own price
 * are left out: these trees only merge.
 */
export function rowMergersCost(mergers: RowMergers, technology: Technology): ComponentCost {
  const { processors, radix, coordinateBits, operand, accumulator } = mergers;
  const tree = mergeTree({ leaves: radix, fifoDepth: 2, rootWidth: 1, coordinateBits, accumulator });
  const cost = mergeTreeCost(tree, technology);
  const step = cost.energy["comparison"] ?? { joules: 0, table: "" };
  const multiply = technology.multiply(operand);
  const add = technology.add(accumulator);
  const treeArea = cost.squareMillimetres - (radix - 1) * add.squareMillimetres;
  return {
    energy: {
      merge: { joules: Math.log2(radix) * step.joules, table: step.table },
      multiply,
      addition: add,
    },
    squareMillimetres: processors * (treeArea + multiply.squareMillimetres + add.squareMillimetres),
    tables: [...new Set([...cost.tables, multiply.table, add.table])],
    leakageWatts: 0,
  };
}
