// Which components a parameter of a machine changes, found by changing it: descriptions say what they build, not from
// what.

import type { RegisteredAccelerator } from "../accelerator/accelerator.ts";
import type { LooseValues, Parameter } from "../accelerator/parameters.ts";
import { InputError } from "../base/error.ts";

/**
 * For each parameter, by path, the components whose description another value of it changes, in the machine's order.
 * A parameter none of whose other values can be built with the rest has none.
 */
export function parameterEffects(
  accelerator: RegisteredAccelerator,
  set: LooseValues,
): Readonly<Record<string, readonly string[]>> {
  const { machine, values } = accelerator.configure(set);
  const effects = Object.entries(accelerator.parameters).map(([path, parameter]) => {
    const value = values[path] ?? parameter.default;
    const changed = otherValues(parameter, value).flatMap((other) => {
      const components = componentsWith(accelerator, { ...values, [path]: other });
      return components === undefined
        ? []
        : Object.keys(machine.components).filter(
            (name) => JSON.stringify(components[name]) !== JSON.stringify(machine.components[name]),
          );
    });
    return [path, Object.keys(machine.components).filter((name) => changed.includes(name))] as const;
  });
  return Object.fromEntries(effects);
}

function componentsWith(
  accelerator: RegisteredAccelerator,
  values: LooseValues,
): Readonly<Record<string, object>> | undefined {
  try {
    return accelerator.configure(values).machine.components;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Other values that a table allows; whether they fit the other parameters shows when they are tried. */
function otherValues(parameter: Parameter, value: number | string): readonly (number | string)[] {
  if (parameter.kind === "choice") return parameter.choices.filter((choice) => choice !== value);
  if (typeof value !== "number") return [];
  const { minimum, maximum, kind } = parameter;
  const finite = Number.isFinite(value) ? value : Math.max(1, minimum);
  const half = kind === "integer" ? Math.floor(finite / 2) : finite / 2;
  return [finite * 2, half, finite, minimum, maximum].filter(
    (other, index, all) => other !== value && other >= minimum && other <= maximum && all.indexOf(other) === index,
  );
}
