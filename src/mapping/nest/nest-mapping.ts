// How a layer is laid on a machine by a loop nest: the best schedule that a dataflow allows, found by search.

export const dataflowNames = [
  "any",
  "weight-stationary",
  "output-stationary",
  "input-stationary",
  "row-stationary",
  "no-local-reuse",
] as const;

/** `any` is every schedule; the others are the field's classic taxonomy, each a part of it. */
export type DataflowName = (typeof dataflowNames)[number];

export interface NestMapping {
  readonly kind: "nest";
  readonly dataflow: DataflowName;
  /** Hertz. */
  readonly clock: number;
  /** Schedules that the search may evaluate for a layer; a budget, so that results do not depend on the machine's speed. */
  readonly evaluations: number;
}
