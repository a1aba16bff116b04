// Parameters and the components that they change, on every registered machine.

import { describe, expect, test } from "vitest";
import { accelerators, acceleratorNamed } from "../accelerator/accelerators.ts";
import { parameterEffects } from "./parameter-effects.ts";

describe("what a parameter changes", () => {
  test("the array's rows change the array, a buffer's bytes its buffer, and nothing else", () => {
    const effects = parameterEffects(acceleratorNamed("systolic"), {});
    expect(effects["rows"]).toContain("grid");
    expect(effects["bandwidth"]).toEqual(["dram"]);
    expect(effects["buffers.sums"]).toEqual(["sumBuffer"]);
  });

  test("the values that are set count, not the defaults", () => {
    const effects = parameterEffects(acceleratorNamed("flexnn"), { "array.rows": 4 });
    expect(effects["array.rows"]).toContain("array");
  });

  test("every component of every machine but a few fixed ones is changed by some parameter", () => {
    for (const accelerator of accelerators()) {
      const { machine } = accelerator.configure({});
      const changed = new Set(Object.values(parameterEffects(accelerator, {})).flat());
      const known = Object.keys(machine.components);
      for (const name of changed) expect(known).toContain(name);
      expect(changed.size, accelerator.name).toBeGreaterThan(known.length / 2);
    }
  });
});
