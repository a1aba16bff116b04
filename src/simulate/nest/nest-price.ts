// What the words of a loop nest cost on a machine, as the linear table that a search needs: the same joules that the
// accounts of a layer come to.

import type { NestPrice, BoundaryPrice } from "./search/search-price.ts";
import type { SparsityFactors } from "../../dataflow/nest/evaluation.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import type { PreparedNest } from "../prepared.ts";
import { leavesUnfinished, passesNetwork, spansUnits } from "./nest-accounts.ts";

/** Share of the multiplications that units execute, and of those that they wait through. */
export interface MacShares {
  readonly executed: number;
  readonly gated: number;
  /** Whether lanes find them by bitmaps; not by default. */
  readonly skips?: boolean;
}

/**
 * Joules of every word, multiplication and cycle. Of lanes that skip zeros, what is found counts with the multiplications
 * where lanes go by bitmaps; the bitmaps that they read are left out, for their number depends on the order of rounds.
 */
export function nestPrice(
  { costs, leakageWatts, parts, machine }: PreparedNest,
  shares: MacShares,
  factors?: SparsityFactors,
): NestPrice {
  const { hierarchy, memoryOf, array, clock } = parts;
  const joules = (component: string | undefined, event: string): number =>
    component === undefined ? 0 : (costs[component]?.energy[event]?.joules ?? 0);
  const skipping = shares.skips === true ? machine.zeros?.skipping?.component : undefined;
  const depth = hierarchy.levels.length;
  const boundaries: BoundaryPrice[] = [];
  for (const operand of operandKeys) {
    for (let parent = 0; parent < depth; parent++) {
      for (let child = parent + 1; child <= depth; child++) {
        const above = memoryOf[operand][parent];
        const below = memoryOf[operand][child];
        if (above === undefined || (child < depth && below === undefined)) continue;
        const bits = (what: "A" | "B" | "C" | "partial"): number =>
          8 * (factors?.bytes(what, child) ?? hierarchy.wordBytes[what]);
        const spread = spansUnits({ parent, child }, hierarchy);
        const far = passesNetwork({ parent, child }, parts);
        const send = far ? joules(array.name, "sendBit") : 0;
        const deliver = far ? joules(array.name, "deliverBit") : 0;
        const read = joules(above, "readBit") + send;
        const write = joules(above, "writeBit") + send;
        const fill = joules(below, "writeBit") + deliver;
        const leave = joules(below, "readBit") + deliver;
        const none = { reads: 0, deliveries: 0, partialWrites: 0, finalWrites: 0, surrendered: 0, readBacks: 0 };
        if (operand !== "C") {
          const size = bits(operand);
          boundaries.push({ ...none, operand, parent, child, reads: size * read, deliveries: size * fill });
          continue;
        }
        const unfinished = leavesUnfinished({ parent, child }, parts);
        const partial = bits("partial");
        const final = child === depth ? partial : bits("C");
        const collect = far ? joules(parts.drain?.name, "collect") : 0;
        // An addition for each word that units give up beyond those that are written; without units between, for none.
        const add = spread ? joules(array.name, "add") : 0;
        boundaries.push({
          ...none,
          operand,
          parent,
          child,
          readBacks: partial * read,
          deliveries: partial * fill,
          partialWrites: partial * write + collect + (unfinished ? -add : partial * leave),
          finalWrites: final * write + collect + (unfinished ? -add : final * leave),
          surrendered: unfinished ? partial * leave + add : 0,
        });
      }
    }
  }
  return {
    boundaries,
    joulesPerMac:
      shares.executed * (joules(array.name, "multiplyAccumulate") + joules(skipping, "findFirst")) +
      shares.gated * joules(array.name, "gatedMac"),
    joulesPerHop: joules(parts.reduction?.name, "hop"),
    joulesPerCycle: leakageWatts / clock,
    secondsPerCycle: 1 / clock,
  };
}
