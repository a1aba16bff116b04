// The golden sparse product C = A B, row by row (Gustavson), and its counts without C: what every sparse dataflow must
// do and give.
//
// Work and result follow the patterns alone. An entry whose value is zero is multiplied like any other, and a sum that
// cancels to zero stays an entry of C: no machine knows of it before it has done the work.

import { InputError } from "../base/error.ts";
import { integers, reals, requireEntries } from "../tensor/sparse-matrix.ts";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";

/** What C = A B takes, whatever the order. */
export interface ProductCounts {
  /** Products of two entries: the sum over k of (entries in column k of A) x (entries in row k of B). */
  readonly multiplications: number;
  /** Additions of two numbers: multiplications less output entries. */
  readonly additions: number;
  /** Entries of C, those included whose value is zero. */
  readonly outputNonZeros: number;
}

/** One of `of` parts of the rows of A, numbered from 0. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

/** Rows `from` to `to` (exclusive) that are a share's, all shares having about the same of `work`, given for each row. */
export function rowShare(work: ArrayLike<number>, { part, of }: Share): { readonly from: number; readonly to: number } {
  const total = sum(work);
  /** The first row that begins at or after that much of all work; rows without work at the end belong to the last. */
  const boundary = (at: number): number => {
    if (at === of) return work.length;
    let before = 0;
    let row = 0;
    for (; row < work.length && before * of < total * at; row++) before += work[row] ?? 0;
    return row;
  };
  return { from: boundary(part), to: boundary(part + 1) };
}

/** Counts of C = A B without C. Throws InputError unless A has as many columns as B has rows. */
export function countProduct(A: SparseMatrix, B: SparseMatrix): ProductCounts {
  const multiplications = sum(rowProducts(A, B));
  const outputNonZeros = sum(rowOutputs(A, B));
  return { multiplications, additions: multiplications - outputNonZeros, outputNonZeros };
}

/** Multiplications of each row of C. Throws InputError as `countProduct`. */
export function rowProducts(A: SparseMatrix, B: SparseMatrix): Float64Array {
  requireInner(A, B);
  const products = reals(A.rows);
  for (let m = 0; m < A.rows; m++) {
    const end = A.rowStart[m + 1] ?? 0;
    let count = 0;
    for (let i = A.rowStart[m] ?? 0; i < end; i++) count += entriesOf(B, A.column[i] ?? 0);
    products[m] = count;
  }
  return products;
}

/** Entries of each row of C, in memory of A's rows and B's columns. Throws InputError as `countProduct`. */
export function rowOutputs(A: SparseMatrix, B: SparseMatrix): Uint32Array {
  requireInner(A, B);
  const { rows, rowStart: rowStartA, column: columnA } = A;
  const { columns, rowStart: rowStartB, column: columnB } = B;
  const outputs = integers(rows);
  const lastEntry = columnB.length - 1;
  if (lastEntry < 0) return outputs;
  // The last row, counted from 1, that had an entry in each column: nothing to clear between rows. One slot more takes
  // what is read ahead, so that the reads are not left out as useless.
  const lastRow = integers(columns + 1);
  for (let m = 0; m < rows; m++) {
    const start = rowStartA[m] ?? 0;
    const end = rowStartA[m + 1] ?? 0;
    const endOfNext = rowStartA[Math.min(m + 2, rows)] ?? 0;
    // Reading ahead of the next row starts its rows of B on their way from memory: 1.3 times faster on large matrices.
    let ahead = 0;
    for (let i = end; i < endOfNext; i++) {
      ahead ^= columnB[Math.min(rowStartB[columnA[i] ?? 0] ?? 0, lastEntry)] ?? 0;
    }
    lastRow[columns] = ahead;
    outputs[m] = end - start === 1 ? entriesOf(B, columnA[start] ?? 0) : distinct(A, B, start, end, m + 1, lastRow);
  }
  return outputs;
}

const entriesOf = ({ rowStart }: SparseMatrix, row: number): number => (rowStart[row + 1] ?? 0) - (rowStart[row] ?? 0);

/** Different columns in the rows of B that the entries of A from `start` to `end` ask for. */
function distinct(
  A: SparseMatrix,
  B: SparseMatrix,
  start: number,
  end: number,
  tag: number,
  lastRow: Uint32Array,
): number {
  const { column: columnA } = A;
  const { columns, rowStart: rowStartB, column: columnB } = B;
  let count = 0;
  // A full row gets no further entry, however many rows of B are left; that is most of the work of dense operands.
  for (let i = start; i < end && count < columns; i++) {
    const k = columnA[i] ?? 0;
    const last = rowStartB[k + 1] ?? 0;
    for (let j = rowStartB[k] ?? 0; j < last; j++) {
      const n = columnB[j] ?? 0;
      count += lastRow[n] === tag ? 0 : 1;
      lastRow[n] = tag;
    }
  }
  return count;
}

/**
 * C = A B, summed in float64 in the order of ascending k: exact for integers as long as sums stay below 2^53. Entries
 * of a pattern are ones, so C has values even where A and B have none. Throws InputError as `countProduct`, or for a
 * product that cannot be held.
 */
export function multiplySparse(A: SparseMatrix, B: SparseMatrix): SparseMatrix {
  const outputs = rowOutputs(A, B);
  const { rows, rowStart: rowStartA, column: columnA, value: valueA } = A;
  const { columns, rowStart: rowStartB, column: columnB, value: valueB } = B;
  const entries = sum(outputs);
  requireEntries(entries);
  const rowStart = integers(rows + 1);
  const column = integers(entries);
  const value = reals(entries);
  const lastRow = integers(columns);
  const sums = reals(columns);
  const sort = ascending(columns);
  let at = 0;
  for (let m = 0; m < rows; m++) {
    const first = at;
    const end = rowStartA[m + 1] ?? 0;
    const tag = m + 1;
    for (let i = rowStartA[m] ?? 0; i < end; i++) {
      const k = columnA[i] ?? 0;
      const a = valueA === undefined ? 1 : (valueA[i] ?? 0);
      const last = rowStartB[k + 1] ?? 0;
      for (let j = rowStartB[k] ?? 0; j < last; j++) {
        const n = columnB[j] ?? 0;
        const product = valueB === undefined ? a : a * (valueB[j] ?? 0);
        if (lastRow[n] === tag) sums[n] = (sums[n] ?? 0) + product;
        else {
          lastRow[n] = tag;
          sums[n] = product;
          column[at++] = n;
        }
      }
    }
    rowStart[m + 1] = at;
    sort(column, first, at);
    for (let i = first; i < at; i++) value[i] = sums[column[i] ?? 0] ?? 0;
  }
  return { rows, columns, rowStart, column, value };
}

/** Below this many numbers an insertion sort is faster than the sets of bits. */
const fewNumbers = 24;

/**
 * Sorts different numbers below `limit`, in time linear in them: they become bits of a set whose words are bits of a
 * second set, whose words are bits of a third, and come back by its order. Twice as fast as the platform's sort.
 */
function ascending(limit: number): (numbers: Uint32Array, start: number, end: number) => void {
  const low = new Int32Array((limit >>> 5) + 1);
  const middle = new Int32Array((limit >>> 10) + 1);
  const high = new Int32Array((limit >>> 15) + 1);
  return (numbers, start, end) => {
    if (end - start <= fewNumbers) {
      insertionSort(numbers, start, end);
      return;
    }
    for (let i = start; i < end; i++) {
      const n = numbers[i] ?? 0;
      low[n >>> 5] = (low[n >>> 5] ?? 0) | (1 << (n & 31));
      middle[n >>> 10] = (middle[n >>> 10] ?? 0) | (1 << ((n >>> 5) & 31));
      high[n >>> 15] = (high[n >>> 15] ?? 0) | (1 << ((n >>> 10) & 31));
    }
    let next = start;
    for (let i = 0; i < high.length; i++) {
      for (let bits = high[i] ?? 0; bits !== 0; bits &= bits - 1) {
        const j = 32 * i + lowestBit(bits);
        for (let inner = middle[j] ?? 0; inner !== 0; inner &= inner - 1) {
          const k = 32 * j + lowestBit(inner);
          for (let word = low[k] ?? 0; word !== 0; word &= word - 1) numbers[next++] = 32 * k + lowestBit(word);
          low[k] = 0;
        }
        middle[j] = 0;
      }
      high[i] = 0;
    }
  };
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

function insertionSort(numbers: Uint32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const moving = numbers[i] ?? 0;
    let j = i - 1;
    for (; j >= start && (numbers[j] ?? 0) > moving; j--) numbers[j + 1] = numbers[j] ?? 0;
    numbers[j + 1] = moving;
  }
}

function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i] ?? 0;
  return total;
}

function requireInner(A: SparseMatrix, B: SparseMatrix): void {
  if (A.columns === B.rows) return;
  throw new InputError({
    path: "A x B",
    message: "inner dimensions differ",
    found: `${A.rows} x ${A.columns} times ${B.rows} x ${B.columns}`,
    expected: "as many columns of A as rows of B",
  });
}
