// Laws of sparse matrices: every way to one keeps its entries, in order; random ones are exact, even and reproducible.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coordinates, matrixOf, patternOf, sparseMatrices } from "../../test/support/sparse-matrices.ts";
import { tensors } from "../../test/support/tensors.ts";
import { InputError } from "../base/error.ts";
import {
  denseFromSparse,
  rowRange,
  sparseFromCoordinates,
  sparseFromDense,
  sparseMatrix,
  transpose,
} from "./sparse-matrix.ts";
import type { SparseMatrix } from "./sparse-matrix.ts";
import { randomSparse } from "./sparse-matrix-random.ts";
import { matrixShape, tensor } from "./tensor.ts";

/** The same matrix, its parts checked. */
const checked = ({ rows, columns, rowStart, column, value }: SparseMatrix): SparseMatrix =>
  sparseMatrix(rows, columns, rowStart, column, value);

const entries = (matrix: SparseMatrix): number => matrix.column.length;

describe("sparseFromCoordinates", () => {
  test("sums what meets at one place, whatever the order, and counts it", () => {
    fc.assert(
      fc.property(coordinates(), (given) => {
        const { rows, columns, row, column, value } = given;
        const copy = structuredClone(given);
        const { matrix, duplicates, firstDuplicate } = sparseFromCoordinates(rows, columns, row, column, value);
        expect(given).toEqual(copy);
        const sums = new Map<number, number>();
        let first: number | undefined;
        for (let i = 0; i < row.length; i++) {
          const place = (row[i] ?? 0) * columns + (column[i] ?? 0);
          if (sums.has(place)) first ??= i;
          sums.set(place, value === undefined ? 1 : (sums.get(place) ?? 0) + (value[i] ?? 0));
        }
        expect(checked(matrix)).toEqual(matrix);
        expect(entries(matrix)).toBe(sums.size);
        expect(duplicates).toBe(row.length - sums.size);
        expect(firstDuplicate).toBe(first);
        const pattern = patternOf(matrix);
        const dense = denseFromSparse(matrix);
        for (let place = 0; place < rows * columns; place++) {
          expect(pattern[place]).toBe(sums.has(place) ? 1 : 0);
          expect(dense[place]).toBe(sums.get(place) ?? 0);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("does not depend on the order of the coordinates", () => {
    fc.assert(
      fc.property(coordinates(), fc.infiniteStream(fc.nat()), ({ value, ...given }, stream) => {
        const order = Array.from(given.row, (_, i) => [stream.next().value, i] as const)
          .sort(([a], [b]) => a - b)
          .map(([, i]) => i);
        const shuffled = {
          ...given,
          row: Uint32Array.from(order, (i) => given.row[i] ?? 0),
          column: Uint32Array.from(order, (i) => given.column[i] ?? 0),
          ...(value === undefined ? {} : { value: Float64Array.from(order, (i) => value[i] ?? 0) }),
        };
        expect(matrixOf(shuffled)).toEqual(matrixOf(value === undefined ? given : { ...given, value }));
      }),
    );
  });

  test("a sum that cancels stays an entry", () => {
    const two = Uint32Array.of(1, 1);
    const { matrix } = sparseFromCoordinates(2, 2, two, two, Float64Array.of(5, -5));
    expect(matrix).toEqual(sparseMatrix(2, 2, Uint32Array.of(0, 0, 1), Uint32Array.of(1), Float64Array.of(0)));
  });

  test.each<[() => unknown, string]>([
    [
      () => sparseFromCoordinates(2, 3, Uint32Array.of(2), Uint32Array.of(0)),
      'rowIndex[0]: coordinate outside the matrix; found "2"; expected below 2',
    ],
    [
      () => sparseFromCoordinates(2, 3, Uint32Array.of(1), Uint32Array.of(3)),
      'columnIndex[0]: coordinate outside the matrix; found "3"; expected below 3',
    ],
    [
      () => sparseFromCoordinates(2, 3, Uint32Array.of(1), new Uint32Array()),
      'columnIndex: wrong length; found "0"; expected 1',
    ],
    [
      () => sparseFromCoordinates(2, 3, Uint32Array.of(1), Uint32Array.of(1), new Float64Array(2)),
      'value: wrong length; found "2"; expected 1',
    ],
    [
      () => sparseFromCoordinates(-1, 3, new Uint32Array(), new Uint32Array()),
      'rows: bad dimension of a sparse matrix; found "-1"; expected an integer from 0 to 2^28',
    ],
    [
      () => sparseFromCoordinates(1, 2 ** 28 + 1, new Uint32Array(), new Uint32Array()),
      'columns: bad dimension of a sparse matrix; found "268435457"; expected an integer from 0 to 2^28',
    ],
  ])("refuses %#", (make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

describe("sparseMatrix", () => {
  const start = (...numbers: number[]) => Uint32Array.from(numbers);
  test.each<[() => unknown, string]>([
    [() => sparseMatrix(2, 2, start(0, 0), start()), 'rowStart: wrong length; found "2"; expected 3'],
    [() => sparseMatrix(1, 2, start(1, 1), start(0)), 'rowStart[0]: bad row start; found "1"; expected 0'],
    [() => sparseMatrix(2, 2, start(0, 2, 1), start(0)), 'rowStart[1]: bad row start; found "2"; expected 0 or more'],
    [
      () => sparseMatrix(1, 2, start(0, 1), start(0, 1)),
      'rowStart[1]: bad row start; found "1"; expected 2, the number of entries',
    ],
    [() => sparseMatrix(1, 2, start(0, 2), start(1, 1)), 'column[1]: bad column; found "1"; expected 2 to 1'],
    [() => sparseMatrix(1, 2, start(0, 1), start(2)), 'column[0]: bad column; found "2"; expected 0 to 1'],
    [
      () => sparseMatrix(1, 2, start(0, 1), start(1), new Float64Array(2)),
      'value: wrong length; found "2"; expected 1',
    ],
  ])("refuses parts that contradict each other, %#", (make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

describe("transpose", () => {
  test("twice is the matrix itself; once swaps rows and columns", () => {
    fc.assert(
      fc.property(sparseMatrices(), (matrix) => {
        const turned = checked(transpose(matrix));
        expect(transpose(turned)).toEqual(matrix);
        const dense = denseFromSparse(matrix);
        const across = denseFromSparse(turned);
        for (let r = 0; r < matrix.rows; r++) {
          for (let c = 0; c < matrix.columns; c++) {
            expect(across[c * matrix.rows + r]).toBe(dense[r * matrix.columns + c]);
          }
        }
      }),
    );
  });
});

describe("dense form", () => {
  test("a tensor keeps every element that is not zero", () => {
    fc.assert(
      fc.property(tensors(1000), (x) => {
        const [rows, columns] = matrixShape(x.shape);
        const matrix = checked(sparseFromDense(x));
        expect([matrix.rows, matrix.columns]).toEqual([rows, columns]);
        expect(denseFromSparse(matrix)).toEqual(Float64Array.from(x.data));
        expect(matrix.value?.every((value) => value !== 0)).toBe(true);
      }),
    );
  });

  test("-0 is a zero and NaN is not", () => {
    const matrix = sparseFromDense(tensor("float32", [1, 3], [-0, Number.NaN, 2]));
    expect([...matrix.column]).toEqual([1, 2]);
  });

  test("strides and offset choose any order; an element outside the data is refused", () => {
    const data = Float64Array.of(9, 1, 2, 3, 4, 5, 6);
    const columnMajor = sparseFromDense({ data, rows: 3, columns: 2, strides: [1, 3], offset: 1 });
    expect([...denseFromSparse(columnMajor)]).toEqual([1, 4, 2, 5, 3, 6]);
    const backwards = sparseFromDense({ data, rows: 1, columns: 3, strides: [0, -2], offset: 6 });
    expect([...denseFromSparse(backwards)]).toEqual([6, 4, 2]);
    expect(() => sparseFromDense({ data, rows: 3, columns: 2, strides: [2, 3], offset: 1 })).toThrow(
      'data: elements lie outside the data; found "1 to 8"; expected 0 to 6',
    );
    expect(() => sparseFromDense({ data, rows: 1, columns: 2, strides: [0, -2], offset: 1 })).toThrow(InputError);
  });

  test("refuses to make a dense matrix that is too large", () => {
    expect(() => denseFromSparse(randomSparse(2 ** 20, 2 ** 20, 1, 1))).toThrow(
      'matrix too large for its dense form; found "1048576 x 1048576"; expected at most 2^27 elements',
    );
  });
});

describe("rowRange", () => {
  test("parts make up the whole", () => {
    fc.assert(
      fc.property(sparseMatrices(), fc.nat({ max: 100 }), (matrix, cut) => {
        const middle = Math.min(cut, matrix.rows);
        const parts = [rowRange(matrix, 0, middle), rowRange(matrix, middle, matrix.rows)].map(checked);
        const dense = parts.flatMap((part) => [...denseFromSparse(part)]);
        expect(dense).toEqual([...denseFromSparse(matrix)]);
      }),
    );
  });

  test("refuses rows that are not there", () => {
    const matrix = randomSparse(3, 3, 2, 1);
    expect(() => rowRange(matrix, 2, 4)).toThrow('rows: no such rows; found "2 to 4"; expected within 0 to 3');
    expect(() => rowRange(matrix, 2, 1)).toThrow(InputError);
    expect(() => rowRange(matrix, 0.5, 1)).toThrow(InputError);
  });
});

describe("randomSparse", () => {
  test("has exactly the entries that were asked for, none of them zero, and is the same for the same seed", () => {
    const side = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 3000 }));
    fc.assert(
      fc.property(side, side, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (rows, columns, density, seed) => {
        const nonZeros = Math.min(rows * columns, Math.round(density * Math.min(rows * columns, 5000)));
        const matrix = checked(randomSparse(rows, columns, nonZeros, seed));
        expect(entries(matrix)).toBe(nonZeros);
        expect(matrix.value?.every((value) => Number.isInteger(value) && value !== 0 && Math.abs(value) <= 4)).toBe(
          true,
        );
        expect(randomSparse(rows, columns, nonZeros, seed)).toEqual(matrix);
      }),
    );
  });

  test("known answer: the same on every platform", () => {
    const matrix = randomSparse(1_000_003, 999_983, 5, 42);
    const rows = [...matrix.rowStart.keys()].filter((r) => (matrix.rowStart[r + 1] ?? 0) > (matrix.rowStart[r] ?? 0));
    expect({ rows, column: [...matrix.column], value: [...(matrix.value ?? [])] }).toMatchInlineSnapshot(`
      {
        "column": [
          761684,
          383828,
          499224,
          271906,
          901156,
        ],
        "rows": [
          127797,
          528091,
          680031,
          776801,
          890264,
        ],
        "value": [
          4,
          2,
          -3,
          1,
          3,
        ],
      }
    `);
  });

  test("full and empty", () => {
    expect(denseFromSparse(randomSparse(7, 9, 63, 1)).every((value) => value !== 0)).toBe(true);
    expect(entries(randomSparse(7, 9, 0, 1))).toBe(0);
    expect(entries(randomSparse(0, 9, 0, 1))).toBe(0);
  });

  test("every choice of 2 of 6 cells is about equally likely, and so is every value", () => {
    const choices = new Map<string, number>();
    const values = new Map<number, number>();
    const draws = 6000;
    for (let seed = 0; seed < draws; seed++) {
      const matrix = randomSparse(2, 3, 2, seed);
      const choice = patternOf(matrix).join("");
      choices.set(choice, (choices.get(choice) ?? 0) + 1);
      for (const value of matrix.value ?? []) values.set(value, (values.get(value) ?? 0) + 1);
    }
    // Chi-squared at 14 and 7 degrees of freedom: 36.1 and 24.3 are passed once in a thousand.
    expect(choices.size).toBe(15);
    expect(chiSquared([...choices.values()], draws / 15)).toBeLessThan(36.1);
    expect(values.size).toBe(8);
    expect(chiSquared([...values.values()], draws / 4)).toBeLessThan(24.3);
  });

  test("entries of a huge matrix spread evenly over rows, columns and blocks", () => {
    const size = 2 ** 20;
    const matrix = randomSparse(size, size, 64_000, 7);
    const turned = transpose(matrix);
    const byRow = new Array<number>(64).fill(0);
    const byColumn = new Array<number>(64).fill(0);
    const byBlock = new Array<number>(64).fill(0);
    for (let r = 0; r < size; r++) {
      const count = (matrix.rowStart[r + 1] ?? 0) - (matrix.rowStart[r] ?? 0);
      const region = Math.floor((r * 64) / size);
      byRow[region] = (byRow[region] ?? 0) + count;
      byColumn[region] = (byColumn[region] ?? 0) + (turned.rowStart[r + 1] ?? 0) - (turned.rowStart[r] ?? 0);
      for (let i = matrix.rowStart[r] ?? 0; i < (matrix.rowStart[r + 1] ?? 0); i++) {
        const block = Math.floor((r * 8) / size) * 8 + Math.floor(((matrix.column[i] ?? 0) * 8) / size);
        byBlock[block] = (byBlock[block] ?? 0) + 1;
      }
    }
    // Chi-squared at 63 degrees of freedom: 103.4 is passed once in a thousand.
    for (const counts of [byRow, byColumn, byBlock]) expect(chiSquared(counts, 1000)).toBeLessThan(103.4);
  });

  test.each<[() => unknown, string]>([
    [
      () => randomSparse(3, 4, 13, 1),
      'nonZeros: bad number of non-zeros; found "13"; expected an integer from 0 to 12, the cells of 3 x 4',
    ],
    [() => randomSparse(3, 4, 1.5, 1), 'nonZeros: bad number of non-zeros; found "1.5"'],
    [() => randomSparse(3, 4, 1, -1), 'seed: bad seed; found "-1"'],
    [() => randomSparse(3.5, 4, 1, 1), 'rows: bad dimension of a sparse matrix; found "3.5"'],
    [
      () => randomSparse(2 ** 27, 2 ** 27, 1, 1),
      'matrix too large to fill at random; found "134217728 x 134217728"; expected at most 2^53 - 1 cells',
    ],
  ])("refuses %#", (make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

const chiSquared = (counts: readonly number[], expected: number): number =>
  counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
