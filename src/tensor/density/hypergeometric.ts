// A given number of non-zeros, every placement equally likely: what unstructured pruning without any preference leaves.

import { InputError } from "../../base/error.ts";
import { hypergeometricDistribution, hypergeometricProbability } from "./binomial.ts";
import { certain, kept, mixture, overTiles, shapeElements, tileClasses, tileCount } from "./density.ts";
import type { DensityModel } from "./density.ts";

/** Exactly `nonZeros` of them, a whole number. Throws InputError where the tensor cannot hold it. */
export function hypergeometric(shape: readonly number[], nonZeros: number): DensityModel {
  const elements = shapeElements(shape);
  if (!(Number.isInteger(nonZeros) && nonZeros >= 0 && nonZeros <= elements)) {
    throw new InputError({
      path: "nonZeros",
      message: "bad number of non-zeros",
      found: String(nonZeros),
      expected: `an integer from 0 to ${elements}`,
    });
  }
  const emptyOf = (count: number) => hypergeometricProbability(0, count, nonZeros, elements);
  const following = (zeros: number) => (zeros >= elements ? 0 : (emptyOf(zeros) * nonZeros) / (elements - zeros));
  const distributionOf = kept(([count = 1]) =>
    count === elements ? certain(nonZeros) : hypergeometricDistribution(count, nonZeros, elements),
  );
  return {
    kind: "hypergeometric",
    shape,
    nonZeros,
    expected: (tile) => nonZeros / tileCount(shape, tile),
    empty: (tile) => overTiles(shape, tile, emptyOf),
    distribution: kept((tile) =>
      mixture(tileClasses(shape, tile).map(({ weight, elements: count }) => [weight, distributionOf([count])])),
    ),
    alike: {
      empty: emptyOf,
      distribution: (count) => distributionOf([count]),
      variance: (count) =>
        elements === 1
          ? 0
          : (count * (nonZeros / elements) * (1 - nonZeros / elements) * (elements - count)) / (elements - 1),
      following,
    },
    afterZeros: (tile, zeros) => following(zeros) * overTiles(shape, tile, (count) => Math.max(0, count - zeros)),
  };
}
