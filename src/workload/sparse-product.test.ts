// The sparse product against the dense one, and its counts against the product itself.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factors, patternOf, sparseMatrices } from "../../test/support/sparse-matrices.ts";
import { InputError } from "../base/error.ts";
import { denseFromSparse, rowRange, sparseFromDense, sparseMatrix, transpose } from "../tensor/sparse-matrix.ts";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import { countProduct, multiplySparse, rowOutputs, rowProducts } from "./sparse-product.ts";

/** The product from its definition: sums over all k, in float64. */
function denseProduct(A: Float64Array, B: Float64Array, M: number, K: number, N: number): Float64Array {
  const C = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      for (let k = 0; k < K; k++) C[m * N + n] = (C[m * N + n] ?? 0) + (A[m * K + k] ?? 0) * (B[k * N + n] ?? 0);
    }
  }
  return C;
}

const entriesOfRows = ({ rowStart }: SparseMatrix): number[] =>
  [...rowStart.subarray(1)].map((end, r) => end - (rowStart[r] ?? 0));

const entriesOfColumns = (matrix: SparseMatrix): number[] => entriesOfRows(transpose(matrix));

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

describe("multiplySparse", () => {
  test("equals the dense product; its entries are the product of the patterns, cancelled sums included", () => {
    fc.assert(
      fc.property(factors, ([A, B]) => {
        const C = multiplySparse(A, B);
        expect(sparseMatrix(C.rows, C.columns, C.rowStart, C.column, C.value)).toEqual(C);
        const [M, K, N] = [A.rows, A.columns, B.columns];
        // Added to 0, a sum of -0 is 0 as in the dense product.
        expect(denseFromSparse(C).map((value) => value + 0)).toEqual(
          denseProduct(denseFromSparse(A), denseFromSparse(B), M, K, N).map((value) => value + 0),
        );
        const reached = denseProduct(patternOf(A), patternOf(B), M, K, N).map((ways) => Math.min(ways, 1));
        expect(patternOf(C)).toEqual(reached);
      }),
      { numRuns: 300 },
    );
  });

  test("sums in the order of ascending k, so that rounding is defined", () => {
    const A = sparseFromDense({ data: [1e16, 1, -1e16], rows: 1, columns: 3, strides: [3, 1] });
    const B = sparseFromDense({ data: [1, 1, 1], rows: 3, columns: 1, strides: [1, 1] });
    expect([...(multiplySparse(A, B).value ?? [])]).toEqual([1e16 + 1 - 1e16]);
  });

  test("a sum that cancels stays an entry", () => {
    const A = sparseFromDense({ data: [1, -1], rows: 1, columns: 2, strides: [2, 1] });
    const B = sparseFromDense({ data: [1, 1], rows: 2, columns: 1, strides: [1, 1] });
    expect(multiplySparse(A, B)).toEqual(
      sparseMatrix(1, 1, Uint32Array.of(0, 1), Uint32Array.of(0), Float64Array.of(0)),
    );
  });

  const expectOrder = (N: number, perRow: number, seed: number): void => {
    const B = randomSparse(20, N, Math.min(20 * N, 20 * perRow), seed);
    const A = randomSparse(3, 20, 45, seed);
    const C = multiplySparse(A, B);
    expect(sparseMatrix(C.rows, C.columns, C.rowStart, C.column, C.value)).toEqual(C);
    expect(transpose(multiplySparse(transpose(B), transpose(A)))).toEqual(C);
  };

  test("orders long rows, whatever part of a range their columns fill", () => {
    const widths = fc.oneof(fc.constantFrom(32, 33, 1024, 1025, 32_768, 32_769), fc.integer({ min: 25, max: 5000 }));
    fc.assert(fc.property(widths, fc.integer({ min: 1, max: 400 }), fc.nat(), expectOrder), { numRuns: 100 });
    expectOrder(3_000_000, 2000, 1);
  });

  test("(A B)^T = B^T A^T, and patterns count the ways", () => {
    fc.assert(
      fc.property(factors, ([A, B]) => {
        const [C, turned] = [multiplySparse(A, B), multiplySparse(transpose(B), transpose(A))];
        expect(denseFromSparse(transpose(turned))).toEqual(denseFromSparse(C));
        const { value: _a, ...patternA } = A;
        const { value: _b, ...patternB } = B;
        const ways = multiplySparse(patternA, patternB);
        expect(sum(ways.value ?? [])).toBe(countProduct(A, B).multiplications);
      }),
    );
  });
});

describe("counts", () => {
  test("are those of the product, in whole, by rows and by parts", () => {
    fc.assert(
      fc.property(factors, fc.nat({ max: 70 }), ([A, B], cut) => {
        const C = multiplySparse(A, B);
        const counts = countProduct(A, B);
        const inColumns = entriesOfColumns(A);
        expect(counts.multiplications).toBe(sum(entriesOfRows(B).map((count, k) => count * (inColumns[k] ?? 0))));
        expect(counts.outputNonZeros).toBe(C.column.length);
        expect(counts.additions).toBe(counts.multiplications - counts.outputNonZeros);
        const [products, outputs] = [rowProducts(A, B), rowOutputs(A, B)];
        expect([...outputs]).toEqual(entriesOfRows(C));
        expect(sum(products)).toBe(counts.multiplications);
        const middle = Math.min(cut, A.rows);
        const parts = [rowRange(A, 0, middle), rowRange(A, middle, A.rows)];
        expect(parts.flatMap((part) => [...rowOutputs(part, B)])).toEqual([...outputs]);
        expect(parts.flatMap((part) => [...rowProducts(part, B)])).toEqual([...products]);
      }),
      { numRuns: 300 },
    );
  });

  test("rows that fill up still count every multiplication", () => {
    const A = randomSparse(5, 40, 200, 1);
    const B = randomSparse(40, 6, 240, 2);
    expect(countProduct(A, B)).toEqual({ multiplications: 1200, additions: 1170, outputNonZeros: 30 });
  });

  test("cost no memory that grows with the product of dimensions", () => {
    const A = randomSparse(1_000_000, 1_000_000, 1000, 1);
    const counts = countProduct(A, transpose(A));
    expect(counts.multiplications).toBe(sum(entriesOfColumns(A).map((count) => count ** 2)));
  });
});

test("operands that do not fit are refused", () => {
  const [A, B] = [randomSparse(3, 4, 5, 1), randomSparse(5, 6, 5, 1)];
  for (const operation of [multiplySparse, countProduct, rowProducts, rowOutputs]) {
    expect(() => operation(A, B)).toThrow(InputError);
    expect(() => operation(A, B)).toThrow(
      'A x B: inner dimensions differ; found "3 x 4 times 5 x 6"; expected as many columns of A as rows of B',
    );
  }
});

test("empty operands give empty products", () => {
  fc.assert(
    fc.property(sparseMatrices(), (A) => {
      const C = multiplySparse(A, randomSparse(A.columns, 3, 0, 1));
      expect([C.rows, C.columns, C.column.length]).toEqual([A.rows, 3, 0]);
      const D = multiplySparse(A, randomSparse(A.columns, 0, 0, 1));
      expect([D.rows, D.columns, D.column.length]).toEqual([A.rows, 0, 0]);
    }),
  );
});
