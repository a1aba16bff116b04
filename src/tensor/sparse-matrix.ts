// Sparse matrices by compressed rows, the one form that sparse products work on, and the ways to and from it:
// coordinates, dense data, rows of another matrix. Compressed columns are the compressed rows of the transpose.

import { InputError } from "../base/error.ts";
import { matrixShape } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

/** A matrix by its stored entries, row by row. An entry may be zero: what counts as work is decided by the pattern. */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Row r holds the entries from `rowStart[r]` to `rowStart[r + 1]`; rows + 1 numbers. */
  readonly rowStart: Uint32Array;
  /** Column of each entry, ascending and without repetition inside a row. */
  readonly column: Uint32Array;
  /** Value of each entry; absent for a pattern, whose entries count as ones. */
  readonly value?: Float64Array;
}

/** A dense matrix in any order: element (r, c) is `data[offset + r * strides[0] + c * strides[1]]`. */
export interface DenseMatrix {
  readonly data: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
  readonly strides: readonly [row: number, column: number];
  readonly offset?: number;
}

/** What became of coordinates: the matrix, and how many of them met an earlier one at the same place. */
export interface Gathered {
  readonly matrix: SparseMatrix;
  readonly duplicates: number;
  /** Index of the first coordinate, in the given order, that repeats an earlier one; absent without duplicates. */
  readonly firstDuplicate?: number;
}

/** Largest number of rows or columns: the row starts of such a matrix take 1 GiB. */
export const maximumDimension = 2 ** 28;

/** Largest number of stored entries. */
export const maximumEntries = 2 ** 32 - 1;

/** Largest dense form that `denseFromSparse` makes, in elements (1 GiB). */
const maximumDense = 2 ** 27;

/** A matrix from its parts, which are adopted. Throws InputError where they contradict each other. */
export function sparseMatrix(
  rows: number,
  columns: number,
  rowStart: Uint32Array,
  column: Uint32Array,
  value?: Float64Array,
): SparseMatrix {
  requireDimensions(rows, columns);
  requireLength("rowStart", rowStart.length, rows + 1);
  if (value !== undefined) requireLength("value", value.length, column.length);
  for (let r = 0, end = 0; r <= rows; r++) {
    const start = end;
    end = rowStart[r] ?? 0;
    const last = r === rows ? column.length : 0;
    if (end < start || end > column.length || (r === 0 && end !== 0) || end < last) {
      const expected = r === 0 ? "0" : r === rows ? `${column.length}, the number of entries` : `${start} or more`;
      throw new InputError({ path: `rowStart[${r}]`, message: "bad row start", found: String(end), expected });
    }
    for (let i = start; i < end; i++) {
      const c = column[i] ?? 0;
      const above = i === start ? -1 : (column[i - 1] ?? 0);
      if (c > above && c < columns) continue;
      const expected = `${above + 1} to ${columns - 1}`;
      throw new InputError({ path: `column[${i}]`, message: "bad column", found: String(c), expected });
    }
  }
  return assemble(rows, columns, rowStart, column, value);
}

/** The transpose, in time linear in dimensions and entries. Rows may be out of order: those of the result never are. */
export function transpose({ rows, columns, rowStart, column, value }: SparseMatrix): SparseMatrix {
  const start = startsOf(column, columns);
  const row = integers(column.length);
  const moved = value === undefined ? undefined : reals(column.length);
  for (let r = 0; r < rows; r++) {
    const end = rowStart[r + 1] ?? 0;
    for (let i = rowStart[r] ?? 0; i < end; i++) {
      const c = column[i] ?? 0;
      const at = start[c] ?? 0;
      start[c] = at + 1;
      row[at] = r;
      if (moved !== undefined && value !== undefined) moved[at] = value[i] ?? 0;
    }
  }
  return assemble(columns, rows, restored(start), row, moved);
}

/**
 * The matrix with an entry at each coordinate (from 0); without `value`, a pattern. Coordinates at one place become one
 * entry: the sum of their values in the given order, or one entry of a pattern. Two counting sorts: time and memory
 * grow with dimensions and coordinates. Throws InputError for dimensions, lengths or coordinates out of range.
 */
export function sparseFromCoordinates(
  rows: number,
  columns: number,
  rowIndex: Uint32Array,
  columnIndex: Uint32Array,
  value?: Float64Array,
): Gathered {
  requireDimensions(rows, columns);
  requireLength("columnIndex", columnIndex.length, rowIndex.length);
  if (value !== undefined) requireLength("value", value.length, rowIndex.length);
  requireBelow("rowIndex", rowIndex, rows);
  requireBelow("columnIndex", columnIndex, columns);
  const sorted = transpose(byColumns(rows, columns, rowIndex, columnIndex, value));
  const matrix = merged(sorted);
  const duplicates = sorted.column.length - matrix.column.length;
  if (duplicates === 0) return { matrix, duplicates };
  return { matrix, duplicates, firstDuplicate: firstRepeated(matrix, rowIndex, columnIndex) };
}

/**
 * The elements of a dense matrix that are not zero (NaN is one, -0 is not). A tensor is seen as the matrix
 * [first dimension, product of the rest]. Throws InputError for bad dimensions, or data that do not cover them.
 */
export function sparseFromDense(dense: Tensor | DenseMatrix): SparseMatrix {
  const { data, rows, columns, strides, offset = 0 } = "shape" in dense ? viewOf(dense) : dense;
  requireDimensions(rows, columns);
  const [rowStride, columnStride] = strides;
  const [down, across] = [(rows - 1) * rowStride, (columns - 1) * columnStride];
  const first = offset + Math.min(0, down) + Math.min(0, across);
  const last = offset + Math.max(0, down) + Math.max(0, across);
  if (rows > 0 && columns > 0 && !(first >= 0 && last < data.length)) {
    throw new InputError({
      path: "data",
      message: "elements lie outside the data",
      found: `${first} to ${last}`,
      expected: `0 to ${data.length - 1}`,
    });
  }
  const rowStart = integers(rows + 1);
  for (let r = 0, count = 0; r < rows; r++) {
    for (let c = 0, at = offset + r * rowStride; c < columns; c++, at += columnStride) if (data[at] !== 0) count++;
    rowStart[r + 1] = count;
  }
  const entries = rowStart[rows] ?? 0;
  const column = integers(entries);
  const value = reals(entries);
  for (let r = 0, next = 0; r < rows; r++) {
    for (let c = 0, at = offset + r * rowStride; c < columns; c++, at += columnStride) {
      const element = data[at] ?? 0;
      if (element === 0) continue;
      column[next] = c;
      value[next++] = element;
    }
  }
  return assemble(rows, columns, rowStart, column, value);
}

/** Row-major elements; entries of a pattern are ones. Throws InputError past 2^27 elements. */
export function denseFromSparse({ rows, columns, rowStart, column, value }: SparseMatrix): Float64Array {
  if (rows * columns > maximumDense) {
    throw new InputError({
      message: "matrix too large for its dense form",
      found: `${rows} x ${columns}`,
      expected: "at most 2^27 elements",
    });
  }
  const dense = reals(rows * columns);
  for (let r = 0; r < rows; r++) {
    const end = rowStart[r + 1] ?? 0;
    for (let i = rowStart[r] ?? 0; i < end; i++) dense[r * columns + (column[i] ?? 0)] = value?.[i] ?? 1;
  }
  return dense;
}

/** Rows `start` to `end` (exclusive) as a matrix of their own, on the same columns and values: a part for one worker. */
export function rowRange(matrix: SparseMatrix, start: number, end: number): SparseMatrix {
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= matrix.rows)) {
    throw new InputError({
      path: "rows",
      message: "no such rows",
      found: `${start} to ${end}`,
      expected: `within 0 to ${matrix.rows}`,
    });
  }
  const first = matrix.rowStart[start] ?? 0;
  const last = matrix.rowStart[end] ?? 0;
  const rowStart = matrix.rowStart.slice(start, end + 1);
  for (let r = 0; r < rowStart.length; r++) rowStart[r] = (rowStart[r] ?? 0) - first;
  const column = matrix.column.subarray(first, last);
  return assemble(end - start, matrix.columns, rowStart, column, matrix.value?.subarray(first, last));
}

/** Throws InputError (path `rows` or `columns`) unless both are integers from 0 to 2^28. */
export function requireDimensions(rows: number, columns: number): void {
  for (const [path, size] of [
    ["rows", rows],
    ["columns", columns],
  ] as const) {
    if (Number.isInteger(size) && size >= 0 && size <= maximumDimension) continue;
    throw new InputError({
      path,
      message: "bad dimension of a sparse matrix",
      found: String(size),
      expected: "an integer from 0 to 2^28",
    });
  }
}

/** Throws InputError for more stored entries than row starts can count. */
export function requireEntries(count: number): void {
  if (count <= maximumEntries) return;
  throw new InputError({
    message: "too many entries for a sparse matrix",
    found: String(count),
    expected: "below 2^32",
  });
}

/** Zeros. Throws InputError when the memory for them cannot be had. */
export const integers = (count: number): Uint32Array => allocated(count, () => new Uint32Array(count));

/** Zeros. Throws InputError when the memory for them cannot be had. */
export const reals = (count: number): Float64Array => allocated(count, () => new Float64Array(count));

function allocated<T>(count: number, allocate: () => T): T {
  try {
    return allocate();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError({ message: "sparse matrix does not fit into memory", found: `${count} entries` });
  }
}

function assemble(
  rows: number,
  columns: number,
  rowStart: Uint32Array,
  column: Uint32Array,
  value: Float64Array | undefined,
): SparseMatrix {
  return value === undefined ? { rows, columns, rowStart, column } : { rows, columns, rowStart, column, value };
}

/** Where the entries of each index begin once they are sorted by index; size + 1 numbers. */
function startsOf(index: Uint32Array, size: number): Uint32Array {
  requireEntries(index.length);
  const start = integers(size + 1);
  for (let i = 0; i < index.length; i++) {
    const next = (index[i] ?? 0) + 1;
    start[next] = (start[next] ?? 0) + 1;
  }
  for (let i = 0; i < size; i++) start[i + 1] = (start[i] ?? 0) + (start[i + 1] ?? 0);
  return start;
}

/** Undoes the steps that a scatter took: each start has moved to where the next one was. */
function restored(start: Uint32Array): Uint32Array {
  start.copyWithin(1, 0, start.length - 1);
  start[0] = 0;
  return start;
}

/** The transpose's entries by its rows, inside a row in the given order. */
function byColumns(
  rows: number,
  columns: number,
  rowIndex: Uint32Array,
  columnIndex: Uint32Array,
  value: Float64Array | undefined,
): SparseMatrix {
  const start = startsOf(columnIndex, columns);
  const row = integers(rowIndex.length);
  const moved = value === undefined ? undefined : reals(rowIndex.length);
  for (let i = 0; i < rowIndex.length; i++) {
    const c = columnIndex[i] ?? 0;
    const at = start[c] ?? 0;
    start[c] = at + 1;
    row[at] = rowIndex[i] ?? 0;
    if (moved !== undefined && value !== undefined) moved[at] = value[i] ?? 0;
  }
  return assemble(columns, rows, restored(start), row, moved);
}

/** Neighbours at the same place as one entry. */
function merged(sorted: SparseMatrix): SparseMatrix {
  const { rows, columns, rowStart, column, value } = sorted;
  const start = integers(rows + 1);
  for (let r = 0, count = 0; r < rows; r++) {
    const first = rowStart[r] ?? 0;
    const end = rowStart[r + 1] ?? 0;
    for (let i = first; i < end; i++) if (i === first || column[i] !== column[i - 1]) count++;
    start[r + 1] = count;
  }
  const entries = start[rows] ?? 0;
  if (entries === column.length) return sorted;
  const kept = integers(entries);
  const sums = value === undefined ? undefined : reals(entries);
  for (let r = 0, at = 0; r < rows; r++) {
    const end = rowStart[r + 1] ?? 0;
    for (let i = rowStart[r] ?? 0; i < end; at++) {
      const c = column[i] ?? 0;
      // A sum of one value is that value, -0 included.
      let sum = value?.[i] ?? 0;
      for (i++; i < end && column[i] === c; i++) sum += value?.[i] ?? 0;
      kept[at] = c;
      if (sums !== undefined) sums[at] = sum;
    }
  }
  return assemble(rows, columns, start, kept, sums);
}

/** Index of the first coordinate that repeats an earlier one; `matrix` holds every coordinate once. */
function firstRepeated(matrix: SparseMatrix, rowIndex: Uint32Array, columnIndex: Uint32Array): number {
  const seen = new Uint8Array(matrix.column.length);
  for (let i = 0; i < rowIndex.length; i++) {
    const r = rowIndex[i] ?? 0;
    const at = entryAt(matrix, r, columnIndex[i] ?? 0);
    if (seen[at] === 1) return i;
    seen[at] = 1;
  }
  return rowIndex.length;
}

/** Index of the entry at (row, column), which exists. */
function entryAt({ rowStart, column }: SparseMatrix, row: number, wanted: number): number {
  let low = rowStart[row] ?? 0;
  let high = rowStart[row + 1] ?? 0;
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    if ((column[middle] ?? 0) <= wanted) low = middle;
    else high = middle;
  }
  return low;
}

function viewOf(tensor: Tensor): DenseMatrix {
  const [rows, columns] = matrixShape(tensor.shape);
  return { data: tensor.data, rows, columns, strides: [columns, 1] };
}

function requireLength(path: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new InputError({ path, message: "wrong length", found: String(found), expected: String(expected) });
}

function requireBelow(path: string, index: Uint32Array, limit: number): void {
  for (let i = 0; i < index.length; i++) {
    const found = index[i] ?? 0;
    if (found < limit) continue;
    throw new InputError({
      path: `${path}[${i}]`,
      message: "coordinate outside the matrix",
      found: String(found),
      expected: `below ${limit}`,
    });
  }
}
