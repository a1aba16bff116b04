// Patterns of non-zeros as plain data, and for each the function that says of any element, alone, whether it is one.
// Patterns see a tensor as the matrix [first dimension, product of the rest].

import { InputError } from "../base/error.ts";
import { matrixShape } from "./tensor.ts";
import { permutation, randomWord } from "./random.ts";
import type { Key } from "./random.ts";

/** Where the non-zeros lie. */
export type Sparsity =
  /** Every element is non-zero with probability `density`, independently. */
  | { readonly kind: "uniform"; readonly density: number }
  /** Exactly `nonZeros` elements, anywhere. */
  | { readonly kind: "exact"; readonly nonZeros: number }
  /** Exactly n of every m neighbours in a row; the shorter block at the end of a row holds min(n, its length). */
  | { readonly kind: "nm"; readonly n: number; readonly m: number }
  /** Elements with -lower <= column - row <= upper, each with probability `density` (1 by default). */
  | { readonly kind: "banded"; readonly lower: number; readonly upper: number; readonly density?: number }
  /**
   * round(density x elements) non-zeros; the row of rank k (from 1, ranks shuffled over the rows) gets a share that
   * falls as k^-exponent, no more than the row has columns. Anywhere in the row.
   */
  | { readonly kind: "power-law"; readonly density: number; readonly exponent: number }
  /** round(density x blocks) blocks of height x width, anywhere on the grid of blocks, wholly non-zero. */
  | { readonly kind: "block"; readonly height: number; readonly width: number; readonly density: number };

/** Whether the element at a row-major index is non-zero. */
export type Mask = (index: number) => boolean;

/** Counter streams of the patterns, one for each use of randomness; values have their own. */
const streams = { uniform: 1, exact: 2, nm: 3, banded: 4, powerLawRank: 5, powerLawColumn: 6, block: 7 } as const;

/** The stream that gives the rows of a power law their ranks: a density model asks for the same ones. */
export const powerLawRankStream = streams.powerLawRank;

/** The mask of a pattern on a shape. Throws InputError (path of the parameter) for parameters that do not fit. */
export function maskMaker(sparsity: Sparsity, shape: readonly number[], key: Key): Mask {
  const [rows, columns] = matrixShape(shape);
  switch (sparsity.kind) {
    case "uniform":
      return bernoulli(sparsity.density, key, streams.uniform);
    case "exact": {
      const count = rows * columns;
      const nonZeros = requireInteger("nonZeros", sparsity.nonZeros, 0, count);
      const place = permutation(key, streams.exact, count);
      return (index) => place(index, 0) < nonZeros;
    }
    case "nm":
      return structured(sparsity.n, sparsity.m, columns, key);
    case "banded": {
      const lower = requireInteger("lower", sparsity.lower, 0, 2 ** 31);
      const upper = requireInteger("upper", sparsity.upper, 0, 2 ** 31);
      const inside = bernoulli(sparsity.density ?? 1, key, streams.banded);
      return (index) => {
        const row = Math.floor(index / columns);
        const offset = index - row * columns - row;
        return offset >= -lower && offset <= upper && inside(index);
      };
    }
    case "power-law":
      return powerLaw(requireDensity(sparsity.density), sparsity.exponent, rows, columns, key);
    case "block": {
      const height = requireInteger("height", sparsity.height, 1, 2 ** 31);
      const width = requireInteger("width", sparsity.width, 1, 2 ** 31);
      const across = Math.ceil(columns / width);
      const blocks = Math.ceil(rows / height) * across;
      const used = Math.round(requireDensity(sparsity.density) * blocks);
      const place = permutation(key, streams.block, blocks);
      return (index) => {
        const row = Math.floor(index / columns);
        const column = index - row * columns;
        return place(Math.floor(row / height) * across + Math.floor(column / width), 0) < used;
      };
    }
    default: {
      const { kind }: { kind: string } = sparsity;
      const known = ["uniform", "exact", "nm", "banded", "power-law", "block"];
      throw new InputError({
        path: "kind",
        message: "unknown sparsity pattern",
        found: kind,
        expected: `one of ${known.join(", ")}`,
        known,
      });
    }
  }
}

function bernoulli(density: number, key: Key, stream: number): Mask {
  const threshold = requireDensity(density) * 2 ** 32;
  if (threshold === 2 ** 32) return () => true;
  return (index) => randomWord(key, stream, index) < threshold;
}

/**
 * Selection sampling (Knuth, TAOCP 3.4.2, algorithm S) inside each block, so that all choices of n places are equally
 * likely. A block is drawn whole and kept until another is asked for.
 */
function structured(n: number, m: number, columns: number, key: Key): Mask {
  requireInteger("m", m, 1, 65536);
  requireInteger("n", n, 0, m);
  const chosen = new Uint8Array(m);
  let current = -1;
  const draw = (start: number, length: number) => {
    let left = Math.min(n, length);
    for (let place = 0; place < length; place++) {
      const taken = randomWord(key, streams.nm, start + place) * (length - place) < left * 2 ** 32;
      chosen[place] = taken ? 1 : 0;
      if (taken) left--;
    }
  };
  return (index) => {
    const column = index % columns;
    const place = column % m;
    const start = index - place;
    if (start !== current) draw(start, Math.min(m, columns - (column - place)));
    current = start;
    return chosen[place] === 1;
  };
}

function powerLaw(density: number, exponent: number, rows: number, columns: number, key: Key): Mask {
  // Up to an exponent of 10 and 2^24 rows every weight is a normal double.
  if (!(exponent >= 0 && exponent <= 10)) throw badParameter("exponent", exponent, "a number from 0 to 10");
  requireInteger("shape[0]", rows, 1, 2 ** 24);
  const counts = powerLawCounts(Math.round(density * rows * columns), exponent, rows, columns);
  const rank = permutation(key, streams.powerLawRank, rows);
  const place = permutation(key, streams.powerLawColumn, columns);
  return (index) => {
    const row = Math.floor(index / columns);
    return place(index - row * columns, row) < (counts[rank(row, 0)] ?? 0);
  };
}

/**
 * Non-zeros of the rows by rank: `total` shared out in proportion to k^-exponent (k from 1), at most `columns` each;
 * fractions go to the rows that lost most by rounding down, ties to the heavier row. Sums to `total`. Throws InputError when the rows cannot hold `total`.
 */
export function powerLawCounts(total: number, exponent: number, rows: number, columns: number): Uint32Array {
  requireInteger("total", total, 0, rows * columns);
  const weights = Float64Array.from({ length: rows }, (_, rank) => (rank + 1) ** -exponent);
  // Sum of the weights from each rank on, smallest first: what is left to share once the ranks before it are full.
  const tails = new Float64Array(rows + 1);
  for (let rank = rows - 1; rank >= 0; rank--) tails[rank] = (tails[rank + 1] ?? 0) + (weights[rank] ?? 0);
  let full = 0;
  let left = total;
  while (full < rows && (left * (weights[full] ?? 0)) / (tails[full] ?? 1) >= columns) {
    full++;
    left -= columns;
  }
  const counts = new Uint32Array(rows).fill(columns, 0, full);
  const lost = new Float64Array(rows);
  let spare = left;
  for (let rank = full; rank < rows; rank++) {
    const share = Math.min(columns, (left * (weights[rank] ?? 0)) / (tails[full] ?? 1));
    counts[rank] = Math.floor(share);
    lost[rank] = share - Math.floor(share);
    spare -= Math.floor(share);
  }
  const order = Array.from({ length: rows - full }, (_, i) => full + i).sort(
    (a, b) => (lost[b] ?? 0) - (lost[a] ?? 0) || a - b,
  );
  // Each turn moves every row that can by one; rounding errors of the shares can make more than one turn needed, or
  // leave one non-zero too many.
  const step = Math.sign(spare);
  while (spare !== 0) {
    for (const rank of order) {
      const count = (counts[rank] ?? 0) + step;
      if (spare === 0) break;
      if (count < 0 || count > columns) continue;
      counts[rank] = count;
      spare -= step;
    }
  }
  return counts;
}

function requireDensity(density: number): number {
  if (density >= 0 && density <= 1) return density;
  throw badParameter("density", density, "a number from 0 to 1");
}

function requireInteger(path: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw badParameter(path, value, `an integer from ${minimum} to ${maximum}`);
}

function badParameter(path: string, value: number, expected: string): InputError {
  return new InputError({ path, message: "bad generator parameter", found: String(value), expected });
}
