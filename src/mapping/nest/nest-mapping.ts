// How a layer is laid on a machine by a loop nest: the best schedule that a dataflow allows, found by search.

export const dataflowNames = [
  "any",
  "weight-stationary",
  "output-stationary",
  "input-stationary",
  "row-stationary",
  "no-local-reuse",
] as const;

export type DataflowName = (typeof dataflowNames)[number];

export interface NestMapping {
  readonly kind: "nest";
  /** `any` is every schedule; the others are the field's classic taxonomy, each a part of it. */
  readonly dataflow: DataflowName;
  /** Hertz. */
  readonly clock: number;
  /**
   * Moves of each run of the search: how long it looks. A budget of moves, not of time, so that results do not depend on
   * the computer's speed.
   */
  readonly moves: number;
}
