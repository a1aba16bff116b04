// A full binary tree of nodes that merge streams of coordinates and add where coordinates meet: its parameters, the
// closed forms of its time, and its price. merge-tree-timed.ts runs it on fibres, merge-tree-counts.ts counts its
// events without running it, merge-tree-stepped.ts is the reference.

import { InputError } from "../../base/error.ts";
import type { EnergyPrice, NumberFormat, Technology, UnitPrice } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";
import { formatBits } from "../component.ts";

/**
 * In every cycle a node looks at the heads of its two children's queues. With both there, the smaller coordinate goes
 * up; equal coordinates are added and go up as one. With one child exhausted the other's head is forwarded. A child
 * that is empty but not exhausted is waited for, so that the order is right whenever elements arrive. Whether a child
 * is exhausted travels with its last element; that a leaf has none is known from the start. All nodes see the queues
 * as they stood at the start of the cycle.
 */
export interface MergeTree {
  readonly kind: "mergeTree";
  /** Fibres that one pass merges: a power of two. */
  readonly leaves: number;
  /** Elements that the output queue of each node holds; Infinity has no bound. */
  readonly fifoDepth: number;
  /**
   * Steps of the root in one cycle, and elements that leave it. Each level below takes half of the one above, at
   * least 1, so that an ordinary tree has 1 everywhere.
   */
  readonly rootWidth: number;
  readonly coordinateBits: number;
  /** Format of the values, in which sums are rounded or wrap. */
  readonly accumulator: NumberFormat;
}

/** @throws InputError for leaves that are no power of two, a depth or a width below 1, coordinates beyond 64 bits. */
export function mergeTree(parameters: Omit<MergeTree, "kind">): MergeTree {
  const { leaves, fifoDepth, rootWidth, coordinateBits } = parameters;
  check("leaves", leaves, Number.isInteger(Math.log2(leaves)) && leaves <= maximumLeaves, "a power of two to 32,768");
  check(
    "fifoDepth",
    fifoDepth,
    fifoDepth >= 1 && (fifoDepth === Infinity || Number.isInteger(fifoDepth)),
    "a whole number of elements from 1, or Infinity",
  );
  check("rootWidth", rootWidth, rootWidth >= 1 && Number.isInteger(rootWidth), "a whole number of elements from 1");
  check("coordinateBits", coordinateBits, coordinateBits >= 1 && coordinateBits <= 64, "1 to 64 bits");
  return { kind: "mergeTree", ...parameters };
}

const maximumLeaves = 2 ** 15;

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible merge tree", found: String(value), expected });
}

/**
 * Fibres at the leaves, in flat arrays: fibre f is the elements from `starts[f]` up to `ends[f]`, for f below `count`,
 * and leaf f gets it; leaves beyond have none. Fibres may lie anywhere in the arrays, such as rows of a compressed
 * matrix.
 */
export interface Fibres {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Below 2^31 and strictly ascending within a fibre. */
  readonly coordinates: Uint32Array;
  /** Beside the coordinates, in the tree's accumulator format; without it coordinates alone are merged. */
  readonly values?: Float64Array | undefined;
  /** Cycle from which an element can be taken from its leaf; without it all elements of a leaf are there from cycle 0. */
  readonly available?: Int32Array | undefined;
}

/** Fibres that lie one after the other: fibre f ends at `offsets[f + 1]`, where the next one starts. */
export const contiguousFibres = (
  offsets: Uint32Array,
  streams: Pick<Fibres, "coordinates" | "values" | "available">,
): Fibres => ({
  count: offsets.length - 1,
  starts: offsets.subarray(0, -1),
  ends: offsets.subarray(1),
  ...streams,
});

/** Steps of nodes by kind. They depend on the fibres alone, never on when elements arrive. */
export interface MergeEvents {
  /** Steps of a node with a head from both children, those that add included. */
  comparisons: number;
  /** Comparisons of equal coordinates: as many as elements enter less elements that leave. */
  additions: number;
  /** Steps of a node with one child exhausted. */
  forwards: number;
}

/** Levels of nodes, which is the cycle in which an element that is there in cycle 0 leaves at the earliest. */
export const mergeDepth = (tree: MergeTree): number => Math.log2(tree.leaves);

/** Steps a cycle of the nodes at `level`, the root's being 0. */
export const nodeWidth = (tree: MergeTree, level: number): number =>
  Math.max(1, Math.floor(tree.rootWidth / 2 ** level));

/**
 * Cycles of a merge whose leaves deliver an element a cycle from cycle 0, or sooner; `union` is the number of elements
 * that leave. The levels of the tree fill once, then an element leaves in every cycle: depth + union. A queue of one
 * element passes one in two cycles only: depth + 2 union - 1. Exact where `steadyExactWhen` holds.
 */
export function steadyMergeCycles(tree: MergeTree, union: number): number {
  if (union === 0) return 0;
  const depth = mergeDepth(tree);
  return depth + (tree.fifoDepth === 1 && depth > 0 ? 2 * union - 1 : union);
}

/**
 * A wide node waits for whichever half of the tree below it holds the next elements: how long depends on the
 * coordinates. As many `fibres` as lie below a node of one step a cycle merge there, and pass the wider ones above.
 */
export function steadyExactWhen(tree: MergeTree, fibres = tree.leaves): boolean {
  if (tree.rootWidth === 1) return true;
  const narrow = narrowLevels(tree);
  return tree.fifoDepth >= 2 && narrow > 0 && fibres <= 2 ** narrow;
}

/** Levels from the leaves on whose nodes take one step a cycle. */
export function narrowLevels(tree: MergeTree): number {
  let level = 0;
  while (level < mergeDepth(tree) && nodeWidth(tree, level) > 1) level++;
  return mergeDepth(tree) - level;
}

/**
 * Whether the departures are those of a tree with unbounded queues, so that whole fibres can be merged level by level.
 * It holds for one step a node and cycle and two elements a queue: that a queue was full delays an element by two
 * cycles after the step that made room, and the node above has two elements to take before it asks for that one.
 */
export const depthIrrelevantWhen = (tree: MergeTree): boolean => tree.rootWidth === 1 && tree.fifoDepth >= 2;

/**
 * Energy of `comparison` and `forward`, each with the write of a queue entry, and of `addition`; area of the nodes
 * with their queues. Assumed: a comparator costs what the smallest integer adder for a coordinate costs, a node that
 * takes w steps a cycle holds w of each unit, an unbounded queue costs what 2 w entries cost, with which an ordinary
 * tree is as fast.
 */
export function mergeTreeCost(tree: MergeTree, technology: Technology): ComponentCost {
  const comparator = technology.add(coordinateFormat(tree.coordinateBits));
  const adder = technology.add(tree.accumulator);
  const entry = technology.register(tree.coordinateBits + formatBits[tree.accumulator]);
  let squareMillimetres = 0;
  for (let level = 0; level < mergeDepth(tree); level++) {
    const width = nodeWidth(tree, level);
    const entries = tree.fifoDepth === Infinity ? 2 * width : tree.fifoDepth;
    const arithmetic = width * (comparator.squareMillimetres + adder.squareMillimetres);
    squareMillimetres += 2 ** level * (arithmetic + entries * entry.squareMillimetres);
  }
  return {
    energy: { comparison: together(comparator, entry), addition: adder, forward: entry },
    squareMillimetres,
    tables: [...new Set([comparator.table, adder.table, entry.table])],
    leakageWatts: 0,
  };
}

const coordinateFormat = (bits: number): NumberFormat =>
  bits <= 8 ? "int8" : bits <= 16 ? "int16" : bits <= 32 ? "int32" : "int64";

const together = (a: UnitPrice, b: UnitPrice): EnergyPrice => ({
  joules: a.joules + b.joules,
  table: a.table === b.table ? a.table : `${a.table} + ${b.table}`,
});
