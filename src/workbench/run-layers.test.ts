// Threads leave no trace: whichever of them does which task in which order, results and faults are those of one thread.

import fc from "fast-check";
import { expect, test } from "vitest";
import { contextOf, crewOf } from "../../test/support/crew.ts";
import { InputError } from "../base/error.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import { countedLayer, sparseLayer } from "../workload/sparse-layer.ts";
import type { Staff } from "./run-layers.ts";
import { runLayers, usefulThreads } from "./run-layers.ts";
import { sharedLayer } from "./crew.ts";

const size = fc.integer({ min: 1, max: 90 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const layerArbitrary = fc.record({ M: size, N: size, K: size, a: share, b: share }).chain(({ M, N, K, a, b }) => {
  const [A, B] = [Math.round(a * M * K), Math.round(b * K * N)];
  return fc.constantFrom<ComputeLayer>(
    countedLayer("counted", { M, N, K }, { A, B }),
    sparseLayer("sparse", randomSparse(M, K, A, 1), randomSparse(K, N, B, 2)),
  );
});

const choiceArbitrary = fc.record({
  objective: fc.constantFrom("cycles", "energy", "edp"),
  conversions: fc.constantFrom("ignore", "count"),
  check: fc.constantFrom("off", "sample", "all"),
  auditPercent: fc.constant(0),
  seed: fc.nat(5),
});

test.each(["flexagon", "systolic"])("%s: results are the same for any number of threads in any order", async (name) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(layerArbitrary, { minLength: 1, maxLength: 3 }),
      choiceArbitrary,
      fc.constantFrom(2, 4),
      fc.scheduler(),
      async (layers, choice, threads, scheduler) => {
        const { prepared, alone } = contextOf(name, choice);
        const expected = await runLayers(layers, prepared, alone);
        const side = { ...alone, threads, perform: crewOf(threads, scheduler) };
        const found = await scheduler.waitFor(runLayers(layers, prepared, side));
        expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
      },
    ),
    { numRuns: 40 },
  );
});

test("the fault is that of the first layer that has one", async () => {
  const layer = countedLayer("fits", { M: 4, N: 4, K: 4 }, { A: 4, B: 4 });
  const faulty = (name: string, K: number): ComputeLayer => ({
    ...countedLayer(name, { M: 2 ** 20, N: 4, K }, { A: 4, B: 4 }),
    nonZeros: { A: 2 ** 29, B: 4 },
  });
  const layers = [layer, faulty("first", 2 ** 10), layer, faulty("second", 2 ** 11)];
  const choice = { objective: "cycles", check: "off", auditPercent: 0, seed: 1 } as const;
  const { prepared, alone } = contextOf("flexagon", choice);
  const faultOf = (staff: Staff): Promise<unknown> =>
    runLayers(layers, prepared, staff).then(
      () => "none",
      (error: unknown) => error,
    );
  const expected = await faultOf(alone);
  expect(expected).toBeInstanceOf(InputError);
  expect(String(expected)).toMatch(/first/);
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const staff = { ...alone, threads: 3, perform: crewOf(3, scheduler) };
      expect(String(await scheduler.waitFor(faultOf(staff)))).toBe(String(expected));
    }),
    { numRuns: 20 },
  );
});

test("no more threads than there is work for", () => {
  const choice = { objective: "cycles", check: "off", auditPercent: 0, seed: 1 } as const;
  const { prepared: product } = contextOf("flexagon", choice);
  const { prepared: grid } = contextOf("systolic", choice);
  const { prepared: nest } = contextOf("flexnn", choice);
  const one = [{ name: "a" }];
  const two = [...one, { name: "b" }];
  expect(usefulThreads(1000, two, product, choice)).toBe(12);
  expect(usefulThreads(1000, two, product, { ...choice, mapping: "inner-m" })).toBe(2);
  expect(usefulThreads(8, one, product, { ...choice, mapping: "inner-m", check: "all" })).toBe(8);
  expect(usefulThreads(1000, two, grid, choice)).toBe(2);
  expect(usefulThreads(1000, two, nest, choice)).toBe(16);
  expect(usefulThreads(1000, two, nest, { ...choice, schedules: { a: { levels: [], bypass: [] } } })).toBe(9);
  expect(() => usefulThreads(2, one, product, { ...choice, mapping: "inner" })).toThrow(InputError);
});

test("shared operands are equal and lie in shared memory, a square's once", () => {
  const A = randomSparse(5, 5, 7, 1);
  const { sparse } = sharedLayer(sparseLayer("square", A, A));
  expect(sparse?.A).toEqual(A);
  expect(sparse?.B).toBe(sparse?.A);
  for (const part of [sparse?.A.rowStart, sparse?.A.column, sparse?.A.value]) {
    expect(part?.buffer).toBeInstanceOf(SharedArrayBuffer);
  }
});
