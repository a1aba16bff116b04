// Whole networks on machines whose mappings prescribe formats: conversions between layers, reported or counted.

import { describe, expect, test } from "vitest";
import type { RunResult } from "../simulate/result.ts";
import type { Network } from "../workload/layer.ts";
import { countedLayer } from "../workload/sparse-layer.ts";
import type { RunRequest } from "./run.ts";
import { runWorkload } from "./run.ts";

/** A chain of small products between which the best mapping changes. */
const network: Network = {
  name: "chain",
  source: "test",
  inputs: [],
  layers: [
    countedLayer("a", { M: 8, N: 90, K: 40 }, { A: 96, B: 2400 }),
    countedLayer("b", { M: 40, N: 80, K: 8 }, { A: 90, B: 500 }),
    countedLayer("c", { M: 64, N: 12, K: 60 }, { A: 1200, B: 200 }),
    countedLayer("b again", { M: 40, N: 80, K: 8 }, { A: 90, B: 500 }),
    countedLayer("d", { M: 16, N: 70, K: 30 }, { A: 100, B: 600 }),
  ],
  warnings: [],
};

const run = (request: Partial<RunRequest> = {}, of = network): Promise<RunResult> =>
  runWorkload(of, {
    accelerator: "flexagon-simulated",
    set: { "conversion.operand": "B" },
    objective: "seconds",
    seed: 1,
    check: "off",
    auditPercent: 0,
    threads: 1,
    ...request,
  });

describe("a network on six mappings", () => {
  test("ignores conversions unless they are asked for, and says what they would cost", async () => {
    const ignored = await run();
    const { conversions } = ignored;
    expect(conversions?.counted).toBe(false);
    expect(conversions?.conversions).toBeGreaterThan(0);
    expect(conversions?.cycles).toBe(10 * (conversions?.elements ?? 0));
    for (const layer of ignored.layers) {
      for (const other of layer.alternatives) expect(layer.seconds).toBeLessThanOrEqual(other.seconds);
      expect(layer.stack["format conversion"]).toBeUndefined();
    }
    expect(conversions?.paths.layerByLayer.cycles).toBe(ignored.total.cycles + (conversions?.cycles ?? 0));
  });

  test("counts them along the best path", async () => {
    const [ignored, counted] = await Promise.all([run(), run({ conversions: "count" })]);
    expect(counted.conversions?.paths).toEqual(ignored.conversions?.paths);
    expect(counted.total.cycles).toBe(counted.conversions?.paths.best.cycles);
    expect(counted.total.cycles).toBeLessThan(ignored.conversions?.paths.layerByLayer.cycles ?? 0);
    expect(counted.total.cycles).toBeGreaterThanOrEqual(ignored.total.cycles);
    expect(counted.total.energy).toBeCloseTo(counted.conversions?.paths.best.energy ?? 0, 15);
    expect(counted.layers.reduce((sum, layer) => sum + layer.cycles, 0)).toBe(counted.total.cycles);
    expect(counted.total.stack["format conversion"] ?? 0).toBe(counted.conversions?.cycles);
  });

  test("counted conversions are in every figure", async () => {
    // Where B rests only, no format ever fits that of the inner product's neighbours by chance: fix the mapping.
    const [ignored, counted] = await Promise.all([
      run({ mapping: "inner-m" }),
      run({ mapping: "inner-m", conversions: "count" }),
    ]);
    expect(counted.conversions).toMatchObject({ conversions: 4, elements: 500 + 200 + 500 + 600, cycles: 18_000 });
    expect(counted.total.cycles).toBe(ignored.total.cycles + 18_000);
    expect(counted.total.stack["format conversion"]).toBe(18_000);
    const bytes = 4 * 1800;
    const [before, after] = [ignored.total.traffic["dram"], counted.total.traffic["dram"]];
    expect(after?.read).toBe((before?.read ?? 0) + bytes);
    expect(after?.operands.B.write).toBe((before?.operands.B.write ?? 0) + bytes);
    expect(counted.total.energy).toBeCloseTo(ignored.total.energy + (counted.conversions?.energy ?? 0), 15);
    expect(Object.values(counted.total.energyComponents).reduce((a, b) => a + b, 0)).toBeCloseTo(
      counted.total.energy,
      15,
    );
    expect(counted.total.utilisation).toBeLessThan(ignored.total.utilisation);
  });

  test.each(["ignore", "count"] as const)("does not depend on the number of threads: %s", async (conversions) => {
    const one = await run({ conversions, check: "sample" });
    expect(await run({ conversions, check: "sample", threads: 3 })).toEqual(one);
  });

  test("layers apart from each other need no conversion", async () => {
    const { conversions } = await run({ mapping: "inner-m" }, { ...network, gaps: [1, 3, 4] });
    expect(conversions).toMatchObject({ conversions: 1, elements: 200 });
  });
});

test("a machine with one dataflow that leaves what it takes needs none", async () => {
  const set = { resting: "M" };
  const counted = await run({ accelerator: "gamma-like", set, conversions: "count" });
  expect(counted.conversions).toMatchObject({ counted: true, conversions: 0, cycles: 0, elements: 0 });
  expect((await run({ accelerator: "gamma-like", set })).total).toEqual(counted.total);
});

test("one that does not, converts before every layer but the first", async () => {
  const set = { resting: "M" };
  expect((await run({ accelerator: "sigma-like", set })).conversions?.conversions).toBe(4);
});

test("dense machines know no conversions", async () => {
  const request = { accelerator: "systolic", set: {} };
  const [plain, asked] = await Promise.all([run(request), run({ ...request, conversions: "count" })]);
  expect(plain.conversions).toBeUndefined();
  expect(asked).toEqual(plain);
  expect(plain.layers.some((layer) => "conversion" in layer || "nonZeros" in layer)).toBe(false);
});
