// How a matrix product is laid on a systolic grid: which operand rests, how far the pipeline is collapsed, how grouped
// convolutions are lowered and whether the streamed dimension is cut so that partial sums stay on chip.

import type { Stationary } from "../component/systolic-grid.ts";
import type { Grouping } from "../workload/lowering.ts";

export interface GridMapping {
  readonly kind: "grid";
  readonly stationary: Stationary;
  readonly collapse: number;
  /** Hertz at this collapse. */
  readonly clock: number;
  readonly grouping: Grouping;
  /**
   * `whole`: a stationary tile meets all vectors at once; partial sums that do not fit are spilt.
   * `fit`: vectors are cut into blocks whose partial sums stay in the buffer; the stationary operand is loaded again for each.
   */
  readonly streaming: "whole" | "fit";
}
