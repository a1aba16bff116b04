// The shape of a machine description: parameters with sources, claims, and the machine that they build.
// A file beside this one holds one published machine as data; no mechanism knows any machine by name.

import type { Citation } from "../base/source.ts";
import type { Machine } from "../simulate/machine.ts";
import type { Claim } from "./claim.ts";
import type { LooseValues, ParameterTable, ParameterValues } from "./parameters.ts";

export interface Accelerator<Table extends ParameterTable = ParameterTable, Built extends Machine = Machine> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly citation: Citation;
  readonly parameters: Table;
  /** Parameters whose product is the number of multipliers: what a fair comparison of arrays of other shapes makes equal. */
  readonly multipliers: readonly (string & keyof Table)[];
  /** Name of the machine that the claims compare with, and the claims; none for a machine whose paper claims nothing here. */
  readonly claims?: {
    readonly rival: string;
    readonly list: readonly Claim[];
    /** To derive them takes minutes: it is done only when the machine is named. */
    readonly slow?: boolean;
  };
  /** The machine for these parameters. Throws InputError (with `path`) where they contradict each other. */
  readonly build: (values: ParameterValues<Table>) => Built;
}

/** A description whose parameters are checked when it is configured. */
export interface RegisteredAccelerator extends Omit<Accelerator, "build" | "multipliers"> {
  readonly multipliers: readonly string[];
  /** Checks `set` against the parameter table and builds the machine. */
  readonly configure: (set: LooseValues) => { readonly machine: Machine; readonly values: LooseValues };
}
