// A tree of adders that sums any number of groups of neighbouring leaves at once, each group whatever its size: adders
// whose leaves belong to different groups pass sums on to the adders above. Multipliers stand at its leaves.

import { InputError } from "../base/error.ts";
import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { formatBits } from "./component.ts";

/** Qin and others (HPCA 2020) describe such a tree. */
export interface ForwardingAdderTree {
  readonly kind: "forwardingAdderTree";
  /** Trees of this size, side by side. */
  readonly trees: number;
  /** Leaves of one, with a multiplier each: a power of two. */
  readonly leaves: number;
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
}

/** @throws InputError for leaves that are no power of two from 2, or no tree. */
export function forwardingAdderTree(parameters: Omit<ForwardingAdderTree, "kind">): ForwardingAdderTree {
  const { trees, leaves } = parameters;
  check("trees", trees, Number.isInteger(trees) && trees >= 1, "a whole number from 1");
  check("leaves", leaves, Number.isInteger(Math.log2(leaves)) && leaves >= 2, "a power of two from 2");
  return { kind: "forwardingAdderTree", ...parameters };
}

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible adder tree", found: String(value), expected });
}

/** Cycles from products to the sums of all groups: one for each level. */
export const forwardingLevels = ({ leaves }: Pick<ForwardingAdderTree, "leaves">): number => Math.log2(leaves);

/** Level of the adder between leaves i and i + 1, from 0: the tree's nodes in the order of its leaves. */
export const adderLevel = (adder: number): number => 31 - Math.clz32((adder + 1) & -(adder + 1));

/** A sum that leaves the tree. */
export interface GroupSum {
  readonly group: number;
  readonly sum: number;
  /** Adders that it passed, which is when it is there, in cycles. */
  readonly levels: number;
}

/**
 * The sums of groups, each a run of leaves of one number in `groupOf`, in the order of the adders. The adder between two
 * leaves adds where both belong to one group: its inputs are what the adders below it have gathered of that group on
 * either side, so that every adder is used at most once and no sum waits.
 */
export function forwardingSums(values: readonly number[], groupOf: readonly number[]): readonly GroupSum[] {
  const leaves = values.length;
  const sums = [...values];
  // Of what is gathered so far: where it ends, kept at its first leaf, and where it begins, kept at its last.
  const endOf = values.map((_, leaf) => leaf);
  const startOf = values.map((_, leaf) => leaf);
  const levels = values.map(() => 0);
  for (let level = 0; 2 ** level < leaves; level++) {
    for (let adder = 2 ** level - 1; adder < leaves - 1; adder += 2 ** (level + 1)) {
      if (groupOf[adder] !== groupOf[adder + 1]) continue;
      const start = startOf[adder] ?? 0;
      const end = endOf[adder + 1] ?? 0;
      sums[start] = (sums[start] ?? 0) + (sums[adder + 1] ?? 0);
      endOf[start] = end;
      startOf[end] = start;
      levels[start] = level + 1;
    }
  }
  const out: GroupSum[] = [];
  for (let leaf = 0; leaf < leaves; leaf = (endOf[leaf] ?? 0) + 1) {
    out.push({ group: groupOf[leaf] ?? 0, sum: sums[leaf] ?? 0, levels: levels[leaf] ?? 0 });
  }
  return out;
}

/**
 * The sum of one group whose values stand at `places`, which ascend, as `forwardingSums` forms it: the highest adder
 * between the first and the last adds what lies on either side. Leaves of the group without a value add nothing.
 */
export function forwardingSum(places: readonly number[], values: readonly number[]): number {
  const between = (from: number, to: number): number => {
    if (to - from === 1) return values[from] ?? 0;
    const first = places[from] ?? 0;
    const last = places[to - 1] ?? 0;
    const level = 31 - Math.clz32(first ^ last);
    const right = (last >> level) << level;
    let split = from + 1;
    while ((places[split] ?? 0) < right) split++;
    return between(from, split) + between(split, to);
  };
  return between(0, values.length);
}

/**
 * Energy of `multiply`, one multiplication, of `addition` and of `forward`, a value held for a level; area of multipliers,
 * adders and a register at each. Its extra links and multiplexers are not counted.
 */
export function forwardingAdderTreeCost(tree: ForwardingAdderTree, technology: Technology): ComponentCost {
  const { trees, leaves, operand, accumulator } = tree;
  const multiply = technology.multiply(operand);
  const add = technology.add(accumulator);
  const register = technology.register(formatBits[accumulator]);
  const adders = (leaves - 1) * (add.squareMillimetres + register.squareMillimetres);
  return {
    energy: { multiply, addition: add, forward: register },
    squareMillimetres: trees * (leaves * (multiply.squareMillimetres + register.squareMillimetres) + adders),
    tables: [...new Set([multiply.table, add.table, register.table])],
    leakageWatts: 0,
  };
}
