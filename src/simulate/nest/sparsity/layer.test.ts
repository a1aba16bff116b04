// Operands of layers as data of the nest: what the nest executes on them is what the layer's own count of effectual
// multiplications says, and the engine takes the factors that follow.

import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateSchedule } from "../../../dataflow/nest/evaluate.ts";
import { prepareNest } from "../../../dataflow/nest/prepare.ts";
import { nestProblem } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";
import { generate } from "../../../tensor/generate.ts";
import { sparseFromDense } from "../../../tensor/sparse-matrix.ts";
import { rowMajorStrides } from "../../../tensor/tensor.ts";
import { effectualMacs } from "../../../workload/effectual.ts";
import type { ComputeLayer, ComputeOperation } from "../../../workload/layer.ts";
import { convolutionOutput, macs } from "../../../workload/shapes.ts";
import { layerDensities } from "./layer.ts";
import { sparseOnData } from "./on-data.ts";
import type { NestSparsity } from "./sparsity.ts";
import { sparseStatistics } from "./statistics.ts";

const hierarchy: Hierarchy = {
  levels: [
    {
      name: "dram",
      memories: [
        {
          name: "dram",
          operands: ["A", "B", "C"],
          bytes: Infinity,
          overlapped: true,
          readBytesPerCycle: Infinity,
          writeBytesPerCycle: Infinity,
          sharedPort: false,
        },
      ],
      axes: [{ name: "lanes", units: 64, reduction: "none", multicast: true }],
    },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

/** Both operands skip; the lanes, along dimension 1 or 2, wait at every step. */
const sparsity: NestSparsity = {
  formats: [],
  actions: [{ kind: "skip", at: "datapath", leaders: ["A", "B"] }],
  barrier: 1,
};

const plain = (operation: ComputeOperation): Schedule => ({
  bypass: [[]],
  levels: [
    { temporal: nestProblem(operation).dimensions.map((_, dimension) => ({ dimension, tile: 1 })), spatial: [] },
  ],
});

function layerOf(operation: ComputeOperation, density: number, seed: number, transposed = false): ComputeLayer {
  const operand = (shape: readonly number[], which: number) => {
    const tensor = generate({ kind: "uniform", density }, "int8", shape, seed + which);
    return { tensor, strides: rowMajorStrides(shape) };
  };
  const values =
    operation.operator === "conv2d"
      ? {
          A: operand(
            [
              operation.outChannels,
              operation.inChannels / operation.groups,
              operation.kernelHeight,
              operation.kernelWidth,
            ],
            0,
          ),
          B: operand([operation.batch, operation.inChannels, operation.height, operation.width], 1),
        }
      : {
          A: operand([operation.batch, operation.M, operation.K], 0),
          // The transpose in memory, read across.
          B: transposed
            ? {
                ...operand([operation.batch, operation.N, operation.K], 1),
                strides: [operation.N * operation.K, 1, operation.K],
              }
            : operand([operation.batch, operation.K, operation.N], 1),
        };
  return {
    kind: "compute",
    name: "layer",
    operation,
    weightsConstant: true,
    density: { A: density, B: density },
    densitySource: { A: "measured", B: "measured" },
    values,
  };
}

const size = (max: number) => fc.integer({ min: 1, max });
const operations: fc.Arbitrary<ComputeOperation> = fc.oneof(
  fc
    .record({
      batch: size(2),
      groups: size(2),
      channels: size(3),
      filters: size(3),
      height: fc.integer({ min: 5, max: 8 }),
      width: fc.integer({ min: 5, max: 8 }),
      kernelHeight: size(3),
      kernelWidth: size(3),
      stride: fc.tuple(size(2), size(3)),
      padding: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
      dilation: fc.tuple(size(2), size(2)),
    })
    .map(({ channels, filters, ...rest }) => ({
      operator: "conv2d" as const,
      inChannels: channels * rest.groups,
      outChannels: filters * rest.groups,
      ...rest,
    })),
  fc.record({ operator: fc.constant("matmul" as const), batch: size(3), M: size(9), N: size(9), K: size(9) }),
);

test("what the nest executes is what the layer counts as effectual", () => {
  fc.assert(
    fc.property(
      operations,
      fc.constantFrom(0.2, 0.6, 1),
      fc.boolean(),
      fc.nat(1e6),
      (operation, density, flag, seed) => {
        const layer = layerOf(operation, density, seed, flag);
        const problem = nestProblem(operation);
        const { actual } = layerDensities(problem, layer);
        if (actual === undefined) throw new Error("a layer with values has data");
        const { macs: shares } = sparseOnData(problem, hierarchy, sparsity, actual)(plain(operation));
        const dense = macs(operation);
        expect(shares.executed * dense).toBeCloseTo(effectualMacs(layer).macs, 6);
        expect(shares.skipped * dense).toBeCloseTo(dense - effectualMacs(layer).macs, 6);
      },
    ),
    { numRuns: 150 },
  );
});

test("entries of matrices give the same as their dense values", () => {
  const operation = { operator: "matmul", batch: 1, M: 12, N: 9, K: 20 } as const;
  const { values, ...rest } = layerOf(operation, 0.3, 5);
  if (values?.A === undefined || values.B === undefined) throw new Error("no values");
  const matrix = (data: ArrayLike<number>, rows: number, columns: number) =>
    sparseFromDense({ data, rows, columns, strides: [columns, 1] });
  const sparse = { A: matrix(values.A.tensor.data, 12, 20), B: matrix(values.B.tensor.data, 20, 9) };
  const problem = nestProblem(operation);
  const dense = layerDensities(problem, { ...rest, values }).actual;
  const entries = layerDensities(problem, { ...rest, sparse }).actual;
  expect(entries?.A.mask.words).toEqual(dense?.A.mask.words);
  expect(entries?.B.mask.words).toEqual(dense?.B.mask.words);
  expect(entries?.B.shape).toEqual([1, 20, 9]);
});

test("without values there are statistics alone, of as many non-zeros as the layer says", () => {
  const operation = { operator: "matmul", batch: 2, M: 10, N: 10, K: 10 } as const;
  const { values: _, ...layer } = layerOf(operation, 0.5, 1);
  const problem = nestProblem(operation);
  const given = layerDensities(problem, { ...layer, nonZeros: { A: 7, B: 11 } });
  expect(given.actual).toBe(undefined);
  expect(given.statistical.A.nonZeros).toBe(14);
  expect(layerDensities(problem, layer).statistical.B.nonZeros).toBe(100);
});

test("the engine takes the factors: without ports in the way, cycles shrink to those of the slowest lane", () => {
  const operation = {
    operator: "conv2d",
    batch: 1,
    inChannels: 8,
    height: 8,
    width: 8,
    outChannels: 16,
    kernelHeight: 3,
    kernelWidth: 3,
    stride: [1, 1],
    padding: [1, 1, 1, 1],
    dilation: [1, 1],
    groups: 1,
  } as const;
  const problem = nestProblem(operation);
  const layer = layerOf(operation, 0.4, 3);
  const { actual, statistical } = layerDensities(problem, layer);
  if (actual === undefined) throw new Error("no data");
  const filters = 2;
  const schedule: Schedule = {
    bypass: [[]],
    levels: [
      {
        temporal: [
          { dimension: filters, tile: 8 },
          ...plain(operation).levels.flatMap(({ temporal }) =>
            temporal.filter(({ dimension }) => dimension !== filters),
          ),
        ],
        spatial: [{ dimension: filters, tile: 1, axis: "lanes" }],
      },
    ],
  };
  const [E, F] = convolutionOutput(operation);
  const steps = 2 * 8 * E * F * 9;
  const nest = prepareNest(problem, hierarchy);
  expect(evaluateSchedule(nest, schedule).cycles).toBe(steps);
  for (const factors of [
    sparseOnData(problem, hierarchy, sparsity, actual)(schedule),
    sparseStatistics(problem, hierarchy, { ...sparsity, barrier: 0 }, statistical)(schedule),
  ]) {
    const { cycles } = evaluateSchedule(nest, schedule, factors);
    // Whole cycles.
    expect(Math.abs(cycles - steps * factors.stepCycles)).toBeLessThanOrEqual(1);
    expect(cycles).toBeLessThan(steps);
    expect(factors.stepCycles).toBeGreaterThanOrEqual(factors.meanLane - 1e-9);
  }
});
