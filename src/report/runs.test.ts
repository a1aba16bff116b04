// Tests of lining up several runs, and of the fixture that the tests of reports use.

import { describe, expect, test } from "vitest";
import { bestOf, layerRows, machineLabels, mappingUse, shortMappings, stackCauses } from "./runs.ts";
import { fixtureRun, flexibleMachine, resnet50Shapes, systolicMachine } from "./test/fixture.ts";

test("the fixture is ResNet-50 and adds up", () => {
  expect(resnet50Shapes()).toHaveLength(54);
  for (const run of [fixtureRun(systolicMachine), fixtureRun(flexibleMachine)]) {
    expect(run.total.macs.dense / 1e9).toBeCloseTo(4.089, 3);
    for (const layer of run.layers) expect(Object.values(layer.stack).reduce((a, b) => a + b, 0)).toBe(layer.cycles);
    expect(Object.values(run.total.stack).reduce((a, b) => a + b, 0)).toBe(run.total.cycles);
  }
});

describe("labels", () => {
  test("machines keep their names where these differ", () => {
    expect(machineLabels([fixtureRun(systolicMachine), fixtureRun(flexibleMachine)])).toEqual([
      "systolic",
      "arrayflex",
    ]);
  });
  test("runs of one accelerator are told apart by what differs, or by number", () => {
    const small = fixtureRun({ ...systolicMachine, size: 64 });
    const large = fixtureRun(systolicMachine);
    expect(machineLabels([small, large])).toEqual(["systolic rows=64", "systolic rows=128"]);
    const fast = fixtureRun({ ...systolicMachine, bytesPerSecond: "unlimited" });
    expect(machineLabels([large, fast])).toEqual([
      "systolic dram.bandwidth=300.0G",
      "systolic dram.bandwidth=unlimited",
    ]);
    expect(machineLabels([large, large])).toEqual(["systolic #1", "systolic #2"]);
  });
});

test("layers are matched by name and order of appearance, and missing ones stay empty", () => {
  const shape = { M: 8, N: 8, K: 8 };
  const left = fixtureRun(systolicMachine, [
    { name: "a", ...shape },
    { name: "b", ...shape },
    { name: "b", ...shape, M: 16 },
  ]);
  const right = fixtureRun(flexibleMachine, [
    { name: "b", ...shape },
    { name: "c", ...shape },
    { name: "b", ...shape, M: 16 },
  ]);
  const rows = layerRows([left, right]);
  expect(rows.map((row) => row.name)).toEqual(["a", "b", "b", "c"]);
  expect(rows.map((row) => row.layers.map((layer) => layer?.M))).toEqual([
    [8, undefined],
    [8, 8],
    [16, 16],
    [undefined, 8],
  ]);
});

test("the best value wins, near ties draw, and one value alone does not win", () => {
  expect(bestOf([3, 1, 2])).toEqual([1]);
  expect(bestOf([1, 1.0001, 2])).toEqual([0, 1]);
  expect(bestOf([1, 1.0001])).toEqual([]);
  expect(bestOf([1, undefined])).toEqual([]);
  expect(bestOf([-0.5, -0.6])).toEqual([1]);
  expect(bestOf([])).toEqual([]);
});

test("short mapping names drop what all share", () => {
  expect([...shortMappings(["ws k=1", "ws k=4"]).values()]).toEqual(["k=1", "k=4"]);
  expect([...shortMappings(["ws", "ws k=4"]).values()]).toEqual(["ws", "k=4"]);
  expect([...shortMappings(["ws"]).values()]).toEqual(["ws"]);
});

test("mapping use counts every layer once, and useful leads the causes", () => {
  const run = fixtureRun(flexibleMachine);
  expect(mappingUse(run).reduce((sum, use) => sum + use.layers, 0)).toBe(54);
  expect(stackCauses([{ ...run, total: { ...run.total, stack: { fill: 1, useful: 2 } } }])[0]).toBe("useful");
});
