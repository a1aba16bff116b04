// Tasks on a queue of processors against the stepped reference, and what must hold whatever the machine: work, bytes,
// values.

import fc from "fast-check";
import { expect, test } from "vitest";
import { productArbitrary } from "../../../test/support/product-cases.ts";
import { steppedRowTasks } from "../../../test/support/row-tasks-stepped.ts";
import { fibreCache } from "../../component/memory/fibre-cache.ts";
import { randomSparse } from "../../tensor/sparse-matrix-random.ts";
import { countProduct, multiplySparse } from "../../workload/sparse-product.ts";
import type { RowTaskMachine } from "./row-tasks.ts";
import { rowTasks } from "./row-tasks.ts";
import type { Task } from "./task-tree.ts";
import { taskTree } from "./task-tree.ts";
import { rowOfTasks } from "./values.ts";

const machines: fc.Arbitrary<RowTaskMachine> = fc
  .record({
    processors: fc.integer({ min: 1, max: 5 }),
    radix: fc.constantFrom(2, 4, 8),
    lineBytes: fc.constantFrom(4, 8, 12, 64),
    ways: fc.integer({ min: 1, max: 4 }),
    sets: fc.integer({ min: 1, max: 6 }),
    elementBytes: fc.constantFrom(3, 4, 12),
    inputsAhead: fc.integer({ min: 1, max: 40 }),
    dramBytesPerCycle: fc.constantFrom(1, 2.5, 3, 8, 20.25, 128, Infinity),
    dramLatency: fc.nat(20),
  })
  .map(({ lineBytes, ways, sets, ...rest }) => ({
    ...rest,
    cache: fibreCache({ bytes: lineBytes * ways * sets, lineBytes, ways, banks: 1, addressBits: 32 }),
  }));

test("cycles, counts and bytes equal the stepped machine's, whose C is the golden product", () => {
  fc.assert(
    fc.property(productArbitrary(20), machines, ({ A, B }, machine) => {
      const stepped = steppedRowTasks(A, B, machine);
      const { cycles, counts, dram } = rowTasks(A, B, machine);
      expect({ cycles, dram }).toEqual({ cycles: stepped.cycles, dram: stepped.dram });
      expect({
        hits: counts.cacheHits,
        misses: counts.cacheMisses,
        spills: (counts.spilledWords * machine.elementBytes) / machine.cache.lineBytes,
        multiplications: counts.multiplications,
        additions: counts.additions,
        writes: counts.partialSumWrites,
        reads: counts.partialSumReads,
        outputs: counts.outputWords,
      }).toEqual({ ...stepped.counts, spills: expect.closeTo(stepped.counts.spills, 6) });
      const golden = multiplySparse(A, B);
      expect(stepped.rows.flat().map(([column]) => column)).toEqual([...golden.column]);
      expect(stepped.rows.flat().map(([, value]) => value)).toEqual([...(golden.value ?? [])]);
    }),
    { numRuns: 3000 },
  );
});

test("work is the golden product's, the stack sums to the cycles, bytes are at least the compulsory ones", () => {
  fc.assert(
    fc.property(productArbitrary(40), machines, ({ A, B }, machine) => {
      const { cycles, stack, counts, dram } = rowTasks(A, B, machine);
      const golden = countProduct(A, B);
      expect(counts.multiplications).toBe(golden.multiplications);
      expect(counts.additions).toBe(golden.additions);
      expect(counts.outputWords).toBe(golden.outputNonZeros);
      const parts = Object.values(stack);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(cycles, 6);
      for (const part of parts) expect(part).toBeGreaterThan(-1e-6);
      expect(cycles).toBeGreaterThanOrEqual(golden.multiplications / machine.processors);
      const bytes = Object.values(dram).reduce((sum, moved) => sum + moved, 0);
      if (machine.dramBytesPerCycle !== Infinity) {
        expect(cycles).toBeGreaterThanOrEqual(bytes / machine.dramBytesPerCycle);
      }
      const used = new Set(A.column);
      let elementsOfB = 0;
      for (const k of used) elementsOfB += (B.rowStart[k + 1] ?? 0) - (B.rowStart[k] ?? 0);
      expect(dram.A).toBe(A.column.length * machine.elementBytes);
      expect(dram.B).toBeGreaterThanOrEqual(elementsOfB * machine.elementBytes);
      expect(dram.C).toBe(golden.outputNonZeros * machine.elementBytes);
      expect(dram.partialSumsIn).toBe(dram.partialSumsOut);
      expect(counts.partialSumReads).toBe(counts.partialSumWrites);
    }),
    { numRuns: 1000 },
  );
});

test("with a cache that holds everything each line of B is fetched once and no partial result leaves", () => {
  const A = randomSparse(60, 60, 900, 1);
  const B = randomSparse(60, 60, 700, 2);
  const cache = fibreCache({ bytes: 2 ** 20, lineBytes: 64, ways: 16, banks: 4, addressBits: 32 });
  const { dram } = rowTasks(A, B, {
    processors: 4,
    radix: 4,
    cache,
    elementBytes: 12,
    inputsAhead: 64,
    dramBytesPerCycle: 16,
    dramLatency: 10,
  });
  expect(dram.B).toBe(Math.ceil((700 * 12) / 64) * 64);
  expect(dram.partialSumsOut).toBe(0);
});

test("rows in trees of tasks equal the golden product's", () => {
  fc.assert(
    fc.property(productArbitrary(30), fc.constantFrom(2, 4, 8), ({ A, B }, radix) => {
      const golden = multiplySparse(A, B);
      for (let row = 0; row < A.rows; row++) {
        const [first, end] = [golden.rowStart[row], golden.rowStart[row + 1]];
        expect(rowOfTasks(A, B, radix, row)).toEqual({
          columns: [...golden.column.subarray(first, end)],
          values: [...(golden.value?.subarray(first, end) ?? [])],
        });
      }
    }),
    { numRuns: 300 },
  );
});

test("a tree of tasks takes every fibre once, no task more than the radix, and is as shallow as can be", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.integer({ min: 1, max: 700 }), fc.constantFrom(2, 4, 8, 64), (first, fibres, radix) => {
      const entries: number[] = [];
      const visit = ({ bounds, children }: Task): number => {
        const queue = [...children];
        let depth = 0;
        expect(bounds.length - 1).toBeLessThanOrEqual(radix);
        for (const [i, from] of bounds.slice(0, -1).entries()) {
          const child = (bounds[i + 1] ?? 0) - from > 1 ? queue.shift() : undefined;
          if (child === undefined) entries.push(from);
          else {
            expect([child.bounds[0], child.bounds.at(-1)]).toEqual([from, bounds[i + 1]]);
            depth = Math.max(depth, visit(child));
          }
        }
        return depth + 1;
      };
      const depth = visit(taskTree(first, first + fibres, radix));
      expect(entries).toEqual(Array.from({ length: fibres }, (_, i) => first + i));
      expect(radix ** (depth - 1)).toBeLessThan(Math.max(2, fibres));
    }),
  );
});
