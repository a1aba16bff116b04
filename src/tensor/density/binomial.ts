// Binomial and hypergeometric probabilities of any size, to nearly full precision: Loader's saddle-point form, which
// forms no difference of large logarithms and so neither overflows nor loses digits.
//
// C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000; also what R's dbinom and dhyper use.

import { exp, log, log1p } from "../../base/transcendental.ts";
import { certain, expectedMaximum } from "./density.ts";
import type { OccupancyDistribution } from "./density.ts";

const halfLogTwoPi = 0.5 * log(2 * Math.PI);

/** log(n!) minus Stirling's formula, for whole n. */
function stirlingError(n: number): number {
  if (n <= 15) {
    let logFactorial = 0;
    for (let i = 2; i <= n; i++) logFactorial += log(i);
    return n === 0 ? 0 : logFactorial - (n + 0.5) * log(n) + n - halfLogTwoPi;
  }
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

/** x log(x / mean) + mean - x, without cancellation where x is near the mean. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * log(x / mean) + mean - x;
  const v = (x - mean) / (x + mean);
  let sum = (x - mean) * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** log P(k successes in n trials of probability p); -Infinity where there are none. q = 1 - p, given for its digits. */
function logBinomial(k: number, n: number, p: number, q: number): number {
  if (k < 0 || k > n) return -Infinity;
  if (p === 0) return k === 0 ? 0 : -Infinity;
  if (q === 0) return k === n ? 0 : -Infinity;
  // The smaller of p and q carries the digits.
  if (k === 0) return n * (p <= 0.5 ? log1p(-p) : log(q));
  if (k === n) return n * (q <= 0.5 ? log1p(-q) : log(p));
  return (
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(n - k) -
    deviance(k, n * p) -
    deviance(n - k, n * q) -
    halfLogTwoPi -
    0.5 * (log(k) + log1p(-k / n))
  );
}

/**
 * P(a tile of `tile` elements holds k of the `nonZeros` non-zeros of a tensor of `elements`, placed uniformly):
 * C(nonZeros, k) C(elements - nonZeros, tile - k) / C(elements, tile).
 */
export function hypergeometricProbability(k: number, tile: number, nonZeros: number, elements: number): number {
  if (k < 0 || k > tile || k > nonZeros || tile - k > elements - nonZeros) return 0;
  if (tile === elements) return 1;
  const p = tile / elements;
  const q = (elements - tile) / elements;
  const inside = logBinomial(k, nonZeros, p, q);
  const outside = logBinomial(tile - k, elements - nonZeros, p, q);
  return exp(inside + outside - logBinomial(tile, elements, p, q));
}

/** Terms below this share of the largest add nothing to a sum of them. */
const negligible = 1e-19;

/** The distribution on `low` to `high` from its mode outwards, by the ratios P(k + 1) / P(k); scaled to sum to 1. */
function outwards(mode: number, low: number, high: number, ratio: (k: number) => number): OccupancyDistribution {
  const above: number[] = [1];
  for (let k = mode, term = 1; k < high; k++) {
    term *= ratio(k);
    if (!(term > negligible)) break;
    above.push(term);
  }
  const below: number[] = [];
  for (let k = mode, term = 1; k > low; k--) {
    term /= ratio(k - 1);
    if (!(term > negligible)) break;
    below.push(term);
  }
  const probability = Float64Array.from([...below.toReversed(), ...above]);
  let total = 0;
  for (let i = 0; i < probability.length; i++) total += probability[i] ?? 0;
  for (let i = 0; i < probability.length; i++) probability[i] = (probability[i] ?? 0) / total;
  return { first: mode - below.length, probability };
}

export function binomialDistribution(n: number, density: number): OccupancyDistribution {
  if (density === 0 || density === 1) return certain(density * n);
  const odds = density / (1 - density);
  return outwards(Math.min(n, Math.floor((n + 1) * density)), 0, n, (k) => ((n - k) / (k + 1)) * odds);
}

export function hypergeometricDistribution(tile: number, nonZeros: number, elements: number): OccupancyDistribution {
  const low = Math.max(0, tile - (elements - nonZeros));
  const high = Math.min(tile, nonZeros);
  const mode = Math.floor(((tile + 1) / (elements + 2)) * (nonZeros + 1));
  return outwards(
    Math.max(low, Math.min(high, mode)),
    low,
    high,
    (k) => ((tile - k) / (k + 1)) * ((nonZeros - k) / (elements - nonZeros - tile + k + 1)),
  );
}

/** Whole counts with the given mean and variance in the shape of a normal distribution, from 0 to `limit`. */
export function roundedNormal(mean: number, variance: number, limit: number): OccupancyDistribution {
  const nearest = Math.max(0, Math.min(limit, Math.round(mean)));
  if (variance < 1e-9) {
    const low = Math.floor(mean);
    const rest = mean - low;
    return rest === 0 ? certain(low) : { first: low, probability: Float64Array.of(1 - rest, rest) };
  }
  return outwards(nearest, 0, limit, (k) => exp((2 * (mean - k) - 1) / (2 * variance)));
}

const normalMaxima = new Map<number, number>();

/** Expected maximum of so many independent standard normal variables. */
export function normalMaximum(count: number): number {
  const known = normalMaxima.get(count);
  if (known !== undefined) return known;
  const step = 1 / 1024;
  const fine = outwards(0, -10 / step, 10 / step, (k) => exp(-(2 * k + 1) * step * step * 0.5));
  // Of a fine grid: half a step is what rounding to it adds to neither side.
  const maximum = expectedMaximum(fine, count) * step;
  normalMaxima.set(count, maximum);
  return maximum;
}
