// What an evaluation of a schedule says: words and bytes by operand and boundary between memories, cycles and where they
// went. Types only: the closed form and the stepped interpreter both give it.

import type { OperandKey } from "../../mapping/nest/problem.ts";

/** What one operand moves between two successive levels that keep it; `child` is the number of levels for the datapath. */
export interface BoundaryCounts {
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
  /** Words read at the parent for the child; what several units need at once counts once where axes multicast. */
  readonly reads: number;
  /** Words written into the child, or given to multipliers, summed over the units. */
  readonly deliveries: number;
  /** Results written to the parent, those still being summed and those that are finished. */
  readonly partialWrites: number;
  readonly finalWrites: number;
  /** Results given up by the child, summed over the units: `partialWrites + finalWrites` after the additions between. */
  readonly surrendered: number;
  /** Partial sums among `reads` that are read back. */
  readonly readBacks: number;
}

export interface NestEvaluation {
  readonly cycles: number;
  /** Where they went, by cause; sums to `cycles`. */
  readonly stack: Readonly<Record<string, number>>;
  /** Multiplications of the nest, zeros included. */
  readonly macs: number;
  /** Steps of the datapath. */
  readonly steps: number;
  /** Multipliers in use at most. */
  readonly units: number;
  readonly boundaries: readonly BoundaryCounts[];
  /** Registers that sums pass in a network between units, where a machine has one of its own. */
  readonly hops?: number;
}

/** What sparsity changes about a schedule's time and traffic; 1 and the dense word sizes without it. */
export interface SparsityFactors {
  /** Mean bytes of a word of an operand on its way across a boundary, by operand and child level. */
  readonly bytes: (operand: OperandKey | "partial", child: number) => number;
  /** Mean cycles of a step of the datapath, relative to a dense one. */
  readonly stepCycles: number;
  /**
   * About the same by how many positions of a dimension the last level has, from 0; more of them take what the last entry
   * says. For the quick figure of a search alone: neither an evaluation nor a bound goes by it.
   */
  readonly runs?: { readonly dimension: number; readonly stepCycles: readonly number[] };
}
