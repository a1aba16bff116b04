// The outer product of a condensed matrix against the reference with lists, and what must hold whatever the machine.

import fc from "fast-check";
import { expect, test } from "vitest";
import { steppedCondensed } from "../../../test/support/condensed-stepped.ts";
import { productArbitrary } from "../../../test/support/product-cases.ts";
import { lookAheadBuffer } from "../../component/memory/look-ahead-buffer.ts";
import { countProduct, multiplySparse } from "../../workload/sparse-product.ts";
import type { CondensedMachine } from "./condensed-outer.ts";
import { condensedOuter } from "./condensed-outer.ts";
import { condensedRows } from "./values.ts";

const machines: fc.Arbitrary<CondensedMachine> = fc.record({
  multipliers: fc.constantFrom(1, 2, 4, 16),
  ways: fc.constantFrom(2, 4, 8),
  mergeWidth: fc.integer({ min: 1, max: 8 }),
  buffer: fc
    .record({
      lines: fc.integer({ min: 1, max: 12 }),
      lineElements: fc.integer({ min: 1, max: 6 }),
      window: fc.nat(40),
    })
    .map((buffer) => lookAheadBuffer({ ...buffer, elementBytes: 12, banks: 1 })),
  elementBytes: fc.constantFrom(4, 12),
  partialBytes: fc.constantFrom(6, 16),
  dramBytesPerCycle: fc.constantFrom(1, 2.5, 8, 128, Infinity),
  fillCycles: fc.nat(20),
});

test("cycles, operations and bytes equal the reference's, whose C is the golden product", () => {
  fc.assert(
    fc.property(productArbitrary(16), machines, ({ A, B }, machine) => {
      const stepped = steppedCondensed(A, B, machine);
      const { cycles, counts, dram } = condensedOuter(A, B, machine);
      expect({ cycles, dram }).toEqual({ cycles: stepped.cycles, dram: stepped.dram });
      expect({
        multiplications: counts.multiplications,
        additions: counts.additions,
        reads: counts.partialSumReads,
        writes: counts.partialSumWrites,
        outputs: counts.outputWords,
        rounds: counts.mergePasses,
      }).toEqual(stepped.counts);
      const golden = multiplySparse(A, B);
      const expected = new Map<string, number>();
      for (let row = 0; row < A.rows; row++) {
        for (let i = golden.rowStart[row] ?? 0; i < (golden.rowStart[row + 1] ?? 0); i++) {
          expected.set(`${row} ${golden.column[i]}`, golden.value?.[i] ?? 1);
        }
      }
      expect(stepped.C).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

test("work is the golden product's, the stack sums to the cycles, bytes are at least the compulsory ones", () => {
  fc.assert(
    fc.property(productArbitrary(40), machines, ({ A, B }, machine) => {
      const { cycles, stack, counts, dram } = condensedOuter(A, B, machine);
      const golden = countProduct(A, B);
      expect(counts.multiplications).toBe(golden.multiplications);
      expect(counts.additions).toBe(golden.additions);
      expect(counts.outputWords).toBe(golden.outputNonZeros);
      expect(Object.values(stack).reduce((sum, part) => sum + part, 0)).toBeCloseTo(cycles, 6);
      for (const part of Object.values(stack)) expect(part).toBeGreaterThanOrEqual(0);
      expect(cycles).toBeGreaterThanOrEqual(golden.multiplications / machine.multipliers);
      const bytes = Object.values(dram).reduce((sum, moved) => sum + moved, 0);
      if (machine.dramBytesPerCycle !== Infinity) {
        expect(cycles).toBeGreaterThanOrEqual(bytes / machine.dramBytesPerCycle);
      }
      let elementsOfB = 0;
      for (const k of new Set(A.column)) elementsOfB += (B.rowStart[k + 1] ?? 0) - (B.rowStart[k] ?? 0);
      expect(dram.A).toBe(A.column.length * machine.elementBytes);
      expect(dram.B).toBeGreaterThanOrEqual(elementsOfB * machine.elementBytes);
      expect(dram.C).toBe(golden.outputNonZeros * machine.elementBytes);
      expect(dram.partialSumsIn).toBe(dram.partialSumsOut);
    }),
    { numRuns: 1000 },
  );
});

test("rows merged round by round equal the golden product's", () => {
  fc.assert(
    fc.property(productArbitrary(30), fc.constantFrom(2, 4, 8), ({ A, B }, ways) => {
      const golden = multiplySparse(A, B);
      const rowOf = condensedRows(A, B, ways);
      for (let row = 0; row < A.rows; row++) {
        const [first, end] = [golden.rowStart[row], golden.rowStart[row + 1]];
        expect(rowOf(row)).toEqual({
          columns: [...golden.column.subarray(first, end)],
          values: [...(golden.value?.subarray(first, end) ?? [])],
        });
      }
    }),
    { numRuns: 300 },
  );
});
