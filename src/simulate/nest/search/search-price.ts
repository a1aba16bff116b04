// What a loop nest's counts cost: joules a word at each boundary, a multiplication and a cycle, as plain data that a
// search can bound from below; and the figure that an objective makes of joules and seconds.

import type { NestEvaluation } from "../../../dataflow/nest/evaluation.ts";
import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { Objective } from "../../machine.ts";
import { score } from "../../score.ts";

/** Joules a word of each count of a boundary, none below 0; `parent` and `child` as in `BoundaryCounts`. */
export interface BoundaryPrice {
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
  readonly reads: number;
  readonly deliveries: number;
  readonly partialWrites: number;
  readonly finalWrites: number;
  readonly surrendered: number;
  /** In addition to `reads`, which they are among. */
  readonly readBacks: number;
}

export interface NestPrice {
  /** Boundaries that are not listed cost nothing. */
  readonly boundaries: readonly BoundaryPrice[];
  readonly joulesPerMac: number;
  /** Of a network between units; nothing by default. */
  readonly joulesPerHop?: number;
  /** Leakage and the clock, for the whole machine. */
  readonly joulesPerCycle: number;
  readonly secondsPerCycle: number;
}

export interface NestCost {
  readonly cycles: number;
  readonly joules: number;
}

/** Cycles and joules of an evaluated schedule. */
export function nestCost(price: NestPrice, { boundaries, cycles, macs, hops = 0 }: NestEvaluation): NestCost {
  let joules = price.joulesPerMac * macs + price.joulesPerCycle * cycles + (price.joulesPerHop ?? 0) * hops;
  for (const counts of boundaries) {
    const words = price.boundaries.find(
      ({ operand, parent, child }) => operand === counts.operand && parent === counts.parent && child === counts.child,
    );
    if (words === undefined) continue;
    joules +=
      words.reads * counts.reads +
      words.deliveries * counts.deliveries +
      words.partialWrites * counts.partialWrites +
      words.finalWrites * counts.finalWrites +
      words.surrendered * counts.surrendered +
      words.readBacks * counts.readBacks;
  }
  return { cycles, joules };
}

/** The figure that `objective` minimises. */
export function nestScore(price: NestPrice, objective: Objective, { cycles, joules }: NestCost): number {
  return score({ cycles, seconds: cycles * price.secondsPerCycle, energy: joules }, objective);
}
