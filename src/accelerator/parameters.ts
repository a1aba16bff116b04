// Parameters of a machine as a table of data, and values for it: defaults, and checks of what a user set.

import { InputError } from "../base/error.ts";
import type { Source } from "../base/source.ts";

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

/** Values by dotted path, not yet tied to one table's type. */
export type LooseValues = Readonly<Record<string, number | string>>;

/** The defaults of a table with `set` on top. Throws InputError naming the path, the value and what is valid. */
export function resolveParameters(
  accelerator: { readonly name: string; readonly parameters: ParameterTable },
  set: LooseValues,
): Record<string, number | string> {
  const table = accelerator.parameters;
  const unknown = Object.keys(set).find((path) => !Object.hasOwn(table, path));
  if (unknown !== undefined) {
    throw new InputError({
      path: unknown,
      message: `${accelerator.name} has no such parameter`,
      found: unknown,
      known: Object.keys(table),
    });
  }
  return Object.fromEntries(
    Object.entries(table).map(([path, parameter]) => [
      path,
      checkParameter(path, parameter, set[path] ?? parameter.default),
    ]),
  );
}

function checkParameter(path: string, parameter: Parameter, value: number | string): number | string {
  if (parameter.kind === "choice") {
    if (typeof value === "string" && parameter.choices.includes(value)) return value;
    throw new InputError({
      path,
      message: "not a valid choice",
      found: String(value),
      expected: `one of ${parameter.choices.join(", ")}`,
      known: parameter.choices,
    });
  }
  const unit = parameter.unit === "" ? "" : ` ${parameter.unit}`;
  const upper = parameter.maximum === Infinity ? "unlimited" : `${parameter.maximum}${unit}`;
  const expected = `${parameter.kind === "integer" ? "a whole number" : "a number"} from ${parameter.minimum}${unit} to ${upper}`;
  if (
    typeof value !== "number" ||
    Number.isNaN(value) ||
    value < parameter.minimum ||
    value > parameter.maximum ||
    (parameter.kind === "integer" && !Number.isInteger(value) && value !== Infinity)
  ) {
    throw new InputError({
      path,
      message: "out of range",
      found: typeof value === "number" ? `${value}${unit}` : value,
      expected,
    });
  }
  return value;
}

/** Values as a run records them: infinity reads "unlimited". */
export const printableParameters = (values: LooseValues): Record<string, number | string> =>
  Object.fromEntries(Object.entries(values).map(([path, value]) => [path, value === Infinity ? "unlimited" : value]));

/** Paths that a fair comparison makes equal. */
export const resourcePaths = (table: ParameterTable): readonly string[] =>
  Object.entries(table).flatMap(([path, parameter]) => (parameter.resource === true ? [path] : []));
