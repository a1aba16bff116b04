// Which machines a command runs, and with which parameters: --on, --set, --bandwidth and --mapping put together with
// a configuration file, then, for a fair comparison, the resources of the first machine given to the others.

import { acceleratorNamed } from "../../accelerator/accelerators.ts";
import type { RegisteredAccelerator } from "../../accelerator/accelerator.ts";
import type { LooseValues, Parameter } from "../../accelerator/parameters.ts";
import { InputError } from "../../base/error.ts";
import { parseQuantity } from "../../base/quantity.ts";

/** One machine to run. */
export interface MachineRequest {
  readonly accelerator: RegisteredAccelerator;
  /** Parameters that differ from the defaults. */
  readonly set: LooseValues;
  /** Parameters that the user set for this machine in particular: a comparison leaves them alone. */
  readonly own: ReadonlySet<string>;
  /** The mapping of every layer; undefined leaves the choice to the objective. */
  readonly mapping?: string;
}

/** A machine as a configuration file gives it. */
export interface ConfiguredMachine {
  readonly accelerator: string;
  readonly parameters: LooseValues;
}

/** `name:path=value` or `path=value`, taken apart. */
export interface Setting {
  readonly machine?: string;
  readonly path: string;
  readonly value: string;
}

/** Takes a setting apart. Throws InputError where it has no path or no value. */
export function parseSetting(text: string): Setting {
  const equals = text.indexOf("=");
  const target = text.slice(0, Math.max(0, equals)).trim();
  const colon = target.indexOf(":");
  const path = target.slice(colon + 1).trim();
  const value = text.slice(equals + 1).trim();
  if (equals < 0 || path === "" || value === "" || colon === 0) {
    throw new InputError({
      path: "--set",
      message: "bad setting",
      found: text,
      expected: "path=value or name:path=value",
    });
  }
  return colon < 0 ? { path, value } : { machine: target.slice(0, colon).trim(), path, value };
}

/** A word of the command line as a value of the parameter. Ranges and choices are checked when a machine is configured. */
export function parseValue(parameter: Parameter, text: string, path: string): number | string {
  return parameter.kind === "choice" ? text : parseQuantity(text, parameter.unit, path);
}

/** The names in `a,b`. Throws InputError for an empty one and for unknown ones. */
export function parseNames(on: string): readonly string[] {
  return on.split(",").map((part) => {
    const name = part.trim();
    if (name === "") {
      throw new InputError({
        path: "--on",
        message: "empty name",
        found: on,
        expected: "names of accelerators separated by commas",
      });
    }
    return acceleratorNamed(name).name;
  });
}

export interface MachineFlags {
  readonly on?: string;
  readonly set?: readonly string[];
  readonly bandwidth?: string;
  readonly mapping?: string;
}

/**
 * The machines of `--on`, each with what the file says of it (a machine that the file lists twice runs twice), or all
 * machines of the file. Later settings win over earlier ones, those for one machine over those for all, and both over
 * the file. Throws InputError for unknown names and parameters, and when no machine has a parameter.
 */
export function machineRequests(
  flags: MachineFlags,
  configured: readonly ConfiguredMachine[] = [],
): readonly MachineRequest[] {
  const machines =
    flags.on === undefined
      ? configured
      : parseNames(flags.on).flatMap((name) => {
          const inFile = configured.filter(({ accelerator }) => accelerator === name);
          return inFile.length === 0 ? [{ accelerator: name, parameters: {} }] : inFile;
        });
  if (machines.length === 0) {
    throw new InputError({
      path: "--on",
      message: "no accelerator given",
      expected: "--on with a name of heddle list accelerators, or --config",
    });
  }
  const bases = machines.map(({ accelerator, parameters }) => ({
    accelerator: acceleratorNamed(accelerator),
    parameters,
  }));
  const settings = (flags.set ?? []).map(parseSetting);
  const known = bases.map(({ accelerator }) => accelerator);
  for (const setting of settings) checkSetting(setting, known);
  const all: readonly Setting[] =
    flags.bandwidth === undefined ? settings : [...settings, { path: "bandwidth", value: flags.bandwidth }];
  const requests = bases.map(({ accelerator, parameters }): MachineRequest => {
    const shared = valuesOf(
      accelerator,
      all.filter(({ machine }) => machine === undefined),
    );
    const particular = valuesOf(
      accelerator,
      all.filter(({ machine }) => machine === accelerator.name),
    );
    return {
      accelerator,
      set: { ...parameters, ...shared, ...particular },
      own: new Set([...Object.keys(parameters), ...Object.keys(shared), ...Object.keys(particular)]),
    };
  });
  // Configures each machine once, so that a bad value stops the command before any work is done.
  const configuredMachines = requests.map(({ accelerator, set }) => configure(accelerator, set));
  if (flags.mapping === undefined) return requests;
  return withMappings(
    requests,
    flags.mapping,
    configuredMachines.map(({ machine }) => Object.keys(machine.mappings)),
  );
}

/** Configures a machine; an error names it. */
export function configure(
  accelerator: RegisteredAccelerator,
  set: LooseValues,
): ReturnType<RegisteredAccelerator["configure"]> {
  try {
    return accelerator.configure(set);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const path = error.fault.path === undefined ? accelerator.name : `${accelerator.name}.${error.fault.path}`;
    throw new InputError({ ...error.fault, path });
  }
}

function checkSetting(setting: Setting, machines: readonly RegisteredAccelerator[]): void {
  const { machine, path } = setting;
  const meant = machine === undefined ? machines : machines.filter(({ name }) => name === machine);
  if (meant.length === 0) {
    const names = machines.map(({ name }) => name);
    throw new InputError({
      path: "--set",
      message: "no machine of this run has this name",
      found: machine ?? "",
      expected: `one of ${names.join(", ")}`,
      known: names,
    });
  }
  if (meant.some(({ parameters }) => Object.hasOwn(parameters, path))) return;
  const known = [...new Set(meant.flatMap(({ parameters }) => Object.keys(parameters)))];
  const subject =
    meant.length === 1
      ? `${meant[0]?.name ?? ""} has no such parameter`
      : `none of ${meant.map(({ name }) => name).join(", ")} has this parameter`;
  throw new InputError({ path: "--set", message: subject, found: path, expected: `one of ${known.join(", ")}`, known });
}

function valuesOf(accelerator: RegisteredAccelerator, settings: readonly Setting[]): Record<string, number | string> {
  const values: Record<string, number | string> = {};
  for (const { path, value } of settings) {
    const parameter = Object.hasOwn(accelerator.parameters, path) ? accelerator.parameters[path] : undefined;
    if (parameter !== undefined) values[path] = parseValue(parameter, value, `${accelerator.name}.${path}`);
  }
  return values;
}

/** `k2`, or `arrayflex:k2,systolic:weight-stationary`; a name without machine is for those that have it. */
function withMappings(
  requests: readonly MachineRequest[],
  text: string,
  mappings: readonly (readonly string[])[],
): readonly MachineRequest[] {
  const chosen = requests.map((request): MachineRequest => ({ ...request }));
  for (const part of text.split(",")) {
    const colon = part.indexOf(":");
    const machine = colon < 0 ? undefined : part.slice(0, colon).trim();
    const mapping = part.slice(colon + 1).trim();
    let used = false;
    requests.forEach((request, index) => {
      if (machine !== undefined && machine !== request.accelerator.name) return;
      if (mappings[index]?.includes(mapping) !== true) return;
      chosen[index] = { ...request, mapping };
      used = true;
    });
    if (used) continue;
    const meant = requests.flatMap((request, index) =>
      machine === undefined || machine === request.accelerator.name ? (mappings[index] ?? []) : [],
    );
    if (meant.length === 0) {
      const names = requests.map(({ accelerator }) => accelerator.name);
      throw new InputError({
        path: "--mapping",
        message: "no machine of this run has this name",
        found: machine ?? "",
        expected: `one of ${names.join(", ")}`,
        known: names,
      });
    }
    const known = [...new Set(meant)];
    throw new InputError({
      path: "--mapping",
      message: "no such mapping",
      found: mapping,
      expected: `one of ${known.join(", ")}`,
      known,
    });
  }
  return chosen;
}
