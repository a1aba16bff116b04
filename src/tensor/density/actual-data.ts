// Not a model but the tensor itself: every answer is a count over all of its tiles, by popcounts and prefix sums.

import { kept, tileCount } from "./density.ts";
import type { DensityModel, OccupancyDistribution } from "./density.ts";
import { elementMask, evenCuts, onesBetween, tileCounts } from "./element-mask.ts";
import type { AxisTiles, ElementMask } from "./element-mask.ts";

/** Also answers for boxes that overlap or leave gaps, which no size alone describes. */
export interface ActualData extends DensityModel {
  readonly kind: "actual";
  readonly mask: ElementMask;
  /** Non-zeros in every box that the cuts of the axes make, row-major over the boxes. */
  readonly counts: (axes: readonly AxisTiles[]) => Uint32Array;
}

/** Throws InputError for a mask that is too large. */
export function actualData(source: ElementMask | Parameters<typeof elementMask>[0]): ActualData {
  const mask = "words" in source ? source : elementMask(source);
  const { shape, words } = mask;
  const elements = shape.reduce((product, size) => product * size, 1);
  const nonZeros = onesBetween(words, 0, elements);
  const cutsOf = (tile: readonly number[]) => shape.map((extent, axis) => evenCuts(extent, tile[axis] ?? 1));
  const distribution = kept((tile) => histogram(tileCounts(mask, cutsOf(tile))));
  const runs = kept((tile) => runsBefore(mask, tile));
  return {
    kind: "actual",
    shape,
    nonZeros,
    mask,
    counts: (axes) => tileCounts(mask, axes),
    expected: (tile) => nonZeros / tileCount(shape, tile),
    empty(tile) {
      const { first, probability } = distribution(tile);
      return first === 0 ? (probability[0] ?? 0) : 0;
    },
    distribution,
    afterZeros(tile, zeros) {
      let sum = 0;
      for (const [run, count] of runs(tile)) if (run >= zeros) sum += count;
      return sum / tileCount(shape, tile);
    },
  };
}

/** How often each occupancy occurs among tiles; their mean is exact. */
export function histogram(counts: ArrayLike<number>): OccupancyDistribution {
  let first = Infinity;
  let last = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count < first) first = count;
    if (count > last) last = count;
  }
  const probability = new Float64Array(last - first + 1);
  for (let i = 0; i < counts.length; i++) {
    const at = (counts[i] ?? 0) - first;
    probability[at] = (probability[at] ?? 0) + 1;
  }
  for (let i = 0; i < probability.length; i++) probability[i] = (probability[i] ?? 0) / counts.length;
  return { first, probability };
}

/** Over all tiles: how many non-zeros have how many zeros right before them, row-major inside their tile. */
function runsBefore({ shape, words }: ElementMask, tile: readonly number[]): ReadonlyMap<number, number> {
  const axes = shape.length;
  const sizes = Float64Array.from(shape, (extent, axis) => Math.min(extent, tile[axis] ?? 1));
  const steps = Float64Array.from(shape, (extent, axis) => Math.ceil(extent / (sizes[axis] ?? 1)));
  // The element after the last non-zero of each tile, counted inside the tile. A tile cut off at the end of an axis is
  // counted with its own sizes.
  const after = new Float64Array(tileCount(shape, tile));
  const place = new Float64Array(axes);
  const runs = new Map<number, number>();
  for (let word = 0; word < words.length; word++) {
    for (let rest = words[word] ?? 0; rest !== 0; rest &= rest - 1) {
      let index = word * 32 + (31 - Math.clz32(rest & -rest));
      for (let axis = axes - 1; axis >= 0; axis--) {
        const extent = shape[axis] ?? 1;
        const outer = Math.floor(index / extent);
        place[axis] = index - outer * extent;
        index = outer;
      }
      let tileIndex = 0;
      let inside = 0;
      for (let axis = 0; axis < axes; axis++) {
        const size = sizes[axis] ?? 1;
        const step = Math.floor((place[axis] ?? 0) / size);
        const own = Math.min(size, (shape[axis] ?? 1) - step * size);
        tileIndex = tileIndex * (steps[axis] ?? 1) + step;
        inside = inside * own + (place[axis] ?? 0) - step * size;
      }
      const run = inside - (after[tileIndex] ?? 0);
      runs.set(run, (runs.get(run) ?? 0) + 1);
      after[tileIndex] = inside + 1;
    }
  }
  return runs;
}
