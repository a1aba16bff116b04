// The fast model of SCALE-Sim equals an address-by-address walk on random small layers, in every field and every row of
// every trace; what it does not answer it refuses by name.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectAsWalked, isShort } from "../../../test/support/scalesim-against-walk.ts";
import { scalesimLayoutRuns, scalesimRuns } from "../../../test/support/scalesim-runs.ts";
import type { ScalesimConfiguration, ScalesimLayer } from "./scalesim.ts";
import { checkScalesim, computeScalesimLayer, simulateScalesimLayer } from "./simulate.ts";

const layer: ScalesimLayer = {
  name: "square",
  ifmapHeight: 4,
  ifmapWidth: 4,
  filterHeight: 1,
  filterWidth: 4,
  channels: 1,
  filters: 4,
  stride: 1,
  sparsity: { kept: 1, block: 1 },
};

const memory = { customLayout: false, bandwidth: 10, banks: 1, ports: 2 };

const configuration: ScalesimConfiguration = {
  runName: "run",
  mode: "CALC",
  arrayHeight: 4,
  arrayWidth: 4,
  sramKilobytes: { ifmap: 64, filter: 64, ofmap: 64 },
  offsets: { ifmap: 0, filter: 10_000_000, ofmap: 20_000_000 },
  dataflow: "os",
  bandwidth: [10],
  layout: { ifmap: memory, filter: memory },
  ramulator: false,
};

describe("against the walk", () => {
  test("every field and every trace of random layers", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(scalesimRuns, (run) => {
        fc.pre(isShort(run));
        expectAsWalked(run);
      }),
      { numRuns: 200 },
    );
  });

  test("the same with custom layouts over one or several banks", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(scalesimLayoutRuns, ({ layouts, ...run }) => {
        fc.pre(isShort(run, layouts));
        expectAsWalked(run, layouts);
      }),
      { numRuns: 80 },
    );
  });
});

test("an n x n product on an n x n array takes 3n - 2 cycles, of which the last has number 3n - 3", () => {
  expect(simulateScalesimLayer(layer, configuration, "v3").totalCycles).toBe(9);
  expect(computeScalesimLayer(layer, configuration).lastCycle).toBe(9);
});

test("the closed form without memories is the result's part that no memory touches", () => {
  fc.assert(
    fc.property(scalesimRuns, (run) => {
      const compute = computeScalesimLayer(run.layer, run.configuration);
      const result = simulateScalesimLayer(run.layer, run.configuration, run.version);
      expect(result.totalCycles).toBeGreaterThanOrEqual(compute.lastCycle);
      expect(result.totalCycles - result.stallCycles).toBeLessThanOrEqual(compute.lastCycle);
      expect(result.sram.ifmap.words).toBe(compute.ifmapReads);
      expect(result.sram.filter.words).toBe(compute.filterReads);
      expect(result.sram.ofmap.words).toBe(compute.ofmapWrites);
      expect(result.mappingEfficiencyPercent).toBe(compute.mappingEfficiencyPercent);
    }),
    { numRuns: 200 },
  );
});

describe("what is refused, by its name in the file", () => {
  const refusal = (changes: Partial<ScalesimConfiguration>): string => {
    try {
      checkScalesim({ ...configuration, ...changes }, "v3");
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "";
  };
  const custom = { ifmap: { ...memory, customLayout: true }, filter: memory };

  test("DRAM latencies of another simulator", () => {
    expect(refusal({ ramulator: true })).toMatch(/^run_presets\.UseRamulatorTrace: .*Ramulator/);
  });

  test("a custom layout without a layout file, where layouts are evaluated", () => {
    expect(refusal({ mode: "USER", layout: custom })).toMatch(/^layout\.IfmapCustomLayout: /);
    expect(refusal({ mode: "CALC", layout: custom })).toBe("");
  });

  test("addresses that SCALE-Sim takes for something else", () => {
    const sparsity = { representation: "csr", mapping: "layer-wise", blockSize: 4, seed: 40 } as const;
    expect(refusal({ sparsity, offsets: { ...configuration.offsets, filter: 0 } })).toMatch(/FilterOffset: /);
  });

  test("operands that 32 bits cannot address", () => {
    const huge = { ...layer, ifmapHeight: 2 ** 20, ifmapWidth: 2 ** 20, filterWidth: 2 ** 20 };
    expect(() => simulateScalesimLayer(huge, configuration, "v3")).toThrow(/layer square: the ifmap is too large/);
  });
});
