// Matrix Market files as they are written, and the law that reading gives the written matrix back; symmetric files
// against the general ones.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coordinates, matrixOf, sparseMatrices } from "../../test/support/sparse-matrices.ts";
import type { Coordinates } from "../../test/support/sparse-matrices.ts";
import { denseFromSparse, sparseFromDense } from "../tensor/sparse-matrix.ts";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import { parseMatrixMarket } from "./matrix-market.ts";
import { writeMatrixMarket } from "./matrix-market-write.ts";

const banner = (words: string): string => `%%MatrixMarket matrix ${words}\n`;
const written = (matrix: SparseMatrix): string => new TextDecoder().decode(writeMatrixMarket(matrix));

/** Whose sums stay finite. */
const moderate = fc.double({ noNaN: true, min: -1e300, max: 1e300 });

describe("writeMatrixMarket", () => {
  test("reading what was written gives the same matrix", () => {
    const values = fc.oneof(moderate, fc.constantFrom(0, -0, 5e-324, 2 ** 53, 2 ** 53 - 1, -(2 ** 31), 2 ** 31));
    fc.assert(
      fc.property(sparseMatrices({}, fc.oneof(values, fc.integer({ min: -9, max: 9 }))), (matrix) => {
        expect(parseMatrixMarket(writeMatrixMarket(matrix), "x.mtx")).toMatchObject({ matrix, warnings: [] });
      }),
      { numRuns: 300 },
    );
  });

  test("the field is the narrowest that holds the values", () => {
    const text = (...data: readonly number[]) =>
      written(sparseFromDense({ data, rows: 1, columns: data.length, strides: [data.length, 1] }));
    expect(text(3, -4)).toBe(`${banner("coordinate integer general")}1 2 2\n1 1 3\n1 2 -4\n`);
    expect(text(0, 0.1)).toBe(`${banner("coordinate real general")}1 2 1\n1 2 0.1\n`);
    expect(text(2 ** 60)).toBe(`${banner("coordinate real general")}1 1 1\n1 1 1152921504606847000\n`);
    const one = { rows: 1, columns: 1, rowStart: Uint32Array.of(0, 1), column: Uint32Array.of(0) };
    expect(written(one)).toBe(`${banner("coordinate pattern general")}1 1 1\n1 1\n`);
    expect(() => text(1, Number.NaN)).toThrow(
      'value at row 1, column 2: Matrix Market holds finite numbers only; found "NaN"',
    );
  });

  test("symmetric files are the general files of the whole matrix", () => {
    fc.assert(
      fc.property(coordinates({ rows: 9, columns: 9 }), fc.boolean(), (given, skew) => {
        if (skew && given.value === undefined) return;
        const triangle = lowerTriangle(given, skew);
        const field = triangle.value === undefined ? "pattern" : "integer";
        const lines = Array.from(
          triangle.row,
          (r, i) => `${r + 1} ${(triangle.column[i] ?? 0) + 1} ${triangle.value?.[i] ?? ""}\n`,
        );
        const symmetry = skew ? "skew-symmetric" : "symmetric";
        const text = `${banner(`coordinate ${field} ${symmetry}`)}9 9 ${lines.length}\n${lines.join("")}`;
        const full = denseFromSparse(parseMatrixMarket(new TextEncoder().encode(text), "x.mtx").matrix);
        const lower = denseFromSparse(matrixOf(triangle));
        for (let r = 0; r < 9; r++) {
          for (let c = 0; c < 9; c++) {
            const mirror = (lower[c * 9 + r] ?? 0) * (skew ? -1 : 1);
            expect((full[r * 9 + c] ?? 0) + 0).toBe((c <= r ? (lower[r * 9 + c] ?? 0) : mirror) + 0);
          }
        }
      }),
    );
  });
});

/** The coordinates moved into the lower triangle, without a diagonal where it must be zero. */
function lowerTriangle({ rows, columns, row, column, value }: Coordinates, strict: boolean): Coordinates {
  const kept = [...row.keys()].filter((i) => !strict || row[i] !== column[i]);
  return {
    rows,
    columns,
    row: Uint32Array.from(kept, (i) => Math.max(row[i] ?? 0, column[i] ?? 0)),
    column: Uint32Array.from(kept, (i) => Math.min(row[i] ?? 0, column[i] ?? 0)),
    ...(value === undefined ? {} : { value: Float64Array.from(kept, (i) => value[i] ?? 0) }),
  };
}
