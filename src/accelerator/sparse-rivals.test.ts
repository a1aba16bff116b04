// SIGMA, SpArch and GAMMA as machines: whole layers are accounted for and give the golden result, operands change places
// when the other one rests, and descriptions that lead nowhere are refused with their field.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { compressionOf } from "../mapping/product-mapping.ts";
import type { PreparedProduct } from "../simulate/prepared.ts";
import { prepareMachine } from "../simulate/prepare-machine.ts";
import { simulateProductLayer } from "../simulate/product/simulate-product.ts";
import type { LayerResult } from "../simulate/result.ts";
import { technology } from "../technology/technologies.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import { transpose } from "../tensor/sparse-matrix.ts";
import { sparseLayer } from "../workload/sparse-layer.ts";
import { countProduct } from "../workload/sparse-product.ts";
import { acceleratorNamed } from "./accelerators.ts";

function prepared(name: string, set: Readonly<Record<string, number | string>> = {}): PreparedProduct {
  const { machine } = acceleratorNamed(name).configure(set);
  const ready = prepareMachine(machine, technology(machine.technology));
  if (ready.kind !== "product") throw new Error("no machine for sparse products");
  return ready;
}

/** Small enough that rows are cut, buffers overflow and several folds are needed. */
const small: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  sigma: { engines: 2, "engine.multipliers": 8 },
  sparch: { "tree.ways": 4, "rowBuffer.lines": 8, "rowBuffer.lineElements": 4, lookAhead: 512 },
  gamma: { processors: 3, radix: 4, inputsAhead: 12 },
};

const products = fc
  .record({
    M: fc.integer({ min: 1, max: 24 }),
    N: fc.integer({ min: 1, max: 24 }),
    K: fc.integer({ min: 1, max: 24 }),
    a: fc.double({ min: 0, max: 1, noNaN: true }),
    b: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(1000),
  })
  .map(({ M, N, K, a, b, seed }) => ({
    A: randomSparse(M, K, Math.round(a * M * K), 2 * seed),
    B: randomSparse(K, N, Math.round(b * K * N), 2 * seed + 1),
  }));

const choice = { objective: "cycles", check: "all", auditPercent: 0, seed: 1 } as const;

type Layer = Parameters<typeof simulateProductLayer>[0];
type Choice = Parameters<typeof simulateProductLayer>[2];

function simulated(layer: Layer, machine: PreparedProduct, how: Choice): LayerResult {
  const [best] = simulateProductLayer(layer, machine, how);
  if (best === undefined) throw new Error("no result");
  return best;
}

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

describe.each(Object.keys(small))("%s", (name) => {
  const machine = prepared(name, small[name]);

  test("work, cycles, bytes and energy are accounted for, and the result is the golden one", () => {
    fc.assert(
      fc.property(products, ({ A, B }) => {
        const layer = simulated(sparseLayer("layer", A, B), machine, choice);
        const golden = countProduct(A, B);
        expect(layer.check).toBe("exact");
        expect(layer.macs.effectual).toBe(golden.multiplications);
        expect(layer.macs.executed + layer.macs.skipped + layer.macs.gated).toBe(layer.macs.dense);
        expect(layer.counts["output elements"]).toBe(golden.outputNonZeros);
        expect(layer.counts["partial sums written"]).toBeGreaterThanOrEqual(layer.counts["partial sums read"] ?? 0);
        expect(sum(layer.stack)).toBeCloseTo(layer.cycles, 6);
        expect(sum(layer.energy.components)).toBeCloseTo(layer.energy.total, 15);
        for (const { read, write, operands } of Object.values(layer.traffic)) {
          const moved = Object.values(operands);
          expect(moved.reduce((total, one) => total + one.read, 0)).toBe(read);
          expect(moved.reduce((total, one) => total + one.write, 0)).toBe(write);
          expect(read).toBeGreaterThanOrEqual(0);
          expect(write).toBeGreaterThanOrEqual(0);
        }
        for (const events of Object.values(layer.counts)) expect(events).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  test("more off-chip bandwidth never takes longer, and patterns alone decide", () => {
    const faster = prepared(name, { ...small[name], bandwidth: 4 * (machine.dram?.bandwidth ?? 0) });
    fc.assert(
      fc.property(products, ({ A, B }) => {
        const { value: _, ...pattern } = A;
        const layer = simulated(sparseLayer("layer", A, B), machine, choice);
        expect(simulated(sparseLayer("layer", pattern, B), machine, choice).cycles).toBe(layer.cycles);
        // Tasks that are taken in another order may fetch other lines: a queue gives no such promise.
        if (name === "gamma") return;
        expect(simulated(sparseLayer("layer", A, B), faster, choice).cycles).toBeLessThanOrEqual(layer.cycles);
      }),
      { numRuns: 100 },
    );
  });

  test("results leave in the format in which the next layer takes them", () => {
    for (const mapping of Object.values(machine.machine.mappings)) {
      const { A, B, C } = compressionOf(mapping);
      expect(new Set([A, B, C]).size).toBe(1);
    }
  });

  test("paths that lead elsewhere are refused with their field", () => {
    const { machine: description } = machine;
    const [known = ""] = Object.keys(description.components).slice(-1);
    for (const operand of ["A", "B", "C"] as const) {
      for (const path of ["dram", `dram > ${known}x`, `${known} > dram`]) {
        const bad = { ...description, paths: { ...description.paths, [operand]: path } };
        try {
          prepareMachine(bad, technology(description.technology));
          expect.unreachable();
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          expect(error.fault.path).toBe(`paths.${operand}`);
        }
      }
    }
  });
});

test("the transposed product with the other operand at rest is the same work, operands in each other's place", () => {
  const sigma = prepared("sigma", small["sigma"]);
  fc.assert(
    fc.property(products, ({ A, B }) => {
      const left = simulated(sparseLayer("layer", A, B), sigma, { ...choice, mapping: "inner-m" });
      const right = simulated(sparseLayer("layer", transpose(B), transpose(A)), sigma, {
        ...choice,
        mapping: "inner-n",
      });
      expect(right.cycles).toBe(left.cycles);
      expect(right.counts).toEqual(left.counts);
      for (const [memory, { operands }] of Object.entries(left.traffic)) {
        const other = right.traffic[memory]?.operands;
        expect({ A: other?.B, B: other?.A, C: other?.C }).toEqual(operands);
      }
    }),
    { numRuns: 100 },
  );
});

test("formats may be narrow or double, and elements have their bytes", () => {
  expect(prepared("gamma").engine.elementBytes).toBe(12);
  expect(prepared("sparch", { operand: "int16", accumulator: "int32" }).engine.elementBytes).toBe(4);
  expect(prepared("sigma", { operand: "int8", accumulator: "int32" }).engine.elementBytes).toBe(1);
  expect(() => prepared("gamma", { operand: "int16" })).toThrow("do not mix");
});
