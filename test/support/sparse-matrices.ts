// Random sparse matrices for property tests (fast-check): any shape down to empty, any density, patterns and values,
// explicit zeros among them.

import fc from "fast-check";
import { denseFromSparse, sparseFromCoordinates } from "../../src/tensor/sparse-matrix.ts";
import type { SparseMatrix } from "../../src/tensor/sparse-matrix.ts";

/** Coordinates with repetitions, in any order. */
export interface Coordinates {
  readonly rows: number;
  readonly columns: number;
  readonly row: Uint32Array;
  readonly column: Uint32Array;
  readonly value?: Float64Array;
}

/** Small integers, zero included. */
const integers = fc.integer({ min: -3, max: 3 }).map((value) => value + 0);

const side = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 30, max: 70 }));

/** Coordinates in a matrix of these sides; without them, of any. */
export function coordinates(
  sides: { readonly rows?: number; readonly columns?: number } = {},
  values: fc.Arbitrary<number> = integers,
): fc.Arbitrary<Coordinates> {
  return fc
    .tuple(
      sides.rows === undefined ? side : fc.constant(sides.rows),
      sides.columns === undefined ? side : fc.constant(sides.columns),
      fc.boolean(),
    )
    .chain(([rows, columns, pattern]) =>
      fc
        .array(fc.tuple(fc.nat({ max: Math.max(0, rows - 1) }), fc.nat({ max: Math.max(0, columns - 1) }), values), {
          maxLength: rows * columns === 0 ? 0 : 200,
          size: "max",
        })
        .map((entries) => ({
          rows,
          columns,
          row: Uint32Array.from(entries, ([r]) => r),
          column: Uint32Array.from(entries, ([, c]) => c),
          ...(pattern ? {} : { value: Float64Array.from(entries, ([, , v]) => v) }),
        })),
    );
}

export const matrixOf = ({ rows, columns, row, column, value }: Coordinates): SparseMatrix =>
  sparseFromCoordinates(rows, columns, row, column, value).matrix;

export const sparseMatrices = (
  sides: { readonly rows?: number; readonly columns?: number } = {},
  values?: fc.Arbitrary<number>,
): fc.Arbitrary<SparseMatrix> => coordinates(sides, values).map(matrixOf);

/** A and B whose product is defined. */
export const factors: fc.Arbitrary<readonly [A: SparseMatrix, B: SparseMatrix]> = side.chain((inner) =>
  fc.tuple(sparseMatrices({ columns: inner }), sparseMatrices({ rows: inner })),
);

/** 1 where an entry is stored, else 0; row-major. */
export const patternOf = ({ rows, columns, rowStart, column }: SparseMatrix): Float64Array =>
  denseFromSparse({ rows, columns, rowStart, column });
