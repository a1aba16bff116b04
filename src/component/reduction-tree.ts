// Adders between units that hold parts of the same sums: a tree of variable depth with a tap at every level, a tree of
// fixed depth, or a chain of neighbours. Cycles, events and price; reduction-tree-stepped.ts is the reference.

import { InputError } from "../base/error.ts";
import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { formatBits } from "./component.ts";

/**
 * `variable`: a tree over all units whose sums can be taken from any level, so that groups of 1, 2, 4 ... units have a
 * subtree each. `fixed`: trees of `depth` levels side by side, each of which takes one group at a time through all its
 * levels. `chain`: a unit adds its neighbour's sum to its own, a hop at a time, and the last one gives the sum away.
 */
export type ReductionNetwork =
  | { readonly shape: "variable" }
  | { readonly shape: "fixed"; readonly depth: number }
  | { readonly shape: "chain" };

export interface ReductionTree {
  readonly kind: "reductionTree";
  readonly units: number;
  readonly network: ReductionNetwork;
  readonly accumulator: NumberFormat;
  /** Equal networks side by side, each over units of its own; one by default. */
  readonly instances?: number;
}

/** @throws InputError for units or a depth that are no whole numbers, or a fixed tree beyond the units. */
export function reductionTree(parameters: Omit<ReductionTree, "kind">): ReductionTree {
  const { units, network, instances = 1 } = parameters;
  if (!Number.isInteger(instances) || instances < 1) throw impossible("instances", instances, "a whole number from 1");
  if (!Number.isInteger(units) || units < 1) throw impossible("units", units, "a whole number from 1");
  if (network.shape === "fixed") {
    const { depth } = network;
    const most = levelsFor(units);
    if (!Number.isInteger(depth) || depth < 0 || depth > most) {
      throw impossible("network.depth", depth, `a whole number of levels from 0 to ${most}`);
    }
  }
  return { kind: "reductionTree", ...parameters };
}

const impossible = (path: string, found: number, expected: string): InputError =>
  new InputError({ path, message: "impossible reduction", found: String(found), expected });

/** Work of a network: `groups` of `parts` units, each of which holds `points` sums. */
export interface Reduction {
  readonly parts: number;
  readonly groups: number;
  readonly points: number;
}

/** Levels of a tree over `units`, padded to a power of two. */
export const levelsFor = (units: number): number => 32 - Math.clz32(units - 1);

/** Levels that a group of `parts` units passes through; of a chain, none. */
export function reductionLevels({ network }: ReductionTree, parts: number): number {
  if (network.shape === "chain") return 0;
  return network.shape === "fixed" ? network.depth : levelsFor(parts);
}

/**
 * Groups that are reduced side by side. In a tree a group lies where a subtree begins, with zeros in place of units up
 * to the next power of two.
 */
export function groupsAtOnce(tree: ReductionTree, parts: number): number {
  const { units, network } = tree;
  if (network.shape === "chain") return Math.floor(units / parts);
  if (network.shape === "fixed") return Math.ceil(units / 2 ** network.depth);
  return Math.floor((units - parts) / 2 ** levelsFor(parts)) + 1;
}

/** @throws InputError for more units than there are, or a group wider than a fixed tree. */
export function checkReduction(tree: ReductionTree, { parts, groups }: Reduction): void {
  if (parts * groups > tree.units) {
    throw new InputError({
      path: "parts",
      message: "more units to reduce than the network has",
      found: `${groups} groups of ${parts}`,
      expected: `at most ${tree.units} units`,
    });
  }
  if (tree.network.shape === "fixed" && parts > 2 ** tree.network.depth) {
    throw new InputError({
      path: "parts",
      message: "a group is wider than the fixed tree",
      found: String(parts),
      expected: `at most ${2 ** tree.network.depth}`,
    });
  }
}

/**
 * Cycles until the last sum has left. A tree takes a sum of every unit of a group in a cycle and is pipelined: points
 * times the turns that groups take, plus the levels. A chain reduces a point in `parts - 1` hops one after the other and
 * gives it away while the next one begins. Throws InputError as `checkReduction`.
 */
export function reductionCycles(tree: ReductionTree, reduction: Reduction): number {
  checkReduction(tree, reduction);
  const { parts, groups, points } = reduction;
  if (points === 0 || groups === 0) return 0;
  if (tree.network.shape === "chain") return parts === 1 ? points : points * (parts - 1) + 1;
  const turns = Math.ceil(groups / groupsAtOnce(tree, parts));
  return turns * points + reductionLevels(tree, parts);
}

export interface ReductionEvents {
  /** Additions of two parts; a part and a padding zero only pass. */
  addition: number;
  /** Registers written behind adders, or in the next unit of a chain. */
  hop: number;
}

/** Events of a reduction; the same for every order of groups. */
export function reductionEvents(tree: ReductionTree, { parts, groups, points }: Reduction): ReductionEvents {
  let registers = parts - 1;
  if (tree.network.shape !== "chain") {
    registers = 0;
    for (let level = 1; level <= reductionLevels(tree, parts); level++) registers += Math.ceil(parts / 2 ** level);
  }
  return { addition: groups * points * (parts - 1), hop: groups * points * registers };
}

/** Adders of one network: those of all trees, or one in each unit but the first of a chain. */
export function reductionAdders({ units, network }: ReductionTree): number {
  if (network.shape === "chain") return units - 1;
  if (network.shape === "variable") return 2 ** levelsFor(units) - 1;
  return Math.ceil(units / 2 ** network.depth) * (2 ** network.depth - 1);
}

/** Energy by event name of `ReductionEvents`; area of the adders, each with a register. The taps' switches are not counted. */
export function reductionTreeCost(tree: ReductionTree, technology: Technology): ComponentCost {
  const adder = technology.add(tree.accumulator);
  const register = technology.register(formatBits[tree.accumulator]);
  return {
    energy: { addition: adder, hop: register },
    squareMillimetres:
      (tree.instances ?? 1) * reductionAdders(tree) * (adder.squareMillimetres + register.squareMillimetres),
    tables: [...new Set([adder.table, register.table])],
    leakageWatts: 0,
  };
}
