// Expected times of rounds whose bits are independent of each other: what a density alone says, beside counting real
// bitmaps.

/**
 * Chances of the cycles of a round, by value: max(1, ones of the fullest of `lanes` banks of `bankBits`), each bit being
 * one with probability `density`: the product of both operands' densities where both have bitmaps.
 */
export function roundChances(lanes: number, bankBits: number, density: number): Float64Array {
  const chances = new Float64Array(Math.max(1, bankBits) + 1);
  let below = 0;
  let before = 0;
  for (let ones = 0; ones <= bankBits; ones++) {
    below = Math.min(1, below + binomial(bankBits, ones, density));
    const reached = ones === bankBits ? 1 : below ** lanes;
    const value = Math.max(1, ones);
    chances[value] = (chances[value] ?? 0) + reached - before;
    before = reached;
  }
  return chances;
}

function binomial(trials: number, successes: number, chance: number): number {
  let choices = 1;
  for (let i = 0; i < successes; i++) choices *= (trials - i) / (i + 1);
  return choices * chance ** successes * (1 - chance) ** (trials - successes);
}

/** Expected cycles of a round. */
export const expectedRound = (lanes: number, bankBits: number, density: number): number =>
  expectedLargest(roundChances(lanes, bankBits, density), 1, 1);

/** Expected time of the slowest of `units` that wait for each other after `rounds` rounds of independent times. */
export function expectedLargest(chances: Float64Array, rounds: number, units: number): number {
  let sum = Float64Array.of(1);
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(sum.length + chances.length - 1);
    for (let i = 0; i < sum.length; i++) {
      for (let j = 0; j < chances.length; j++) next[i + j] = (next[i + j] ?? 0) + (sum[i] ?? 0) * (chances[j] ?? 0);
    }
    sum = next;
  }
  let below = 0;
  let before = 0;
  let expected = 0;
  for (let value = 0; value < sum.length; value++) {
    below = Math.min(1, below + (sum[value] ?? 0));
    const reached = below ** units;
    expected += value * (reached - before);
    before = reached;
  }
  return expected;
}
