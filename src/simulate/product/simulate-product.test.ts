// A whole layer on a sparse-product machine: what is conserved over any layer and machine, which mapping is chosen, and
// that the operands change places when B rests.

import fc from "fast-check";
import { expect, test } from "vitest";
import { operationArbitrary } from "../../../test/support/machines.ts";
import { cacheArbitrary } from "../../../test/support/product-cases.ts";
import { smallProductMachine } from "../../../test/support/product-machines.ts";
import { InputError } from "../../base/error.ts";
import { technology } from "../../technology/technologies.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import { randomSparse } from "../../tensor/sparse-matrix-random.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { sparseLayer } from "../../workload/sparse-layer.ts";
import type { PreparedProduct } from "../prepared.ts";
import { prepareMachine } from "../prepare-machine.ts";
import type { LayerResult, MemoryTraffic } from "../result.ts";
import { simulateLayer } from "../simulate-layer.ts";
import { simulateProductLayer } from "./simulate-product.ts";

const price = technology("45nm");

const prepared = fc
  .record({
    multipliers: fc.constantFrom(2, 4, 8),
    distributionWidth: fc.integer({ min: 1, max: 8 }),
    mergeWidth: fc.integer({ min: 1, max: 4 }),
    // A cache that the energy tables can price.
    cache: cacheArbitrary.map((cache) => ({ ...cache, ways: 4, bytes: 4 * 1024 * cache.lineBytes })),
    stationary: fc.constantFrom("cache", "fifo"),
    partialSumBytes: fc.constantFrom(undefined, 1024, 65_536),
    carriedSums: fc.constantFrom("partialSums", "cache"),
    bandwidth: fc.constantFrom(Infinity, 4e9),
    outputWrites: fc.constantFrom("timed", "untimed"),
  })
  .map((parameters): PreparedProduct => {
    const machine = prepareMachine(smallProductMachine(parameters), price);
    if (machine.kind !== "product") throw new Error("not a machine for sparse products");
    return machine;
  });

const share = fc.double({ min: 0, max: 1, noNaN: true });

const layers = fc
  .record({ operation: operationArbitrary, A: share, B: share })
  .map(({ operation, ...density }): ComputeLayer => ({
    kind: "compute",
    name: "layer",
    operation,
    weightsConstant: true,
    density,
    densitySource: { A: "given", B: "given" },
  }));

const choice = { objective: "cycles", check: "all", auditPercent: 0, seed: 3 } as const;

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

test("every mapping of a layer: work, cycles, energy and bytes are accounted for, and the output is the golden one", () => {
  fc.assert(
    fc.property(layers, prepared, (layer, machine) => {
      const results = simulateProductLayer(layer, machine, { ...choice, conversions: "count" });
      expect(results.map(({ mapping }) => mapping)).toEqual(Object.keys(machine.machine.mappings));
      for (const result of results) {
        const { macs, traffic, counts } = result;
        expect(result.check).toBe("exact");
        expect(macs.executed + macs.skipped + macs.gated).toBe(macs.dense);
        expect(macs.effectual).toBe(results[0]?.macs.effectual);
        expect(macs.effectual).toBeLessThanOrEqual(macs.executed);
        expect(sum(result.stack)).toBe(result.cycles);
        expect(result.energy.total).toBeCloseTo(sum(result.energy.components), 20);
        expect(result.utilisation).toBeLessThanOrEqual(1);
        for (const { read, write, operands } of Object.values(traffic)) {
          const { A, B, C } = operands;
          expect(read).toBe(A.read + B.read + C.read);
          expect(write).toBe(A.write + B.write + C.write);
          expect(Math.min(A.read, A.write, B.read, B.write, C.read, C.write)).toBeGreaterThanOrEqual(0);
        }
        // What an operand's memory on chip is filled with comes from off chip.
        const onChip = ["cache", "fifo"].flatMap((name) => traffic[name] ?? []);
        for (const operand of ["A", "B"] as const) {
          const filled = onChip.reduce((bytes, { operands }) => bytes + operands[operand].write, 0);
          expect(traffic["dram"]?.operands[operand].read).toBe(filled);
        }
        expect(counts["cache.fill"]).toBe(counts["cache misses"]);
        expect(counts["dram.readBit"]).toBe(8 * (traffic["dram"]?.read ?? 0));
      }
      const best = simulateLayer(layer, machine, choice);
      expect(simulateProductLayer(layer, machine, choice)).toEqual([best]);
      expect(best.cycles).toBe(Math.min(...results.map(({ cycles }) => cycles)));
      expect(results).toContainEqual(best);
    }),
    { numRuns: 120 },
  );
});

/** The same with A and B in each other's place. */
const exchanged = ({ read, write, operands: { A, B, C } }: MemoryTraffic): MemoryTraffic => ({
  read,
  write,
  operands: { A: B, B: A, C },
});

test("a mapping that rests B is the one that rests A on the transposed product, its operands exchanged", () => {
  const size = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(size, size, size, share, share, prepared, (M, N, K, a, b, machine) => {
      const A = randomSparse(M, K, Math.round(a * M * K), 1);
      const B = randomSparse(K, N, Math.round(b * K * N), 2);
      const layer = sparseLayer("layer", A, B);
      const turned = sparseLayer("layer", transpose(B), transpose(A));
      for (const dataflow of ["inner", "outer", "gustavson"]) {
        const run = (operands: ComputeLayer, mapping: string): LayerResult =>
          simulateLayer(operands, machine, { ...choice, mapping });
        const restsB = run(layer, `${dataflow}-n`);
        const restsA = run(turned, `${dataflow}-m`);
        const { cycles, stack, counts, energy } = restsA;
        expect(restsB).toMatchObject({ cycles, stack, counts, energy });
        const traffic = Object.entries(restsA.traffic).map(([name, moved]) => [name, exchanged(moved)]);
        expect(restsB.traffic).toEqual(Object.fromEntries(traffic));
      }
    }),
    { numRuns: 100 },
  );
});

test("an unknown mapping is an input error with the known ones", () => {
  const machine = fc.sample(prepared, { numRuns: 1, seed: 1 })[0];
  const layer = fc.sample(layers, { numRuns: 1, seed: 1 })[0];
  if (machine === undefined || layer === undefined) throw new Error("nothing was drawn");
  const run = () => simulateProductLayer(layer, machine, { ...choice, mapping: "gustavson" });
  expect(run).toThrow(InputError);
  expect(run).toThrow(/small has no such mapping.*gustavson-m/s);
});
