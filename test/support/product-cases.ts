// Random small sparse products and machines for property tests: rows longer than the array, empty rows and columns,
// caches that lose lines, memories for partial sums that overflow.

import fc from "fast-check";
import type { BankedCache } from "../../src/component/memory/banked-cache.ts";
import { bankedCache } from "../../src/component/memory/banked-cache.ts";
import type { MergeTree } from "../../src/component/merge-tree/merge-tree.ts";
import { mergeTree } from "../../src/component/merge-tree/merge-tree.ts";
import type { PartialSumStore } from "../../src/component/memory/partial-sum-store.ts";
import type { ProductMachine } from "../../src/dataflow/product/product.ts";
import type { ProductMapping } from "../../src/mapping/product-mapping.ts";
import { randomSparse } from "../../src/tensor/sparse-matrix-random.ts";
import type { SparseMatrix } from "../../src/tensor/sparse-matrix.ts";

export interface Product {
  readonly A: SparseMatrix;
  readonly B: SparseMatrix;
}

/** In the order in which the authors of the published figures list them. */
export const sixMappings: readonly Pick<ProductMapping, "dataflow" | "stationary">[] = (
  ["inner", "outer", "gustavson"] as const
).flatMap((dataflow) => (["M", "N"] as const).map((stationary) => ({ dataflow, stationary })));

const density = fc.oneof(fc.constantFrom(0, 0.05, 0.1, 0.3, 0.6, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** Up to `largest` rows and columns, dense to empty, with some rows and columns that stay empty. */
export const productArbitrary = (largest: number): fc.Arbitrary<Product> => {
  const size = fc.integer({ min: 1, max: largest });
  return fc
    .record({ M: size, N: size, K: size, a: density, b: density, seed: fc.nat(2 ** 20), strike: fc.nat(3) })
    .map(({ M, N, K, a, b, seed, strike }) => ({
      A: struckOut(randomSparse(M, K, Math.round(a * M * K), 2 * seed), strike),
      B: struckOut(randomSparse(K, N, Math.round(b * K * N), 2 * seed + 1), strike),
    }));
};

/** The matrix without the entries of some rows and columns, which stay as empty ones. */
function struckOut(matrix: SparseMatrix, strike: number): SparseMatrix {
  if (strike < 2) return matrix;
  const rowStart = new Uint32Array(matrix.rows + 1);
  const column: number[] = [];
  const value: number[] = [];
  for (let row = 0; row < matrix.rows; row++) {
    for (let i = matrix.rowStart[row] ?? 0; i < (matrix.rowStart[row + 1] ?? 0); i++) {
      const at = matrix.column[i] ?? 0;
      if (row % strike === 0 || at % (strike + 1) === 0) continue;
      column.push(at);
      value.push(matrix.value?.[i] ?? 1);
    }
    rowStart[row + 1] = column.length;
  }
  return { ...matrix, rowStart, column: Uint32Array.from(column), value: Float64Array.from(value) };
}

/** Caches from a single line to a few dozen. */
export const cacheArbitrary: fc.Arbitrary<BankedCache> = fc
  .record({
    lineWords: fc.constantFrom(1, 2, 4, 8),
    ways: fc.integer({ min: 1, max: 4 }),
    banks: fc.constantFrom(1, 2, 4, 8),
    setsPerBank: fc.integer({ min: 1, max: 2 }),
    wordsPerBank: fc.constantFrom(1, 1, 2, 3, 4, Infinity),
    hitCycles: fc.nat(3),
    beyondHit: fc.nat(8),
  })
  .map(({ lineWords, setsPerBank, beyondHit, ...rest }) =>
    bankedCache({
      ...rest,
      missCycles: rest.hitCycles + beyondHit,
      bytes: 4 * lineWords * rest.ways * rest.banks * setsPerBank,
      lineBytes: 4 * lineWords,
      wordBytes: 4,
      addressBits: 32,
    }),
  );

const someCycles = fc.nat(4);

/** Trees with roots and queues of any width. */
const treeArbitrary: fc.Arbitrary<MergeTree> = fc
  .record({
    leaves: fc.constantFrom(2, 4, 8, 16),
    rootWidth: fc.constantFrom(1, 1, 1, 2, 3, 4, 8, 16),
    fifoDepth: fc.constantFrom(1, 2, 3, 4, 8, 32, Infinity),
  })
  .map((tree) => mergeTree({ ...tree, coordinateBits: 16, accumulator: "int32" }));

/** Memories for partial sums from none at all to one without a bound. */
const storeArbitrary: fc.Arbitrary<PartialSumStore> = fc
  .record({
    blocks: fc.oneof(fc.constant(Infinity), fc.nat(8)),
    blockWords: fc.constantFrom(1, 2, 4),
    sets: fc.constantFrom(1, 2, 3),
  })
  .map(({ blocks, ...store }) => ({
    ...store,
    kind: "partialSumStore",
    wordBytes: 4,
    banks: 1,
    tagBits: 8,
    bytes: 4 * store.blockWords * store.sets * blocks,
  }));

const partsArbitrary = fc.record({
  distributionWidth: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 16 })),
  cache: cacheArbitrary,
  elementBytes: fc.constantFrom(4, 4, 3),
  stationary: fc.constantFrom("cache", "fifo"),
  sums: storeArbitrary,
  carriedSums: fc.constantFrom("partialSums", "cache"),
  dramBytesPerCycle: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 40 })),
  outputWrites: fc.constantFrom("timed", "untimed"),
  control: fc.record({
    configure: someCycles,
    exhausted: someCycles,
    gustavsonTail: someCycles,
    outerTail: someCycles,
    innerTail: someCycles,
    mergePass: someCycles,
    emptyRow: someCycles,
  }),
});

export const productMachineArbitrary: fc.Arbitrary<ProductMachine> = fc
  .tuple(treeArbitrary, partsArbitrary)
  .map(([tree, parts]) => ({ ...parts, tree, multipliers: tree.leaves }));
