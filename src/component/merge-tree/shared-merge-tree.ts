// A merge tree whose nodes of one level take turns at a single wide merger, so that every level passes as many elements a
// cycle as its root: arrays of comparators, as Zhang, Wang, Han and Dally (HPCA 2020) build them.

import { InputError } from "../../base/error.ts";
import type { NumberFormat, Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";
import { formatBits } from "../component.ts";

export interface SharedMergeTree {
  readonly kind: "sharedMergeTree";
  /** Streams that are merged at a time: a power of two. */
  readonly ways: number;
  /** Elements that the merger of a level passes in a cycle. */
  readonly width: number;
  /** Elements that are compared all with all; chunks of so many are compared by their ends first. */
  readonly chunk: number;
  /** Bits by which elements are ordered: row and column. */
  readonly coordinateBits: number;
  readonly accumulator: NumberFormat;
}

/** @throws InputError for ways that are no power of two, or a width that is not made of whole chunks. */
export function sharedMergeTree(parameters: Omit<SharedMergeTree, "kind">): SharedMergeTree {
  const { ways, width, chunk } = parameters;
  check("ways", ways, Number.isInteger(Math.log2(ways)) && ways >= 2, "a power of two from 2");
  check("width", width, Number.isInteger(width) && width >= 1, "a whole number from 1");
  check("chunk", chunk, Number.isInteger(width / chunk) && chunk >= 1, `a divisor of the width, ${width}`);
  return { kind: "sharedMergeTree", ...parameters };
}

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible merge tree", found: String(value), expected });
}

/** Levels of nodes between a stream and the result. */
export const sharedMergeLevels = (tree: SharedMergeTree): number => Math.log2(tree.ways);

/**
 * Comparators of a level's merger: chunks of both inputs are compared by their ends, then the pairs of chunks that meet,
 * one fewer than the chunks of both, element by element.
 */
export function mergerComparators({ width, chunk }: Pick<SharedMergeTree, "width" | "chunk">): number {
  const chunks = width / chunk;
  return chunks ** 2 + (2 * chunks - 1) * chunk ** 2;
}

/**
 * Energy of `merge`, an element passing one level (its share of the comparators, and a queue entry), and of `addition`;
 * area of comparators, adders and queues. Assumed: a comparator costs an integer adder of at least the coordinate's bits,
 * each node's queue holds two turns of its merger, a level has an adder for each element of the width.
 */
export function sharedMergeTreeCost(tree: SharedMergeTree, technology: Technology): ComponentCost {
  const { ways, width, coordinateBits, accumulator } = tree;
  const comparator = technology.add(coordinateBits <= 16 ? "int16" : coordinateBits <= 32 ? "int32" : "int64");
  const adder = technology.add(accumulator);
  const entry = technology.register(coordinateBits + formatBits[accumulator]);
  const comparators = mergerComparators(tree);
  const mergers = comparators * comparator.squareMillimetres + width * adder.squareMillimetres;
  const queues = (ways - 1) * 2 * width * entry.squareMillimetres;
  return {
    energy: {
      merge: {
        joules: (comparators / width) * comparator.joules + entry.joules,
        table: comparator.table === entry.table ? entry.table : `${comparator.table} + ${entry.table}`,
      },
      addition: adder,
    },
    squareMillimetres: sharedMergeLevels(tree) * mergers + queues,
    tables: [...new Set([comparator.table, adder.table, entry.table])],
    leakageWatts: 0,
  };
}
