// Sparse filters of SCALE-Sim: its patterns on small filters, their counts on all, and its own reports of storage and
// mapping.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { hasShared, needs, sharedJson } from "../../../../test/acceptance/shared.ts";
import { filterStorage, layerWiseKept, rowWiseFilter } from "./sparsity.ts";

const filled = (slots: Int32Array): number => slots.reduce((count, slot) => (slot < 0 ? count : count + 1), 0);

const rowsOf = (slots: Int32Array, filters: number): number[][] =>
  Array.from({ length: slots.length / filters }, (_, row) =>
    Array.from(slots.subarray(row * filters, (row + 1) * filters)),
  );

describe("layerWiseKept", () => {
  test("keeps the first of every block, also of the last, cut one", () => {
    expect([...layerWiseKept(10, { kept: 2, block: 4 })]).toEqual([0, 1, 4, 5, 8, 9]);
    expect([...layerWiseKept(7, { kept: 3, block: 4 })]).toEqual([0, 1, 2, 4, 5, 6]);
    expect([...layerWiseKept(5, { kept: 1, block: 4 })]).toEqual([0, 4]);
    expect([...layerWiseKept(3, { kept: 1, block: 1 })]).toEqual([0, 1, 2]);
  });

  test("keeps exactly the indices whose place in the block is below kept", () => {
    const ratio = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(12)).map(([kept, more]) => [kept, kept + more]);
    fc.assert(
      fc.property(fc.nat(200), ratio, (K, [kept = 1, block = 1]) => {
        const all = Array.from({ length: K }, (_, k) => k);
        expect([...layerWiseKept(K, { kept, block })]).toEqual(all.filter((k) => k % block < kept));
      }),
    );
  });
});

describe("rowWiseFilter", () => {
  test("half a block of slots for each block, as many filled as were drawn", () => {
    // Seed 40 draws 1, 2, 2 of {1, 2}.
    expect(rowWiseFilter(10, 3, 4, 40)).toEqual({
      rows: 8,
      slots: Int32Array.of(0, 0, 0, -1, 1, 1, 4, 4, 4, -1, 5, 5, 8, 8, 8, -1, 9, 9, -1, -1, -1, -1, -1, -1),
    });
  });

  test("rows are those of whole pairs of blocks, and every column is one pattern in ascending order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 16 }),
        fc.nat(),
        (K, filters, half, seed) => {
          const blockSize = 2 * half;
          const { rows, slots } = rowWiseFilter(K, filters, blockSize, seed);
          expect(rows).toBe(Math.ceil(K / (2 * blockSize)) * blockSize);
          expect(slots.length).toBe(rows * filters);
          for (let column = 0; column < filters; column++) {
            const stored = [...slots].filter((slot, i) => i % filters === column && slot >= 0);
            const patterns = Array.from({ length: half }, (_, i) => [
              ...layerWiseKept(K, { kept: i + 1, block: blockSize }),
            ]);
            expect(patterns).toContainEqual(stored);
            for (let row = 0; row < rows; row++) {
              const slot = slots[row * filters + column] ?? -1;
              if (slot >= 0) expect(Math.floor(slot / blockSize)).toBe(Math.floor(row / half));
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test("at filter offset 0 the first filter loses its first weight unless that is alone in its block", () => {
    const [K, filters, blockSize] = [16, 3, 8];
    for (let seed = 0; seed < 20; seed++) {
      const { slots } = rowWiseFilter(K, filters, blockSize, seed);
      const lossy = rowWiseFilter(K, filters, blockSize, seed, 0).slots;
      const first = rowsOf(slots, filters).map((row) => row[0] ?? -1);
      const stored = first.slice(0, blockSize / 2).filter((slot) => slot >= 0);
      const moved = stored.length === 1 ? first : [...stored.slice(1), -1, ...first.slice(stored.length, first.length)];
      expect(rowsOf(lossy, filters).map((row) => row[0])).toEqual(moved);
      expect(rowsOf(lossy, filters).map((row) => row.slice(1))).toEqual(
        rowsOf(slots, filters).map((row) => row.slice(1)),
      );
      expect(rowWiseFilter(K, filters, blockSize, seed, 10_000_000).slots).toEqual(slots);
    }
  });

  test("refuses blocks without a slot", () => {
    expect(() => rowWiseFilter(8, 2, 1, 40)).toThrow(RangeError);
  });
});

describe("filterStorage", () => {
  test("counts of a filter of 6 x 2 with 5 weights", () => {
    const shape = { K: 6, filters: 2, nonZeros: 5, compressedRows: 4, block: 5 };
    expect(filterStorage({ ...shape, representation: "csr" })).toEqual({ original: 12, compressed: 17, metadata: 12 });
    expect(filterStorage({ ...shape, representation: "csc" })).toEqual({ original: 12, compressed: 13, metadata: 8 });
    // 8 slots of 3 bits are three quarters of a word.
    expect(filterStorage({ ...shape, representation: "ellpack_block" })).toEqual({
      original: 12,
      compressed: 8.75,
      metadata: 0.75,
    });
  });

  test("ellpack_block takes ceil(log2 block) bits a slot, none for blocks of one", () => {
    const bits = (block: number) =>
      filterStorage({ representation: "ellpack_block", K: 64, filters: 1, nonZeros: 32, compressedRows: 32, block })
        .metadata;
    expect([1, 2, 3, 4, 5, 8, 9, 2 ** 29].map(bits)).toEqual([0, 1, 2, 2, 3, 3, 4, 29]);
  });
});

const file = "reference/scalesim_cases.json";

const ratio = z.templateLiteral([z.number(), ":", z.number()]).transform((text) => {
  const [kept = 1, block = 1] = text.split(":").map(Number);
  return { kept, block };
});

const reference = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      gemm: z.object({ N: z.number(), K: z.number() }),
      array: z.tuple([z.number(), z.number()]),
      mapping_efficiency_pct: z.number(),
      sparsity: z
        .object({
          cfg: z.object({
            SparseRep: z.enum(["csr", "csc", "ellpack_block"]),
            OptimizedMapping: z.enum(["true", "false"]),
            BlockSize: z.number(),
            RandomNumberGeneratorSeed: z.number(),
          }),
          report: z.object({
            "Original Filter Storage": z.number(),
            "New Storage (Filter+Metadata)": z.number(),
            "Filter Metadata Storage": z.number(),
          }),
          ratio,
        })
        .optional(),
    }),
  ),
});

test.skipIf(!hasShared(file))(`storage and row-wise mapping of every sparse SCALE-Sim case${needs(file)}`, () => {
  let layerWise = 0;
  let rowWise = 0;
  for (const { id, gemm, array, mapping_efficiency_pct: mapping, sparsity } of reference.parse(sharedJson(file))
    .cases) {
    if (sparsity === undefined) continue;
    const { cfg, report, ratio: kept } = sparsity;
    const { K, N } = gemm;
    const shape = { representation: cfg.SparseRep, K, filters: N, block: kept.block };
    let compressedRows: number;
    let nonZeros: number;
    if (cfg.OptimizedMapping === "true") {
      const filter = rowWiseFilter(K, N, cfg.BlockSize, cfg.RandomNumberGeneratorSeed);
      compressedRows = filter.rows;
      nonZeros = filled(filter.slots);
      const units = Math.ceil(filter.rows / array[0]) * array[0] * Math.ceil(N / array[1]) * array[1];
      expect({ id, mapping: (100 * nonZeros) / units }).toEqual({ id, mapping: expect.closeTo(mapping, 10) });
      rowWise++;
    } else {
      compressedRows = layerWiseKept(K, kept).length;
      nonZeros = compressedRows * N;
      layerWise++;
    }
    expect({ id, ...filterStorage({ ...shape, compressedRows, nonZeros }) }).toEqual({
      id,
      original: report["Original Filter Storage"],
      compressed: report["New Storage (Filter+Metadata)"],
      metadata: report["Filter Metadata Storage"],
    });
  }
  expect({ layerWise, rowWise }).toEqual({ layerWise: 10, rowWise: 7 });
});
