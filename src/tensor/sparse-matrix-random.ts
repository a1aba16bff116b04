// Seeded random sparse matrices with an exact number of entries, in time and memory that grow with entries and
// dimensions but not with their product: the places are the images of 0, 1, 2 ... under a keyed permutation of all cells.

import { InputError } from "../base/error.ts";
import { keyOf, threefry } from "./random.ts";
import type { Key } from "./random.ts";
import { integers, reals, requireDimensions, requireEntries, sparseFromCoordinates } from "./sparse-matrix.ts";
import type { SparseMatrix } from "./sparse-matrix.ts";

/** Counter streams of the rounds follow this one; those of values are row numbers, under a seed of their own. */
const roundStream = 0x73700000;

/**
 * A matrix with exactly `nonZeros` entries, every choice of places about equally likely, and values from -4 to 4
 * without 0, so that sums and products of sums stay exact. A value depends on seed and place alone. The same on every
 * platform. Throws InputError for dimensions, seed or number of entries out of range, and past 2^53 cells.
 */
export function randomSparse(rows: number, columns: number, nonZeros: number, seed: number): SparseMatrix {
  requireDimensions(rows, columns);
  const key = keyOf(seed);
  const cells = rows * columns;
  if (cells > Number.MAX_SAFE_INTEGER) {
    throw new InputError({
      message: "matrix too large to fill at random",
      found: `${rows} x ${columns}`,
      expected: "at most 2^53 - 1 cells",
    });
  }
  if (!Number.isInteger(nonZeros) || nonZeros < 0 || nonZeros > cells) {
    throw new InputError({
      path: "nonZeros",
      message: "bad number of non-zeros",
      found: String(nonZeros),
      expected: `an integer from 0 to ${cells}, the cells of ${rows} x ${columns}`,
    });
  }
  requireEntries(nonZeros);
  const matrix = randomPattern(rows, columns, nonZeros, key);
  const value = reals(nonZeros);
  const words = new Uint32Array(2);
  const valueKey: Key = { low: key.low, high: ~key.high >>> 0 };
  for (let r = 0; r < rows; r++) {
    const end = matrix.rowStart[r + 1] ?? 0;
    for (let i = matrix.rowStart[r] ?? 0; i < end; i++) {
      threefry(valueKey, r, matrix.column[i] ?? 0, words);
      const word = words[0] ?? 0;
      // Eight values, so that three random bits choose evenly.
      value[i] = ((word & 3) + 1) * ((word & 4) === 0 ? 1 : -1);
    }
  }
  return { ...matrix, value };
}

/** The pattern with `count` of the rows x columns cells. */
function randomPattern(rows: number, columns: number, count: number, key: Key): SparseMatrix {
  const rowIndex = integers(count);
  const columnIndex = integers(count);
  const cell = cellPermutation(key, rows * columns);
  for (let i = 0; i < count; i++) {
    const image = cell(i);
    const r = Math.floor(image / columns);
    rowIndex[i] = r;
    columnIndex[i] = image - r * columns;
  }
  return sparseFromCoordinates(rows, columns, rowIndex, columnIndex).matrix;
}

/**
 * A keyed pseudo-random permutation of 0 to size - 1 for sizes below 2^53, where that of random.ts ends at 2^31: the
 * same construction (a generalised Feistel network on a x b >= size, cycle walking) with Threefry for its rounds.
 */
function cellPermutation(key: Key, size: number): (index: number) => number {
  const a = Math.max(1, Math.ceil(Math.sqrt(size)));
  const b = Math.max(1, Math.ceil(size / a));
  const rounds = size < 64 ? 24 : size < 4096 ? 10 : 6;
  const words = new Uint32Array(2);
  // Below 2^27 a product with a 32-bit word is rounded, but never up to the modulus.
  const turn = (value: number, other: number, modulus: number, round: number) => {
    threefry(key, roundStream + round, other, words);
    const sum = value + Math.floor(((words[0] ?? 0) * modulus) / 2 ** 32);
    return sum >= modulus ? sum - modulus : sum;
  };
  return (index) => {
    let image = index;
    do {
      let left = Math.floor(image / b);
      let right = image - left * b;
      for (let round = 0; round < rounds; round += 2) {
        left = turn(left, right, a, round);
        right = turn(right, left, b, round + 1);
      }
      image = left * b + right;
    } while (image >= size);
    return image;
  };
}
