// Eyeriss v2 on layers with values: what its elements execute is what is not zero, its time is that of the slowest one
// between exchanges; and the workloads of its claims are the networks that they name.

import fc from "fast-check";
import { expect, test } from "vitest";
import { prepareMachine } from "../../simulate/prepare-machine.ts";
import { simulateLayer } from "../../simulate/simulate-layer.ts";
import { computeLayers } from "../../simulate/simulate-network.ts";
import { technology } from "../../technology/technologies.ts";
import { generate } from "../../tensor/generate.ts";
import { countNonZeros, rowMajorStrides } from "../../tensor/tensor.ts";
import { effectualMacs } from "../../workload/effectual.ts";
import type { ComputeLayer, Conv2d } from "../../workload/layer.ts";
import { builtinNetwork } from "../../workload/networks.ts";
import { macs } from "../../workload/shapes.ts";
import { acceleratorNamed } from "../accelerators.ts";
import { eyerissV2Subjects, mobilenetLayers } from "./eyeriss-v2-workloads.ts";
import type { LooseValues } from "../parameters.ts";

const choice = { objective: "seconds", check: "all", auditPercent: 0, seed: 1 } as const;

function layerOf(shape: Partial<Conv2d>, densities: readonly [number, number], seed: number): ComputeLayer {
  const operation: Conv2d = {
    operator: "conv2d",
    batch: 1,
    inChannels: 4,
    height: 5,
    width: 5,
    outChannels: 6,
    kernelHeight: 3,
    kernelWidth: 3,
    stride: [1, 1],
    padding: [1, 1, 1, 1],
    dilation: [1, 1],
    groups: 1,
    ...shape,
  };
  const { outChannels, inChannels, groups, kernelHeight, kernelWidth, height, width } = operation;
  const operand = (sizes: readonly number[], density: number, own: number) => {
    const tensor = generate({ kind: "uniform", density }, "int8", sizes, seed + own);
    return { tensor, strides: rowMajorStrides(sizes) };
  };
  const values = {
    A: operand([outChannels, inChannels / groups, kernelHeight, kernelWidth], densities[0], 0),
    B: operand([1, inChannels, height, width], densities[1], 1),
  };
  const density = (which: "A" | "B") => countNonZeros(values[which].tensor) / values[which].tensor.data.length;
  return {
    kind: "compute",
    name: "layer",
    operation,
    weightsConstant: true,
    density: { A: density("A"), B: density("B") },
    densitySource: { A: "measured", B: "measured" },
    values,
  };
}

const run = (layer: ComputeLayer, set: LooseValues, name = "eyeriss-v2") => {
  const { machine } = acceleratorNamed(name).configure({ search: 50, ...set });
  const prepared = prepareMachine(machine, technology(machine.technology));
  const result = simulateLayer(layer, prepared, choice);
  if (result.schedule === undefined) throw new Error("no schedule");
  const { schedule } = result;
  const again = (other: LooseValues) => {
    const changed = acceleratorNamed(name).configure({ ...set, ...other }).machine;
    const ready = prepareMachine(changed, technology(changed.technology));
    return simulateLayer(layer, ready, { ...choice, schedules: { [layer.name]: schedule } });
  };
  return { result, again };
};

const shapes = fc.record({
  inChannels: fc.constantFrom(2, 4, 6),
  outChannels: fc.constantFrom(2, 4, 8),
  height: fc.integer({ min: 3, max: 7 }),
  width: fc.integer({ min: 3, max: 7 }),
  groups: fc.constantFrom(1, 2),
});

test("law: values are exact, what is executed is what is not zero, and waiting for others never saves time", () => {
  fc.assert(
    fc.property(
      shapes,
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      fc.nat(1000),
      (shape, a, b, seed) => {
        const layer = layerOf(shape, [a, b], seed);
        const { result, again } = run(layer, {});
        const effectual = effectualMacs(layer).macs;
        expect(result.check).toBe("exact");
        expect(result.macs.gated).toBe(0);
        expect(result.macs.executed + result.macs.skipped).toBe(macs(layer.operation));
        if (layer.density.A < 1 || layer.density.B < 1) expect(result.macs.executed).toBe(effectual);
        expect(again({ barrier: "buffer" }).cycles).toBeLessThanOrEqual(result.cycles);
        const gated = again({ zeros: "gated" });
        expect(result.cycles).toBeLessThanOrEqual(gated.cycles);
        expect(gated.macs.skipped).toBe(0);
      },
    ),
    { numRuns: 8 },
  );
}, 60_000);

test("the three machines have as many elements and as much storage", () => {
  const storage = (name: string) => {
    const { values } = acceleratorNamed(name).configure({});
    const of = (path: string) => Number(values[path]);
    const clusters = of("clusters.rows") * of("clusters.columns");
    return {
      elements: clusters * of("array.rows") * of("array.columns"),
      memory: clusters * (of("buffer.inputs") + of("buffer.outputs")),
    };
  };
  const expected = { elements: 192, memory: 192 * 1024 };
  expect(storage("eyeriss-v2")).toEqual(expected);
  expect(storage("eyeriss-v1.5")).toEqual(expected);
  expect(storage("eyeriss-v1-scaled")).toEqual(expected);
});

test("the multiplications of MobileNet's layers are the network's, and 23,781,667 of them are effectual", () => {
  const layers = computeLayers(builtinNetwork("mobilenet-v1-0.5-128", { batch: 1 }));
  expect(mobilenetLayers.map(([layer, all]) => [layer, all])).toEqual(
    layers.map(({ name, operation }) => [name, macs(operation)]),
  );
  expect(mobilenetLayers.reduce((sum, [, , effectual]) => sum + effectual, 0)).toBe(23_781_667);
});

test("every layer of a network that a claim names has its densities", () => {
  for (const { network, densities = {} } of Object.values(eyerissV2Subjects)) {
    const names = computeLayers(builtinNetwork(network, { batch: 1 })).map(({ name }) => name);
    expect(Object.keys(densities)).toEqual(names);
  }
});

test("the mesh's ports grow with the clusters, the flat network's are those of its buses", () => {
  const ports = (name: string) => {
    const { machine } = acceleratorNamed(name).configure({});
    const prepared = prepareMachine(machine, technology(machine.technology));
    if (prepared.kind !== "nest") throw new Error("no machine of loop nests");
    const { axes } = prepared.parts.hierarchy.levels[0] ?? { axes: [] };
    const clusters = axes.reduce((product, { units }) => product * units, 1);
    const memories = prepared.parts.hierarchy.levels[1]?.memories ?? [];
    return memories.map((memory) => [
      clusters * memory.readBytesPerCycle,
      clusters * memory.writeBytesPerCycle,
      memory.overlapped,
    ]);
  };
  const mesh = [
    [144, 144, true],
    [144, 144, false],
    [320, 320, false],
  ];
  expect(ports("eyeriss-v2")).toEqual(mesh);
  expect(ports("eyeriss-v1.5")).toEqual(mesh);
  // Inputs come into the memory through the banks' own ports, and leave it a word a cycle.
  expect(ports("eyeriss-v1-scaled")).toEqual([
    [4, 4, true],
    [1, 144, false],
    [10, 10, false],
  ]);
});
