// Sparsity in the nest against Timeloop's own results for three of its teaching cases: skipping and gating of one operand
// where another is zero, and compressed words. Timeloop rounds up to whole words; we do not.

import { describe, expect, test } from "vitest";
import type { NestProblem } from "../../src/mapping/nest/problem.ts";
import { nestProblem } from "../../src/mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "../../src/mapping/nest/schedule.ts";
import type { NestDensities, NestSparsity, SparseFactors } from "../../src/simulate/nest/sparsity/sparsity.ts";
import { sparseStatistics } from "../../src/simulate/nest/sparsity/statistics.ts";
import { fixedStructured } from "../../src/tensor/density/fixed-structured.ts";
import { runLength } from "../../src/tensor/format.ts";
import type { Conv2d } from "../../src/workload/layer.ts";
import { macs } from "../../src/workload/shapes.ts";
import { hasShared, needs, sharedJson } from "./shared.ts";

const folder = "reference/timeloop";

/** A number inside parsed JSON: names of fields, and for lists the name of the member. */
function figure(json: unknown, ...path: readonly string[]): number {
  let at = json;
  for (const step of path) {
    const inside: unknown = Array.isArray(at)
      ? at.find((member: unknown) => isRecord(member) && member["name"] === step)
      : isRecord(at)
        ? at[step]
        : undefined;
    at = inside;
  }
  if (typeof at !== "number") throw new Error(`no figure at ${path.join(".")}`);
  return at;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Levels by name, with the operands that each keeps. */
function hierarchyOf(levels: readonly (readonly [name: string, operands: readonly ("A" | "B" | "C")[]])[]): Hierarchy {
  return {
    levels: levels.map(([name, operands]) => ({
      name,
      memories: [
        {
          name,
          operands,
          bytes: Infinity,
          overlapped: true,
          readBytesPerCycle: Infinity,
          writeBytesPerCycle: Infinity,
          sharedPort: false,
        },
      ],
      axes: [{ name: "units", units: 256, reduction: "tree", multicast: true }],
    })),
    wordBytes: { A: 1, B: 1, C: 1, partial: 1 },
  };
}

/** Loops as Timeloop prints them, outermost first: a letter and its steps, spatial ones marked with a star. */
function scheduleOf(problem: NestProblem, levels: readonly string[]): Schedule {
  const left = problem.dimensions.map(({ size }) => size);
  const schedule = levels.map((text) => {
    const temporal: Loop[] = [];
    const spatial: SpatialLoop[] = [];
    for (const [, letter, steps, star] of text.matchAll(/([A-Z])(\d+)(\*?)/g)) {
      const dimension = problem.dimensions.findIndex(({ name }) => name === letter);
      const tile = (left[dimension] ?? 0) / Number(steps);
      left[dimension] = tile;
      if (star === "*") spatial.push({ dimension, tile, axis: "units" });
      else temporal.push({ dimension, tile });
    }
    return { temporal, spatial };
  });
  expect(left.every((size) => size === 1)).toBe(true);
  return { levels: schedule, bypass: levels.map(() => []) };
}

const shares = ({ accesses }: SparseFactors, operand: "A" | "B" | "C", parent: number) => {
  const found = accesses.find((access) => access.operand === operand && access.parent === parent);
  if (found === undefined) throw new Error(`no boundary of ${operand} at ${parent}`);
  return found;
};

const dense = (problem: NestProblem, operand: "A" | "B") =>
  fixedStructured(
    problem.operands[operand].map(({ extent }) => extent),
    1,
  );

/** Within the rounding up to a whole word. */
const within = (ours: number, theirs: number): void => {
  expect(theirs - ours).toBeGreaterThan(-1e-6);
  expect(theirs - ours).toBeLessThanOrEqual(1 + 1e-6);
};

const convolution = (sizes: Partial<Conv2d>): Conv2d => ({
  operator: "conv2d",
  batch: 1,
  inChannels: 1,
  height: 1,
  width: 1,
  outChannels: 1,
  kernelHeight: 1,
  kernelWidth: 1,
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  dilation: [1, 1],
  groups: 1,
  ...sizes,
});

describe.skipIf(!hasShared(folder))(`Timeloop's sparse cases${needs(folder)}`, () => {
  const expected = (id: string): unknown => {
    const json = sharedJson(`${folder}/${id}/case.json`);
    return isRecord(json) ? json["expected"] : undefined;
  };

  test("a dot product that skips B and the result where A, stored by coordinates, is zero", () => {
    const reference = expected("ex-sl-01.2.3-SCDU-dot-product");
    const operation = { operator: "matmul", batch: 1, M: 1, N: 1, K: 16 } as const;
    const problem = nestProblem(operation);
    const sparsity: NestSparsity = {
      formats: [{ A: { kind: "ranked", ranks: [{ kind: "coordinate", bits: 4 }] } }],
      actions: [
        { kind: "skip", at: 0, follower: "B", leaders: ["A"] },
        { kind: "skip", at: 0, follower: "C", leaders: ["A"] },
      ],
      barrier: 0,
    };
    const densities: NestDensities = { A: fixedStructured([1, 1, 16], 0.25), B: dense(problem, "B") };
    const schedule = scheduleOf(problem, ["K16"]);
    const hierarchy = hierarchyOf([["Buffer", ["A", "B", "C"]]]);
    const factors = sparseStatistics(problem, hierarchy, sparsity, densities)(schedule);
    const words = (...path: readonly string[]) => figure(reference, "levels", "Buffer", "dataspaces", ...path);
    expect(16 * factors.macs.executed).toBeCloseTo(figure(reference, "summary", "actual_computes"), 9);
    expect(16 * factors.stepCycles).toBeCloseTo(figure(reference, "summary", "cycles"), 9);
    expect(16 * shares(factors, "B", 0).actual).toBeCloseTo(words("B", "actual_scalar_reads_per_instance"), 9);
    expect(16 * shares(factors, "B", 0).skipped).toBeCloseTo(words("B", "skipped_scalar_reads_per_instance"), 9);
    expect(16 * shares(factors, "C", 0).actual).toBeCloseTo(words("Z", "actual_scalar_updates_per_instance"), 9);
    // Four values of 8 bits and four coordinates of 4.
    const values = words("A", "actual_scalar_reads_per_instance");
    expect(16 * 8 * factors.bytes("A", 1)).toBeCloseTo(values * (8 + 4), 9);
  });

  test("a convolution of one row on four units that skips inputs and results where a weight is zero", () => {
    const reference = expected("ex-sl-03.2.3-conv1d+oc-spatial");
    const operation = convolution({ outChannels: 16, kernelWidth: 3, width: 11 });
    const problem = nestProblem(operation);
    const density = 0.4333;
    const sparsity: NestSparsity = {
      formats: [],
      actions: [
        { kind: "skip", at: 1, follower: "B", leaders: ["A"] },
        { kind: "skip", at: 1, follower: "C", leaders: ["A"] },
      ],
      barrier: 2,
    };
    const densities = {
      A: fixedStructured(
        problem.operands.A.map(({ extent }) => extent),
        density,
      ),
      B: dense(problem, "B"),
    };
    const hierarchy = hierarchyOf([
      ["BackingStorage", ["A", "B", "C"]],
      ["Buffer", ["B", "C"]],
    ]);
    const factors = sparseStatistics(problem, hierarchy, sparsity, densities)(scheduleOf(problem, ["M4 M4*", "Q9 S3"]));
    const words = (...path: readonly string[]) => figure(reference, "levels", "Buffer", "dataspaces", ...path);
    within(432 * factors.macs.executed, figure(reference, "summary", "actual_computes"));
    for (const [operand, name, kind] of [
      ["B", "Inputs", "reads"],
      ["C", "Outputs", "updates"],
    ] as const) {
      const all = words(name, `algorithmic_scalar_${kind}_per_instance`);
      within(all * shares(factors, operand, 1).actual, words(name, `actual_scalar_${kind}_per_instance`));
    }
    // Lanes with weights of their own do not finish together when they wait at every step, which Timeloop leaves out: it
    // takes the mean, 47 cycles of 108.
    within(108 * factors.meanLane, figure(reference, "summary", "cycles"));
    expect(factors.stepCycles).toBeGreaterThan(factors.meanLane);
  });

  test("a row-stationary convolution that gates its weights where the input is zero", () => {
    const reference = expected("ex-sl-04.2.1-eyeriss-like-gating");
    const operation = convolution({
      batch: 4,
      inChannels: 256,
      height: 15,
      width: 15,
      outChannels: 384,
      kernelHeight: 3,
      kernelWidth: 3,
    });
    const problem = nestProblem(operation);
    const density = 0.275;
    const inputs = problem.operands.B.map(({ extent }) => extent);
    const sparsity: NestSparsity = {
      formats: [{ B: runLength(5) }],
      actions: [{ kind: "gate", at: 3, follower: "A", leaders: ["B"] }],
      barrier: 4,
    };
    const densities = { A: dense(problem, "A"), B: fixedStructured(inputs, density) };
    const hierarchy = hierarchyOf([
      ["DRAM", ["A", "B", "C"]],
      ["shared_glb", ["B", "C"]],
      ["ifmap_spad", ["B"]],
      ["weights_spad", ["A"]],
      ["psum_spad", ["C"]],
    ]);
    const schedule = scheduleOf(problem, ["C64 M6", "P13 N4 M4* S3* Q13*", "", "C4 R3", "M16"]);
    const factors = sparseStatistics(problem, hierarchy, sparsity, densities)(schedule);
    const all = macs(operation);
    expect(all).toBe(figure(reference, "summary", "algorithmic_computes"));
    within(all * factors.macs.executed, figure(reference, "summary", "actual_computes"));
    const weights = (kind: string) =>
      figure(reference, "levels", "weights_spad", "dataspaces", "Weights", `${kind}_scalar_reads_per_instance`);
    const gated = shares(factors, "A", 3);
    within(weights("algorithmic") * gated.actual, weights("actual"));
    expect(gated.skipped).toBe(0);
    // A cycle is spent all the same.
    expect(factors.stepCycles).toBe(1);
    // Values and runs off chip, one run for each value: at this density and evenly spread none is too long.
    const stored = (kind: string) =>
      figure(reference, "levels", "DRAM", "dataspaces", "Inputs", `${kind}_scalar_reads_per_instance`);
    expect((factors.bytes("B", 1) * 8 * stored("algorithmic")) / (8 + 5)).toBeCloseTo(stored("actual"), -1);
  });
});
