// The packed inner product against the reference with dense bitmaps, and what must hold whatever the machine.

import fc from "fast-check";
import { expect, test } from "vitest";
import { steppedPacked } from "../../../test/support/packed-stepped.ts";
import { productArbitrary } from "../../../test/support/product-cases.ts";
import { countProduct, multiplySparse } from "../../workload/sparse-product.ts";
import type { PackedMachine } from "./packed-inner.ts";
import { packedInner } from "./packed-inner.ts";
import { packedRows } from "./values.ts";

const machines: fc.Arbitrary<PackedMachine> = fc.record({
  multipliers: fc.integer({ min: 1, max: 24 }),
  depth: fc.constantFrom(2, 4, 8),
  width: fc.integer({ min: 1, max: 9 }),
  valueBytes: fc.constantFrom(2, 4),
  sumBytes: fc.constant(4),
  memoryBytesPerCycle: fc.constantFrom(3, 8, 64, 2.5),
  operandBytes: fc.nat(200),
  outputBytes: fc.nat(400),
  outputWrites: fc.constantFrom("timed", "untimed"),
  dramBytesPerCycle: fc.constantFrom(1, 2.5, 16, Infinity),
  fillCycles: fc.nat(9),
  dramLatency: fc.nat(30),
});

test("cycles, operations and bytes equal the stepped machine's, whose C is the golden product", () => {
  fc.assert(
    fc.property(productArbitrary(14), machines, ({ A, B }, machine) => {
      const stepped = steppedPacked(A, B, machine);
      const { cycles, counts, dram } = packedInner(A, B, machine);
      expect({ cycles, dram }).toEqual({ cycles: stepped.cycles, dram: stepped.dram });
      expect({
        multiplications: counts.multiplications,
        mapped: counts.stationaryWords,
        streamed: counts.streamingWords,
        touched: counts.partialSumWrites,
        spilled: counts.spilledWords,
        folds: counts.batches,
        outputs: counts.outputWords,
      }).toEqual(stepped.counts);
      const golden = multiplySparse(A, B);
      for (const [row, values] of stepped.C.entries()) {
        const [first, end] = [golden.rowStart[row], golden.rowStart[row + 1]];
        expect(values.flatMap((value, n) => (value === undefined ? [] : [n]))).toEqual([
          ...golden.column.subarray(first, end),
        ]);
        expect(values.filter((value) => value !== undefined)).toEqual([...(golden.value?.subarray(first, end) ?? [])]);
      }
    }),
    { numRuns: 2000 },
  );
});

test("work is the golden product's, the stack sums to the cycles, bytes are at least the compulsory ones", () => {
  fc.assert(
    fc.property(productArbitrary(40), machines, ({ A, B }, machine) => {
      const { cycles, stack, counts, dram } = packedInner(A, B, machine);
      const golden = countProduct(A, B);
      expect(counts.multiplications).toBe(golden.multiplications);
      expect(counts.additions).toBe(golden.additions);
      expect(counts.outputWords).toBe(golden.outputNonZeros);
      expect(Object.values(stack).reduce((sum, part) => sum + part, 0)).toBeCloseTo(cycles, 6);
      for (const part of Object.values(stack)) expect(part).toBeGreaterThanOrEqual(-1e-9);
      expect(cycles).toBeGreaterThanOrEqual(golden.multiplications / machine.multipliers);
      const inputs = dram.A + dram.B;
      const bytes = machine.outputWrites === "timed" ? inputs + dram.C + 2 * dram.partialSumsOut : inputs;
      if (machine.dramBytesPerCycle !== Infinity) {
        expect(cycles).toBeGreaterThanOrEqual(bytes / machine.dramBytesPerCycle);
      }
      const values = (entries: number): number => entries * machine.valueBytes;
      expect(dram.A).toBeGreaterThanOrEqual(values(A.column.length) + (A.rows * A.columns) / 8);
      expect(dram.A).toBeLessThan(values(A.column.length) + (A.rows * A.columns) / 8 + A.columns);
      expect(dram.B).toBeGreaterThanOrEqual(values(B.column.length) + (B.rows * B.columns) / 8);
      // No entry is mapped that nothing meets, and none that something meets is left out.
      let met = 0;
      for (const k of A.column) if ((B.rowStart[k + 1] ?? 0) > (B.rowStart[k] ?? 0)) met++;
      expect(counts.stationaryWords).toBe(met);
      expect(counts.batches).toBeGreaterThanOrEqual(Math.ceil(met / machine.multipliers));
    }),
    { numRuns: 1000 },
  );
});

test("rows through the adder trees equal the golden product's", () => {
  fc.assert(
    fc.property(productArbitrary(24), fc.constantFrom(2, 4, 8), ({ A, B }, leaves) => {
      const golden = multiplySparse(A, B);
      const rowOf = packedRows(A, B, leaves, leaves);
      for (let row = 0; row < A.rows; row++) {
        const [first, end] = [golden.rowStart[row], golden.rowStart[row + 1]];
        expect(rowOf(row)).toEqual({
          columns: [...golden.column.subarray(first, end)],
          values: [...(golden.value?.subarray(first, end) ?? [])],
        });
      }
    }),
    { numRuns: 200 },
  );
});
