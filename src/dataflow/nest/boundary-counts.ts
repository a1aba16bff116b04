// The counts of a boundary out of the words that pass it: what of the results is partial, final or read back, the same for
// the formulas of even schedules and for the tables of ragged ones.

import { operandKeys } from "../../mapping/nest/problem.ts";
import type { BoundaryCounts } from "./evaluation.ts";

/**
 * The counts of a boundary by the words that its parent hands out (or takes in, of results) and that all units of its
 * child get (or give up). Of results, `distinct` are those of the parent's units, each once, and `leavesFinal` says
 * whether none of them is added to another unit's further out.
 */
export function countsOf(
  { operand, parent, child }: { readonly operand: number; readonly parent: number; readonly child: number },
  taken: number,
  delivered: number,
  distinct: number,
  leavesFinal: boolean,
): BoundaryCounts {
  const key = operandKeys[operand] ?? "A";
  if (operand < 2) {
    return {
      operand: key,
      parent,
      child,
      reads: taken,
      deliveries: delivered,
      partialWrites: 0,
      finalWrites: 0,
      surrendered: 0,
      readBacks: 0,
    };
  }
  const finalWrites = leavesFinal ? distinct : 0;
  const readBacks = taken - distinct;
  return {
    operand: key,
    parent,
    child,
    reads: readBacks,
    deliveries: readBacks,
    partialWrites: taken - finalWrites,
    finalWrites,
    surrendered: delivered,
    readBacks,
  };
}
