// Configuration files are read back as they were written, whatever values the parameters have.

import fc from "fast-check";
import { expect, test } from "vitest";
import { accelerators } from "../../accelerator/accelerators.ts";
import type { RegisteredAccelerator } from "../../accelerator/accelerator.ts";
import type { LooseValues, Parameter } from "../../accelerator/parameters.ts";
import { configText } from "./config-text.ts";
import { parseConfig } from "./config.ts";
import type { ConfiguredMachine } from "./settings.ts";

function valueOf(parameter: Parameter): fc.Arbitrary<number | string> {
  if (parameter.kind === "choice") return fc.constantFrom(...parameter.choices);
  const { minimum, maximum, kind } = parameter;
  const whole = { min: Math.ceil(minimum), max: Math.min(maximum, 2 ** 40) };
  const finite =
    kind === "integer"
      ? fc.integer({ min: whole.min, max: Math.min(whole.max, 2 ** 31 - 1) })
      : fc.double({ min: minimum, max: whole.max, noNaN: true });
  return maximum === Infinity ? fc.oneof(finite, fc.constant(Infinity)) : finite;
}

const configured = (accelerator: RegisteredAccelerator): fc.Arbitrary<ConfiguredMachine> =>
  fc
    .subarray(Object.entries(accelerator.parameters), { maxLength: 3 })
    .chain((some) => fc.record(Object.fromEntries(some.map(([path, parameter]) => [path, valueOf(parameter)]))))
    // Values that contradict each other are drawn again.
    .map((parameters) => ({ accelerator: accelerator.name, parameters: { ...parameters } }))
    .filter(({ parameters }) => isBuildable(accelerator, parameters));

function isBuildable(accelerator: RegisteredAccelerator, parameters: LooseValues): boolean {
  try {
    accelerator.configure(parameters);
    return true;
  } catch {
    return false;
  }
}

const machine = fc.constantFrom(...accelerators()).chain(configured);

test("a file is read back as it was written", () => {
  fc.assert(
    fc.property(
      fc.array(machine, { minLength: 1, maxLength: 4 }),
      fc.record(
        {
          objective: fc.constantFrom("seconds" as const, "cycles" as const, "energy" as const, "edp" as const),
          seed: fc.nat(),
          layers: fc.constantFrom("1-20", "conv1,layer3.*"),
        },
        { requiredKeys: [] },
      ),
      (machines, options) => {
        const read = parseConfig(configText(machines, { ...options }), "written.yaml");
        expect(read.machines).toEqual(machines);
        expect(read.options).toEqual({ ...options });
      },
    ),
    { numRuns: 100 },
  );
});
