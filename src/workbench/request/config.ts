// Reads the text of a configuration file: YAML, checked against the schema, every error with file, line and column.

import type { ZodType } from "zod";
import { acceleratorNamed } from "../../accelerator/accelerators.ts";
import type { RegisteredAccelerator } from "../../accelerator/accelerator.ts";
import type { LooseValues, Parameter, ParameterTable } from "../../accelerator/parameters.ts";
import { InputError } from "../../base/error.ts";
import { definedOnly } from "../../base/defined.ts";
import { fileSchema, machineSchema, optionsSchema, runKeys } from "./schema.ts";
import type { RunOptions } from "./schema.ts";
import type { ConfiguredMachine } from "./settings.ts";
import { parseValue } from "./settings.ts";
import type { CheckWord, ConversionWord, ObjectiveWord } from "./words.ts";
import type { FieldPath, YamlSource } from "./yaml-source.ts";
import { faultAt, isRecord, parseYaml, plainValue, shown, unknownKey } from "./yaml-source.ts";

export interface Configuration {
  readonly machines: readonly ConfiguredMachine[];
  readonly options: ConfiguredOptions;
}

/** Options of a run that a file may give, in the form of the command's flags. */
export interface ConfiguredOptions {
  readonly mapping?: string;
  readonly schedule?: string;
  readonly objective?: ObjectiveWord;
  readonly conversions?: ConversionWord;
  readonly layers?: string;
  readonly batch?: number;
  readonly density?: string;
  readonly seed?: number;
  readonly check?: CheckWord;
  readonly audit?: number;
  readonly threads?: number;
}

const form = "accelerator: <name>, or accelerators: with a list, then parameters: and run:";

/**
 * The configuration in `text`; `file` names it in errors. Throws InputError, with line and column, for bad YAML, unknown
 * keys and values out of range.
 */
export function parseConfig(text: string, file: string): Configuration {
  const source = parseYaml(text, file);
  const value = plainValue(source);
  if (!isRecord(value)) throw faultAt(source, [], { message: "not a configuration", expected: form });
  const several = Object.hasOwn(value, "accelerators");
  if (!several) {
    const accelerator = namedMachine(source, [], value["accelerator"]);
    check(source, fileSchema(accelerator), value, [], accelerator);
    return {
      machines: [machineOf(source, accelerator, value["parameters"], ["parameters"])],
      options: optionsOf(source, value["run"]),
    };
  }
  const extra = Object.keys(value).find((key) => key !== "accelerators" && key !== "run");
  if (extra !== undefined) throw unknownKey(source, [extra], ["accelerators", "run"]);
  const list = value["accelerators"];
  if (!Array.isArray(list) || list.length === 0) {
    throw faultAt(source, ["accelerators"], {
      message: "no machines",
      expected: "a list with an accelerator: <name> in each entry",
    });
  }
  const machines = list.map((entry: unknown, index): ConfiguredMachine => {
    const path = ["accelerators", index];
    if (!isRecord(entry)) {
      throw faultAt(source, path, { message: "not a machine", found: shown(entry), expected: "accelerator: <name>" });
    }
    const accelerator = namedMachine(source, path, entry["accelerator"]);
    check(source, machineSchema(accelerator), entry, path, accelerator);
    return machineOf(source, accelerator, entry["parameters"], [...path, "parameters"]);
  });
  return { machines, options: optionsOf(source, value["run"]) };
}

function namedMachine(source: YamlSource, path: FieldPath, name: unknown): RegisteredAccelerator {
  if (typeof name !== "string") {
    throw faultAt(source, path, {
      message: "no accelerator",
      ...(name === undefined ? {} : { found: shown(name) }),
      expected: form,
    });
  }
  try {
    return acceleratorNamed(name);
  } catch (error) {
    throw error instanceof InputError ? faultAt(source, [...path, "accelerator"], error.fault) : error;
  }
}

function machineOf(
  source: YamlSource,
  accelerator: RegisteredAccelerator,
  parameters: unknown,
  path: FieldPath,
): ConfiguredMachine {
  const values: Record<string, number | string> = {};
  collect(source, accelerator.parameters, parameters, path, "", values);
  checkValues(source, accelerator, values, path);
  return { accelerator: accelerator.name, parameters: values };
}

/** Flattens nested parameters to dotted paths and reads quantities; the schema has checked keys and kinds. */
function collect(
  source: YamlSource,
  table: ParameterTable,
  value: unknown,
  path: FieldPath,
  prefix: string,
  into: Record<string, number | string>,
): void {
  if (!isRecord(value)) return;
  for (const [key, entry] of Object.entries(value)) {
    const name = `${prefix}${key}`;
    const parameter = Object.hasOwn(table, name) ? table[name] : undefined;
    if (parameter === undefined) {
      collect(source, table, entry, [...path, key], `${name}.`, into);
      continue;
    }
    if (Object.hasOwn(into, name)) throw faultAt(source, [...path, key], { message: `${name} is given twice` });
    into[name] = located(source, [...path, key], () =>
      typeof entry === "number" && parameter.kind !== "choice" ? entry : parseValue(parameter, String(entry), name),
    );
  }
}

/** Configures the machine with one value after the other, so that an error belongs to a line. */
function checkValues(
  source: YamlSource,
  accelerator: RegisteredAccelerator,
  values: LooseValues,
  path: FieldPath,
): void {
  try {
    accelerator.configure(values);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const at = error.fault.path;
    const field = at === undefined ? path : pathOfParameter(source, path, at);
    throw faultAt(source, field, error.fault);
  }
}

/** Where a parameter stands in the file: under its dotted key, or nested. */
function pathOfParameter(source: YamlSource, path: FieldPath, parameter: string): FieldPath {
  const parts = parameter.split(".");
  for (let cut = 0; cut < parts.length; cut++) {
    const candidate = [...path, ...parts.slice(0, cut), parts.slice(cut).join(".")];
    if (source.document.hasIn(candidate)) return candidate;
  }
  return [...path, parameter];
}

function optionsOf(source: YamlSource, value: unknown): ConfiguredOptions {
  if (value === undefined || value === null) return {};
  const options = check(source, optionsSchema, value, ["run"]);
  const { density, layers, ...rest } = options;
  return {
    ...definedOnly(rest),
    ...(density === undefined ? {} : { density: densityText(density) }),
    ...(layers === undefined ? {} : { layers: String(layers) }),
  };
}

function densityText(density: NonNullable<RunOptions["density"]>): string {
  if (typeof density !== "object") return String(density);
  return Object.entries(density)
    .map(([operand, value]) => `${operand}=${value}`)
    .join(",");
}

/** Checks a value against a schema. Throws InputError for the first fault. */
function check<T>(
  source: YamlSource,
  schema: ZodType<T>,
  value: unknown,
  path: FieldPath,
  accelerator?: RegisteredAccelerator,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const inner = (issue?.path ?? []).map((part) => (typeof part === "number" ? part : String(part)));
  const where = [...path, ...inner];
  if (issue?.code === "unrecognized_keys") {
    throw unknownKey(source, [...where, issue.keys[0] ?? ""], knownKeys(inner, path, accelerator));
  }
  const expected = expectation(inner, accelerator) ?? issue?.message.replace(/^.*?expected /, "") ?? "another value";
  throw faultAt(source, where, { message: "not a valid value", found: shown(valueAt(value, inner)), expected });
}

/** Keys that may stand where an unknown one was found. */
function knownKeys(
  inner: FieldPath,
  path: FieldPath,
  accelerator: RegisteredAccelerator | undefined,
): readonly string[] {
  const whole = [...path, ...inner];
  if (whole[0] === "run") return whole.length === 1 ? runKeys : ["A", "B"];
  if (inner[0] !== "parameters") {
    return inner[0] === "run"
      ? runKeys
      : path.length === 0
        ? ["accelerator", "parameters", "run"]
        : ["accelerator", "parameters"];
  }
  const names = Object.keys(accelerator?.parameters ?? {});
  const prefix = inner
    .slice(1)
    .map((part) => `${part}.`)
    .join("");
  const under = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return prefix === ""
    ? [...under, ...new Set(names.filter((name) => name.includes(".")).map((name) => name.slice(0, name.indexOf("."))))]
    : under;
}

/** What options of a run take, where the schema's own words would not help. */
const optionExpectations: Readonly<Record<string, string>> = {
  layers: "names, patterns or numbers of layers separated by commas",
  density: "a number from 0 to 1, or { A: .., B: .. }",
  batch: "a whole number of at least 1",
  audit: "a percentage from 0 to 100",
};

function expectation(inner: FieldPath, accelerator: RegisteredAccelerator | undefined): string | undefined {
  if (accelerator === undefined || inner[0] === "run") {
    return optionExpectations[String(inner.at(inner[0] === "run" ? 1 : 0))];
  }
  if (inner[0] !== "parameters") return undefined;
  const name = inner.slice(1).join(".");
  const table = accelerator.parameters;
  const parameter: Parameter | undefined = Object.hasOwn(table, name) ? table[name] : undefined;
  if (parameter === undefined) return inner.length === 1 ? "parameters by name" : undefined;
  if (parameter.kind === "choice") return `one of ${parameter.choices.join(", ")}`;
  const unit = parameter.unit === "" ? "" : ` ${parameter.unit}`;
  const upper = parameter.maximum === Infinity ? "unlimited" : `${parameter.maximum}${unit}`;
  return `${parameter.kind === "integer" ? "a whole number" : "a number"} from ${parameter.minimum}${unit} to ${upper}`;
}

function located<T>(source: YamlSource, path: FieldPath, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof InputError ? faultAt(source, path, error.fault) : error;
  }
}

function valueAt(value: unknown, path: FieldPath): unknown {
  let at = value;
  for (const part of path) at = isRecord(at) ? at[String(part)] : Array.isArray(at) ? at[Number(part)] : undefined;
  return at;
}
