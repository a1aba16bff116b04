// What a density model says about a tensor: how many non-zeros a tile of a given shape holds, as a distribution over the
// tiles. Every model answers the same four questions; the rest is computed here from the distribution.

import { expm1, log1p } from "../../base/transcendental.ts";
import { InputError } from "../../base/error.ts";

/** P(occupancy = first + i) is `probability[i]`; they sum to 1. Counts outside have no weight that a double could add. */
export interface OccupancyDistribution {
  readonly first: number;
  readonly probability: Float64Array;
}

/**
 * Where the non-zeros of a tensor lie, as far as its tiles can tell. A tile is a box, one size for each axis of `shape`;
 * answers are means over the tiles of that size that cut the tensor from its origin, those cut off at the far edges
 * included, each counted once.
 */
export interface DensityModel {
  readonly kind: "fixed-structured" | "hypergeometric" | "banded" | "power-law" | "actual";
  readonly shape: readonly number[];
  /** Non-zeros of the whole tensor, expected. */
  readonly nonZeros: number;
  /** Mean number of non-zeros of a tile: `nonZeros` over the number of tiles. */
  readonly expected: (tile: readonly number[]) => number;
  /** Probability that a tile holds none. */
  readonly empty: (tile: readonly number[]) => number;
  readonly distribution: (tile: readonly number[]) => OccupancyDistribution;
  /** Where all elements are alike: the same of any set of so many elements, a window or a comb as well as a tile. */
  readonly alike?: {
    readonly empty: (elements: number) => number;
    readonly distribution: (elements: number) => OccupancyDistribution;
    readonly variance: (elements: number) => number;
    /** Probability that so many elements in a row are zero and the next one is not. */
    readonly following: (zeros: number) => number;
  };
  /**
   * Expected number of non-zeros of a tile that have at least `zeros` zeros right before them in its row-major order:
   * what decides the cost of a run field that is too short.
   */
  readonly afterZeros: (tile: readonly number[], zeros: number) => number;
}

/** Tiles of equal size among those that cut a tensor: how large a part of all tiles, and their sizes. */
export interface TileClass {
  readonly weight: number;
  readonly sizes: readonly number[];
  readonly elements: number;
}

/** The tiles that cut `shape` from its origin, whole ones and those cut off at the far edges, by their sizes. */
export function tileClasses(shape: readonly number[], tile: readonly number[]): readonly TileClass[] {
  requireTile(shape, tile);
  let classes: readonly TileClass[] = [{ weight: 1, sizes: [], elements: 1 }];
  for (const [axis, extent] of shape.entries()) {
    const size = Math.min(extent, tile[axis] ?? 1);
    const whole = Math.floor(extent / size);
    const rest = extent - whole * size;
    const steps = whole + (rest > 0 ? 1 : 0);
    const grown = (by: number, share: number) =>
      classes.map(({ weight, sizes, elements }) => ({
        weight: weight * share,
        sizes: [...sizes, by],
        elements: elements * by,
      }));
    classes = rest > 0 ? [...grown(size, whole / steps), ...grown(rest, 1 / steps)] : grown(size, 1);
  }
  return classes;
}

/** Number of tiles that cut `shape` from its origin. */
export function tileCount(shape: readonly number[], tile: readonly number[]): number {
  requireTile(shape, tile);
  let count = 1;
  for (let axis = 0; axis < shape.length; axis++) count *= Math.ceil((shape[axis] ?? 1) / (tile[axis] ?? 1));
  return count;
}

/** The mean of a figure over the tiles that cut `shape`. */
export function overTiles(
  shape: readonly number[],
  tile: readonly number[],
  figure: (elements: number) => number,
): number {
  let mean = 0;
  for (const { weight, elements } of tileClasses(shape, tile)) mean += weight * figure(elements);
  return mean;
}

/** Throws InputError unless `tile` has a size from 1 for each axis of `shape`. */
function requireTile(shape: readonly number[], tile: readonly number[]): void {
  if (tile.length !== shape.length) {
    throw new InputError({
      path: "tile",
      message: "wrong number of axes",
      found: String(tile.length),
      expected: String(shape.length),
    });
  }
  for (const [axis, size] of tile.entries()) {
    if (Number.isInteger(size) && size >= 1) continue;
    throw new InputError({
      path: `tile[${axis}]`,
      message: "bad size of a tile",
      found: String(size),
      expected: "an integer from 1",
    });
  }
}

/** Elements of a tensor of any size: unlike a tensor with data, a model has no largest number of them below 2^53. */
export function shapeElements(shape: readonly number[]): number {
  requireTile(shape, shape);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements <= Number.MAX_SAFE_INTEGER) return elements;
  throw new InputError({
    path: "shape",
    message: "tensor too large",
    found: shape.join(" x "),
    expected: "below 2^53",
  });
}

/** Throws InputError unless `density` is a number from 0 to 1. */
export function requireDensity(density: number): void {
  if (density >= 0 && density <= 1) return;
  throw new InputError({
    path: "density",
    message: "bad density",
    found: String(density),
    expected: "a number from 0 to 1",
  });
}

/** All weight on one count. */
export const certain = (count: number): OccupancyDistribution => ({
  first: count,
  probability: Float64Array.of(1),
});

export function probabilityOf({ first, probability }: OccupancyDistribution, count: number): number {
  return probability[count - first] ?? 0;
}

export function meanOf({ first, probability }: OccupancyDistribution): number {
  let above = 0;
  for (let i = 1; i < probability.length; i++) above += i * (probability[i] ?? 0);
  return first + above;
}

export function varianceOf(distribution: OccupancyDistribution): number {
  const { first, probability } = distribution;
  const mean = meanOf(distribution) - first;
  let variance = 0;
  for (let i = 0; i < probability.length; i++) variance += (i - mean) ** 2 * (probability[i] ?? 0);
  return variance;
}

/** Smallest count that a tile does not exceed with probability `confidence` (0 to 1): what a buffer must hold. */
export function largestWithin({ first, probability }: OccupancyDistribution, confidence: number): number {
  if (!(confidence >= 0 && confidence <= 1)) {
    throw new InputError({
      path: "confidence",
      message: "bad probability",
      found: String(confidence),
      expected: "a number from 0 to 1",
    });
  }
  // Summed from the top: what lies above is small there, and 1 minus a sum from below would lose it.
  let above = 0;
  for (let i = probability.length - 1; i >= 0; i--) {
    above += probability[i] ?? 0;
    if (above > 1 - confidence) return first + i;
  }
  return first;
}

/**
 * Expected maximum of the occupancies of `tiles` tiles, taken as independent: sum over k of 1 - P(occupancy <= k)^tiles.
 * The tiles of one tensor with a given number of non-zeros depend on each other a little, which lowers it.
 */
export function expectedMaximum({ first, probability }: OccupancyDistribution, tiles: number): number {
  let above = 1;
  let expected = first;
  for (let i = 0; i < probability.length - 1; i++) {
    above -= probability[i] ?? 0;
    // log1p keeps the digits of a small tail through the power.
    expected += above >= 1 ? 1 : -expm1(tiles * log1p(-Math.max(0, above)));
  }
  return expected;
}

/** One of several distributions at random, each with its weight; weights sum to 1. */
export function mixture(parts: readonly (readonly [weight: number, OccupancyDistribution])[]): OccupancyDistribution {
  let first = Infinity;
  let last = 0;
  for (const [, part] of parts) {
    first = Math.min(first, part.first);
    last = Math.max(last, part.first + part.probability.length - 1);
  }
  const probability = new Float64Array(last - first + 1);
  for (const [weight, part] of parts) {
    const shift = part.first - first;
    for (let i = 0; i < part.probability.length; i++) {
      probability[shift + i] = (probability[shift + i] ?? 0) + weight * (part.probability[i] ?? 0);
    }
  }
  return { first, probability };
}

/** The sum of two independent occupancies. */
export function sumOf(a: OccupancyDistribution, b: OccupancyDistribution): OccupancyDistribution {
  const probability = new Float64Array(a.probability.length + b.probability.length - 1);
  for (let i = 0; i < a.probability.length; i++) {
    const weight = a.probability[i] ?? 0;
    for (let j = 0; j < b.probability.length; j++) {
      probability[i + j] = (probability[i + j] ?? 0) + weight * (b.probability[j] ?? 0);
    }
  }
  return { first: a.first + b.first, probability };
}

/** Answers kept by tile, for models whose answers are not closed forms. `tile` joins to the key. */
export function kept<T>(answer: (tile: readonly number[]) => T): (tile: readonly number[]) => T {
  const answers = new Map<string, T>();
  return (tile) => {
    const key = tile.join();
    const known = answers.get(key);
    if (known !== undefined) return known;
    const fresh = answer(tile);
    answers.set(key, fresh);
    return fresh;
  };
}
