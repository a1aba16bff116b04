// Rows of very different weight, as in graphs: the rank of a row decides how many non-zeros it has, chance where they
// lie in it. The same degrees, row by row, as the generator's pattern of that name with the same seed.

import { exp, log } from "../../base/transcendental.ts";
import { InputError } from "../../base/error.ts";
import { keyOf, permutation } from "../random.ts";
import { powerLawCounts, powerLawRankStream } from "../sparsity.ts";
import { hypergeometricDistribution, hypergeometricProbability, roundedNormal } from "./binomial.ts";
import { certain, kept, mixture, requireDensity, shapeElements, sumOf, tileClasses, tileCount } from "./density.ts";
import type { DensityModel, OccupancyDistribution } from "./density.ts";

export interface PowerLaw {
  readonly density: number;
  /** The row of rank k gets a share that falls as k^-exponent. */
  readonly exponent: number;
  readonly seed: number;
}

/** Most additions that one exact distribution of a tile may take; beyond, groups of rows are rounded normals. */
const exactWork = 2e6;

/**
 * Shapes are seen as [first axis, product of the rest]: rows, and columns that are all alike. Throws InputError for
 * parameters out of range or more than 2^24 rows.
 */
export function powerLaw(shape: readonly number[], { density, exponent, seed }: PowerLaw): DensityModel {
  requireDensity(density);
  const elements = shapeElements(shape);
  const rows = shape.length < 2 ? 1 : (shape[0] ?? 1);
  const columns = elements / rows;
  if (!(exponent >= 0 && exponent <= 10)) throw bad("exponent", exponent, "a number from 0 to 10");
  if (rows > 2 ** 24) throw bad("shape[0]", rows, "at most 2^24 rows");
  const nonZeros = Math.round(density * elements);
  const counts = powerLawCounts(nonZeros, exponent, rows, columns);
  const rank = permutation(keyOf(seed), powerLawRankStream, rows);
  const degrees = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) degrees[row] = counts[rank(row, 0)] ?? 0;
  const tilesOf = kept((tile) => rowTiles(shape, tile, rows));
  return {
    kind: "power-law",
    shape,
    nonZeros,
    expected: (tile) => nonZeros / tileCount(shape, tile),
    empty: kept((tile) => {
      let mean = 0;
      for (const { weight, first, count, width } of tilesOf(tile)) {
        let none = 1;
        for (let row = first; row < first + count && none > 0; row++) {
          none *= hypergeometricProbability(0, width, degrees[row] ?? 0, columns);
        }
        mean += weight * none;
      }
      return mean;
    }),
    distribution: kept((tile) =>
      mixture(
        tilesOf(tile).map(({ weight, first, count, width }) => [
          weight,
          sumOfRows(degrees.subarray(first, first + count), width, columns),
        ]),
      ),
    ),
    afterZeros: (tile, zeros) => {
      let mean = 0;
      for (const { weight, first, count, width } of tilesOf(tile)) {
        mean += weight * followersIn(degrees.subarray(first, first + count), width, columns, zeros);
      }
      return mean;
    },
  };
}

function bad(path: string, found: number, expected: string): InputError {
  return new InputError({ path, message: "bad power law", found: String(found), expected });
}

/** The tiles of some rows: how large a part of all tiles, which rows, and how many columns each takes. */
interface RowTile {
  readonly weight: number;
  readonly first: number;
  readonly count: number;
  readonly width: number;
}

function rowTiles(shape: readonly number[], tile: readonly number[], rows: number): readonly RowTile[] {
  const vector = shape.length < 2;
  const height = vector ? 1 : Math.min(rows, tile[0] ?? 1);
  const across = vector ? tileClasses(shape, tile) : tileClasses(shape.slice(1), tile.slice(1));
  const steps = Math.ceil(rows / height);
  const tiles: RowTile[] = [];
  for (let first = 0; first < rows; first += height) {
    const count = Math.min(height, rows - first);
    for (const { weight, elements } of across) tiles.push({ weight: weight / steps, first, count, width: elements });
  }
  return tiles;
}

/** Rows are independent; in each, the columns of a tile are any columns. */
function sumOfRows(degrees: Uint32Array, width: number, columns: number): OccupancyDistribution {
  if (width === columns) return certain(degrees.reduce((sum, degree) => sum + degree, 0));
  let work = 0;
  let length = 1;
  for (const degree of degrees) {
    const most = Math.min(width, degree);
    work += length * (most + 1);
    length += most;
  }
  if (work <= exactWork) {
    let sum = certain(0);
    for (const degree of degrees) {
      if (degree > 0) sum = sumOf(sum, hypergeometricDistribution(width, degree, columns));
    }
    return sum;
  }
  const share = width / columns;
  let mean = 0;
  let variance = 0;
  for (const degree of degrees) {
    mean += degree * share;
    variance += (degree * share * (1 - share) * (columns - degree)) / Math.max(1, columns - 1);
  }
  return roundedNormal(mean, variance, length - 1);
}

/** Expected non-zeros of one tile with at least `zeros` zeros before them, row by row. */
function followersIn(degrees: Uint32Array, width: number, columns: number, zeros: number): number {
  // log P(rows before i are empty), and the last row before i that cannot be: no stretch reaches past it.
  const emptyBefore = new Float64Array(degrees.length + 1);
  const tables = emptyTables(degrees, width, columns);
  const emptyPart = (row: number, cells: number) => tables[row]?.[cells] ?? 1;
  for (let row = 0; row < degrees.length; row++) {
    emptyBefore[row + 1] = (emptyBefore[row] ?? 0) + log(emptyPart(row, width));
  }
  let sum = 0;
  for (let row = 0; row < degrees.length; row++) {
    const degree = degrees[row] ?? 0;
    if (degree === 0) continue;
    for (let column = 0; column < width; column++) {
      if (row * width + column < zeros) continue;
      const here = Math.min(zeros, column);
      if (degree + here > columns) continue;
      const left = zeros - here;
      const wholeRows = Math.floor(left / width);
      const rest = left - wholeRows * width;
      let above = 1;
      if (wholeRows > 0) {
        const from = emptyBefore[row - wholeRows] ?? 0;
        // A row that cannot be empty makes both -Infinity, and their difference no number.
        above = from === -Infinity ? emptyRows(row - wholeRows, row) : exp((emptyBefore[row] ?? 0) - from);
      }
      if (rest > 0) above *= emptyPart(row - wholeRows - 1, rest);
      sum += (above * emptyPart(row, here) * degree) / (columns - here);
    }
  }
  return sum;

  function emptyRows(from: number, to: number): number {
    let none = 1;
    for (let row = from; row < to && none > 0; row++) none *= emptyPart(row, width);
    return none;
  }
}

/** For each row P(its first cells are empty), by their number from 0 to `width`; rows of equal degree share a table. */
function emptyTables(degrees: Uint32Array, width: number, columns: number): readonly Float64Array[] {
  const known = new Map<number, Float64Array>();
  return Array.from(degrees, (degree) => {
    const shared = known.get(degree);
    if (shared !== undefined) return shared;
    const table = new Float64Array(width + 1);
    table[0] = 1;
    for (let cells = 0; cells < width; cells++) {
      table[cells + 1] = ((table[cells] ?? 0) * Math.max(0, columns - degree - cells)) / (columns - cells);
    }
    known.set(degree, table);
    return table;
  });
}
