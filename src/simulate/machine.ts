// A machine ready to run: components, the way each operand travels, formats and the mappings it can be configured to.
// Accelerator descriptions build one from their parameters.

import type { Components } from "../dataflow/route.ts";
import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { NumberFormat } from "../technology/technology.ts";
import type { OperandName } from "./result.ts";

export type Mapping = GridMapping;

export interface Machine {
  readonly name: string;
  readonly components: Components;
  /** One line for each operand, memories from far to near: `"dram > weightBuffer > grid"`. */
  readonly paths: Readonly<Record<OperandName, string>>;
  /** Number formats: operands and sums are the array's own, results leave in `output`. */
  readonly output: NumberFormat;
  /** By name, such as `k2`; the best for the objective is chosen layer by layer unless one is asked for. */
  readonly mappings: Readonly<Record<string, Mapping>>;
  /** Name of the technology that prices it. */
  readonly technology: string;
  /** Power of the array in each mapping relative to a fixed-pipeline array, where a publication or a fit gives it. */
  readonly relativePower?: Readonly<Record<string, number>>;
}

export type Objective = "cycles" | "seconds" | "energy" | "edp";
