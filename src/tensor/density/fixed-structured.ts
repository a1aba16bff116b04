// Every tile holds the same share of non-zeros, as in N:M pruning: the number next below or next above density times
// its size.

import { kept, mixture, overTiles, requireDensity, shapeElements, tileClasses, tileCount } from "./density.ts";
import type { DensityModel, OccupancyDistribution } from "./density.ts";

/**
 * floor or ceil of density x elements, the latter with the probability that keeps the mean. Exact for tiles of whole
 * blocks of N:M; inside a block it takes the non-zeros as spread evenly. Throws InputError for a bad density or shape.
 */
export function fixedStructured(shape: readonly number[], density: number): DensityModel {
  requireDensity(density);
  const nonZeros = density * shapeElements(shape);
  const emptyOf = (elements: number) => Math.max(0, 1 - density * elements);
  const following = (zeros: number) => emptyOf(zeros) - emptyOf(zeros + 1);
  return {
    kind: "fixed-structured",
    shape,
    nonZeros,
    expected: (tile) => nonZeros / tileCount(shape, tile),
    empty: (tile) => overTiles(shape, tile, emptyOf),
    distribution: kept((tile) =>
      mixture(tileClasses(shape, tile).map(({ weight, elements }) => [weight, nextTo(density * elements)])),
    ),
    alike: {
      empty: emptyOf,
      distribution: (elements) => nextTo(density * elements),
      variance: (elements) => ((density * elements) % 1) * (1 - ((density * elements) % 1)),
      following,
    },
    afterZeros: (tile, zeros) => following(zeros) * overTiles(shape, tile, (elements) => Math.max(0, elements - zeros)),
  };
}

/** The whole numbers around a mean, with the probabilities that give it. */
function nextTo(mean: number): OccupancyDistribution {
  const first = Math.floor(mean);
  const rest = mean - first;
  return { first, probability: rest === 0 ? Float64Array.of(1) : Float64Array.of(1 - rest, rest) };
}
