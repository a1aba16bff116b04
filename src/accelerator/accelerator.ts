// The shape of a machine description: parameters with sources, components, paths, formats, mappings and claims.
// A file beside this one holds one published machine as data; no mechanism knows any machine by name.

import type { Citation, Source } from "../base/source.ts";
import type { Machine } from "../simulate/machine.ts";
import type { Claim } from "./claim.ts";
import type { LooseValues } from "./parameters.ts";

interface ParameterBase {
  readonly description: string;
  readonly source: Source;
  /** True for what a fair comparison makes equal: units, widths, buffers, bandwidth, technology. */
  readonly resource?: boolean;
}

export interface NumberParameter extends ParameterBase {
  readonly kind: "integer" | "number";
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  /** SI unit: "", "Hz", "B", "B/s", "s" ... `Infinity` as the default or maximum reads "unlimited". */
  readonly unit: string;
}

export interface ChoiceParameter extends ParameterBase {
  readonly kind: "choice";
  readonly default: string;
  readonly choices: readonly string[];
}

export type Parameter = NumberParameter | ChoiceParameter;

/** Parameters by dotted path, such as `buffers.A` or `clock.k2`. */
export type ParameterTable = Readonly<Record<string, Parameter>>;

/** Values for a table: numbers for number parameters, words for choices. */
export type ParameterValues<Table extends ParameterTable = ParameterTable> = {
  readonly [Path in keyof Table]: Table[Path] extends NumberParameter ? number : string;
};

export interface Accelerator<Table extends ParameterTable = ParameterTable> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly citation: Citation;
  readonly parameters: Table;
  /** Name of the machine that the claims compare with, and the claims; none for a machine whose paper claims nothing here. */
  readonly claims?: { readonly rival: string; readonly list: readonly Claim[] };
  /** The machine for these parameters. Throws InputError (with `path`) where they contradict each other. */
  readonly build: (values: ParameterValues<Table>) => Machine;
}

/** A description whose parameters are checked when it is configured. */
export interface RegisteredAccelerator extends Omit<Accelerator, "build"> {
  /** Checks `set` against the parameter table and builds the machine. */
  readonly configure: (set: LooseValues) => { readonly machine: Machine; readonly values: LooseValues };
}
