// Non-zeros in a band around the diagonal of a matrix: the share of a tile depends on how far from the diagonal it lies,
// and most tiles hold none.

import { exp, log1p } from "../../base/transcendental.ts";
import { InputError } from "../../base/error.ts";
import { binomialDistribution } from "./binomial.ts";
import { kept, mixture, requireDensity, shapeElements, tileCount } from "./density.ts";
import type { DensityModel, OccupancyDistribution } from "./density.ts";

export interface Band {
  /** Elements with -lower <= column - row <= upper are inside. */
  readonly lower: number;
  readonly upper: number;
  /** Probability that an element inside is non-zero, independently. */
  readonly density: number;
}

/** Tiles of one size at one distance from the diagonal. */
interface TilePlaces {
  count: number;
  readonly rows: number;
  readonly columns: number;
  /** First column minus first row. */
  readonly offset: number;
  /** Elements inside the band. */
  readonly inside: number;
}

/** Throws InputError unless `shape` is a matrix and the band and its density are sensible. */
export function banded(shape: readonly number[], band: Band): DensityModel {
  const { lower, upper, density } = band;
  requireDensity(density);
  shapeElements(shape);
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2) throw bad("shape", shape.join(" x "), "a matrix: rows x columns");
  if (!(Number.isInteger(lower) && lower >= 0)) throw bad("lower", String(lower), "an integer from 0");
  if (!(Number.isInteger(upper) && upper >= 0)) throw bad("upper", String(upper), "an integer from 0");
  const nonZeros = density * insideBand(rows, columns, 0, band);
  const places = kept((tile) => tilePlaces(rows, columns, tile, band));
  const log = log1p(-density);
  const emptyOf = (inside: number) => (inside === 0 ? 1 : exp(inside * log));
  return {
    kind: "banded",
    shape,
    nonZeros,
    expected: (tile) => nonZeros / tileCount(shape, tile),
    empty: kept((tile) => {
      const tiles = tileCount(shape, tile);
      // Tiles that the band does not touch.
      let sum = tiles;
      for (const { count, inside } of places(tile)) sum += count * (emptyOf(inside) - 1);
      return sum / tiles;
    }),
    distribution: kept((tile) => {
      const tiles = tileCount(shape, tile);
      const weights = new Map<number, number>([[0, tiles]]);
      for (const { count, inside } of places(tile)) {
        if (inside === 0) continue;
        weights.set(0, (weights.get(0) ?? 0) - count);
        weights.set(inside, (weights.get(inside) ?? 0) + count);
      }
      const parts: [number, OccupancyDistribution][] = [];
      for (const [inside, count] of weights) {
        if (count > 0) parts.push([count / tiles, binomialDistribution(inside, density)]);
      }
      return mixture(parts);
    }),
    afterZeros(tile, zeros) {
      let sum = 0;
      for (const place of places(tile)) sum += place.count * followersIn(place, zeros, band, emptyOf);
      return sum / tileCount(shape, tile);
    },
  };
}

function bad(path: string, found: string, expected: string): InputError {
  return new InputError({ path, message: "bad band", found, expected });
}

/** Sum over i from 0 to count - 1 of min(limit, max(0, first + i)). */
function rampSum(first: number, count: number, limit: number): number {
  const from = Math.max(0, Math.min(count, 1 - first));
  const full = Math.max(from, Math.min(count, limit - first));
  const steps = full - from;
  return steps * (first + from) + (steps * (steps - 1)) / 2 + (count - full) * limit;
}

/** Elements inside the band of a tile whose first column lies `offset` after its first row. */
function insideBand(rows: number, columns: number, offset: number, { lower, upper }: Band): number {
  // Elements with column - row <= bound: in row i those before i + bound + 1 - offset.
  const upTo = (bound: number) => rampSum(bound + 1 - offset, rows, columns);
  return upTo(upper) - upTo(-lower - 1);
}

/** The tiles that the band may touch; all others hold nothing. */
function tilePlaces(rows: number, columns: number, tile: readonly number[], band: Band): readonly TilePlaces[] {
  const [height = 1, width = 1] = tile;
  const places = new Map<string, TilePlaces>();
  for (let row = 0; row < rows; row += height) {
    const tall = Math.min(height, rows - row);
    const first = Math.max(0, Math.floor((row - band.lower) / width) * width);
    const last = Math.min(columns - 1, row + tall - 1 + band.upper);
    for (let column = first; column <= last; column += width) {
      const wide = Math.min(width, columns - column);
      const offset = column - row;
      const key = `${offset},${tall},${wide}`;
      const known = places.get(key);
      if (known !== undefined) known.count++;
      else {
        const inside = insideBand(tall, wide, offset, band);
        places.set(key, { count: 1, rows: tall, columns: wide, offset, inside });
      }
    }
  }
  return [...places.values()];
}

/** Expected non-zeros of one tile that have at least `zeros` zeros before them, row by row. */
function followersIn(place: TilePlaces, zeros: number, { lower, upper }: Band, emptyOf: (n: number) => number): number {
  const { rows, columns, offset } = place;
  const count = rows * columns;
  // How many of the elements before each one lie inside the band.
  const before = new Float64Array(count + 1);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const distance = offset + column - row;
      before[at + 1] = (before[at] ?? 0) + (distance >= -lower && distance <= upper ? 1 : 0);
    }
  }
  let sum = 0;
  for (let at = zeros; at < count; at++) {
    const start = before[at - zeros] ?? 0;
    sum += emptyOf((before[at] ?? 0) - start) - emptyOf((before[at + 1] ?? 0) - start);
  }
  return sum;
}
