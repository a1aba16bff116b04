// The loops of one dimension, apart from all others: which pieces its units hold at a step, how they change when some
// loop moves on, and how often each change happens. Nests meet the same chains again and again, so chains are kept.

/** A loop of the dimension that has more than one step. */
export interface ChainLoop {
  readonly level: number;
  readonly tile: number;
  readonly spatial: boolean;
  /** Spatial only: whether one read serves all units along it. */
  readonly multicast: boolean;
}

/** How an operand uses the dimension: not at all, in a rank of its own within [from, to), or in a window. */
export type Role =
  | { readonly kind: "absent" }
  | { readonly kind: "alone"; readonly from: number; readonly to: number }
  | { readonly kind: "window" };

export interface Traits {
  readonly size: number;
  /** Whether results are summed over it. */
  readonly reduced: boolean;
  /** By operand: A, B, C. */
  readonly roles: readonly Role[];
  /** Whether words depend on where a piece lies, and not on its length alone. */
  readonly positional: boolean;
  /** Whether words of the pieces in [from, to) only move along with them: none of them are padding. */
  readonly safe: (from: number, to: number) => boolean;
  /** The same as an interval that the pieces lie in. */
  readonly safeFrom: number;
  readonly safeTo: number;
}

/** Bits of `flags`: this dimension's loops of the level are all at their first (now, next) or last (now, before) step. */
export const atFirst = 1;
export const atLast = 2;
export const wasLast = 4;
export const nextFirst = 8;
export const allFlags = 15;

/** Steps of one level's loops that are alike: by which change they are reached and left, and how many there are. */
export interface Steps {
  readonly arrive: number[];
  readonly leave: number[];
  readonly flags: number[];
  readonly count: number[];
}

/** Pieces of all units at one step: begin and length by unit; length 0 is idle. */
export interface Pieces {
  readonly begin: Int32Array;
  readonly length: Int32Array;
}

/** A change: what units take up, and what they had; undefined before the first step. */
export interface Change {
  readonly state: number;
  readonly next: Pieces;
  /** Of inputs: a unit that idles keeps its words. */
  readonly before: Pieces | undefined;
  /** Of results: a unit that idles gives its words up when the unit that it writes to moves on. */
  readonly beforeSums: Pieces | undefined;
}

/** How idle units treat results, by stage: the level that they are written to, and the loops that move its tile on. */
export interface SumRule {
  /** -1 where results are not kept. */
  readonly parent: readonly number[];
  /** How many of the dimension's temporal loops lie at or outside the innermost one that moves the parent's results. */
  readonly fixed: readonly number[];
}

/**
 * What the joint formulas need of the changes of one stage, one table after the other, each by change: `taken` for
 * operand 0..2 and parent 0..stage (the parent `stage` adds up all units), `kept` likewise, and `left` for mover and parent
 * 0..stage: results that leave the units below each unit of level `mover` that goes on, while the others wait; with the
 * stage itself as mover each unit decides for itself. `sums` holds `taken` and `kept` summed over all steps, by the case
 * of which loop moved.
 */
export interface Measures {
  readonly data: Float64Array;
  readonly sums: Float64Array;
  /** Largest `taken`, by operand * (stage + 1) + parent. */
  readonly most: Float64Array;
}

/** Number of the table of `taken`, to be multiplied by the number of changes or cases. */
export const takenTable = (stage: number, operand: number, parent: number): number => operand * (stage + 1) + parent;
export const keptTable = (stage: number, operand: number, parent: number): number =>
  (3 + operand) * (stage + 1) + parent;
export const leftTable = (stage: number, mover: number, parent: number): number => (6 + mover) * (stage + 1) + parent;

export interface Stage {
  /** Temporal loops of the dimension at levels before the stage. */
  readonly loops: number;
  readonly changes: readonly Change[];
  /** Steps of all temporal loops at levels before the stage. */
  readonly settings: number;
  /** By change: the state that it leads to, and the change one stage further down at the first step there. */
  readonly stateOf: Int32Array;
  readonly firstOf: Int32Array;
  readonly states: number;
  /** Units below the levels before the stage that the tables tell apart. */
  readonly units: number;
  readonly start: number;
  /** The change from the last step of all to the first: what is left at the end. */
  readonly wrap: number;
  readonly measures: Measures;
  /** Units by (operand kind: 0 inputs, 1 results; parent): the number of the group that they are in. */
  readonly groups: readonly (readonly Int32Array[])[];
  /** Temporal loops at the stage's own level, and by state and [moved * (2k+1) + moving]: the steps. */
  readonly ownLoops: number;
  /** The kinds of steps of a state and a case from stepStart[state * cases * cases + case] on, to the next start. */
  readonly stepStart: Int32Array;
  readonly stepArrive: Int32Array;
  readonly stepLeave: Int32Array;
  readonly stepFlags: Uint8Array;
  readonly stepCount: Float64Array;
  /** By [state * own loops + loop]: steps when the outer ones are at their first; by state: of all together. */
  readonly counts: Int32Array;
  readonly total: Float64Array;
  /** All changes of the stage by which loop moved (2 * loops + 1 cases): pairs of change and count. */
  readonly moves: readonly { readonly change: readonly number[]; readonly count: readonly number[] }[];
}

export interface Chain {
  readonly traits: Traits;
  /** Stages 0 (the whole problem) to n (the datapath). */
  readonly stages: readonly Stage[];
  /** Whether some unit may be idle at some step. */
  readonly ragged: boolean;
  readonly id: number;
}
