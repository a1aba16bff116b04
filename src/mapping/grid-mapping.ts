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

const stationary: Readonly<Record<string, Stationary>> = {
  "weight-stationary": "weights",
  "input-stationary": "inputs",
  "output-stationary": "outputs",
};

/** Mappings of a fixed-pipeline array: one for each dataflow and way of streaming that is asked for. */
export function fixedMappings(
  dataflow: string,
  streaming: string,
  clock: number,
  grouping: Grouping,
): Record<string, GridMapping> {
  const dataflows = Object.entries(stationary).filter(([name]) => dataflow === "best" || name === dataflow);
  const ways = (["whole", "fit"] as const).filter((way) => streaming === "best" || way === streaming);
  return Object.fromEntries(
    dataflows.flatMap(([name, resting]) =>
      // Stationary outputs keep their sums in the units: there is nothing to fit.
      (resting === "outputs" ? ways.slice(0, 1) : ways).map((way): [string, GridMapping] => [
        ways.length > 1 && resting !== "outputs" ? `${name} ${way}` : name,
        { kind: "grid", stationary: resting, collapse: 1, clock, grouping, streaming: way },
      ]),
    ),
  );
}
