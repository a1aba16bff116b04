// Sparsity in a loop nest as data: how each operand is stored at each level, where zeros of one operand spare work on
// another, and where the lanes wait for each other. What follows from it for a schedule is said here too.

import type { SparsityFactors } from "../../../dataflow/nest/evaluation.ts";
import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { DensityModel } from "../../../tensor/density/density.ts";
import type { TileFormat } from "../../../tensor/tile-bits.ts";

/** The operands whose zeros make a product zero. */
export type Leader = "A" | "B";

/**
 * `skip` spares time and energy, `gate` energy alone. At the datapath a multiplication does not take place when the word
 * of one of the leaders is zero. At a level, a tile of the follower is not read for the level or the multipliers below
 * while the leader's tile is empty: all words of the leader that the nest brings together with this tile of the follower
 * before it replaces it; at the multipliers, which keep nothing, the word of the same step. With several leaders, one
 * empty tile is enough.
 */
export type SparseAction =
  | { readonly kind: "skip" | "gate"; readonly at: "datapath"; readonly leaders: readonly Leader[] }
  | {
      readonly kind: "skip" | "gate";
      /** Index of the level that is read. */
      readonly at: number;
      readonly follower: OperandKey;
      readonly leaders: readonly Leader[];
    };

export interface NestSparsity {
  /** For each level the formats of operands that are not stored word by word. */
  readonly formats: readonly Partial<Readonly<Record<OperandKey, TileFormat>>>[];
  readonly actions: readonly SparseAction[];
  /**
   * Lanes wait for each other when the tile of this level is done: 0 for once at the end, the number of levels for every
   * step. A lane is one multiplier of the schedule, with its own part of the tile.
   */
  readonly barrier: number;
}

/** Where the non-zeros of the operands lie. Axes are the operand's ranks in the problem. C is the finished result. */
export interface NestDensities {
  readonly A: DensityModel;
  readonly B: DensityModel;
  readonly C?: DensityModel;
}

/** Parts of all multiplications of the nest; they sum to 1. */
export interface MacShares {
  readonly executed: number;
  readonly gated: number;
  readonly skipped: number;
}

/** What becomes of the words that a boundary would move without zeros; parts of them that sum to 1. */
export interface AccessShares {
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
  readonly actual: number;
  readonly gated: number;
  readonly skipped: number;
}

/** Everything that sparsity changes about one schedule. */
export interface SparseFactors extends SparsityFactors {
  readonly macs: MacShares;
  readonly accesses: readonly AccessShares[];
  /**
   * Cycles of a round between two barriers relative to a dense one: of the mean lane, and of the slowest lane of each
   * round, which is `stepCycles`.
   */
  readonly meanLane: number;
}

/** A figure by statistics and on the data themselves. */
export interface SparseComparison {
  readonly figure: string;
  readonly statistical: number;
  readonly actual: number;
  /** statistical / actual - 1; 0 where both are 0, Infinity where only the data have none. */
  readonly error: number;
}

/** The same schedule by statistics and on data, side by side. */
export function compareSparsity(statistical: SparseFactors, actual: SparseFactors): readonly SparseComparison[] {
  const row = (figure: string, ours: number, data: number): SparseComparison => ({
    figure,
    statistical: ours,
    actual: data,
    error: ours === data ? 0 : ours / data - 1,
  });
  const rows = [
    row("multiplications executed", statistical.macs.executed, actual.macs.executed),
    row("multiplications gated", statistical.macs.gated, actual.macs.gated),
    row("multiplications skipped", statistical.macs.skipped, actual.macs.skipped),
    row("cycles of the mean lane", statistical.meanLane, actual.meanLane),
    row("cycles of the slowest lane", statistical.stepCycles, actual.stepCycles),
  ];
  for (const [index, access] of statistical.accesses.entries()) {
    const { operand, parent, child } = access;
    const other = actual.accesses[index];
    if (other === undefined) break;
    const where = `${operand} from level ${parent}`;
    rows.push(row(`words of ${where} moved`, access.actual, other.actual));
    rows.push(row(`bytes a word of ${where}`, statistical.bytes(operand, child), actual.bytes(operand, child)));
  }
  return rows;
}
