// The memory schedule of a product on a grid: which bytes each tile fetches and writes, given what the buffers retain.
// A buffer retains an operand's whole working set or nothing of it; halving a buffer therefore never lowers traffic.

import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import type { GridMachine } from "./grid-machine.ts";
import { operandStationarySchedule } from "./operand-stationary.ts";
import { outputStationarySchedule } from "./output-stationary.ts";
import type { Step } from "./program.ts";
import { sumSteps } from "./program.ts";
import type { ScheduleDraft } from "./schedule-draft.ts";

/** The schedule of one product. */
export interface GridSchedule extends ScheduleDraft {
  /** Bytes from the operands' homes. */
  readonly fetched: { readonly A: number; readonly B: number; readonly C: number };
  /** Bytes of C to its home. */
  readonly written: number;
}

/** What of a mapping decides the schedule: the pipeline's depth does not. */
export type ScheduledMapping = Pick<GridMapping, "stationary" | "streaming">;

/** The memory schedule of a product. Throws InputError (with `path`) when a buffer cannot hold the smallest piece of work. */
export function scheduleGrid(product: MatrixProduct, machine: GridMachine, mapping: ScheduledMapping): GridSchedule {
  const schedule =
    mapping.stationary === "outputs"
      ? outputStationarySchedule(product, machine)
      : operandStationarySchedule(product, machine, mapping.stationary, mapping.streaming);
  const total = (quantity: (step: Step) => number): number => sumSteps(schedule.nodes, quantity);
  return {
    ...schedule,
    fetched: { A: total((step) => step.fetchA), B: total((step) => step.fetchB), C: total((step) => step.fetchC) },
    written: total((step) => step.writeC),
  };
}
