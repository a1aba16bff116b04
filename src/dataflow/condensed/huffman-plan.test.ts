// Plans of merges: every matrix is merged once, and no other plan merges less weight.

import fc from "fast-check";
import { expect, test } from "vitest";
import { huffmanMergePlan } from "./huffman-plan.ts";

/** Weight that enters all rounds together. */
function mergedWeight(weights: readonly number[], plan: readonly (readonly number[])[]): number {
  const weightOf = [...weights];
  let total = 0;
  for (const round of plan) {
    const weight = round.reduce((sum, input) => sum + (weightOf[input] ?? 0), 0);
    weightOf.push(weight);
    total += weight;
  }
  return total;
}

/** The least weight that any plan merges, by trying all: every subset of the matrices may be the next round. */
function leastWeight(weights: readonly number[], ways: number, known = new Map<string, number>()): number {
  if (weights.length <= 1) return 0;
  const key = weights.toSorted((a, b) => a - b).join(" ");
  const before = known.get(key);
  if (before !== undefined) return before;
  let least = Infinity;
  for (let subset = 0; subset < 2 ** weights.length; subset++) {
    const taken = weights.filter((_, i) => (subset >> i) % 2 === 1);
    if (taken.length < 2 || taken.length > ways) continue;
    const weight = taken.reduce((sum, one) => sum + one, 0);
    const rest = weights.filter((_, i) => (subset >> i) % 2 === 0);
    least = Math.min(least, weight + leastWeight([...rest, weight], ways, known));
  }
  known.set(key, least);
  return least;
}

test("no plan merges less weight, all plans tried", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 2, max: 4 }),
      (weights, ways) => {
        expect(mergedWeight(weights, huffmanMergePlan(weights, ways))).toBe(leastWeight(weights, ways));
      },
    ),
    { numRuns: 300 },
  );
});

test("every matrix and every result but the last is merged once, no round is too wide, and the order given is never better", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 300 }), fc.constantFrom(2, 3, 8, 64), (weights, ways) => {
      const plan = huffmanMergePlan(weights, ways);
      const inputs = plan.flat().toSorted((a, b) => a - b);
      const numbers = weights.length + plan.length - 1;
      expect(inputs).toEqual(Array.from({ length: weights.length === 0 ? 0 : numbers }, (_, i) => i));
      for (const [number, round] of plan.entries()) {
        expect(round.length).toBeLessThanOrEqual(ways);
        expect(Math.max(...round)).toBeLessThan(weights.length + number);
      }
      if (weights.length < 2) return;
      expect(plan.length).toBe(Math.ceil((weights.length - 1) / (ways - 1)));
      // In the order given: as many as fit first, then each result with the next ones.
      const inOrder: number[][] = [];
      for (let next = 0; next < weights.length;) {
        const results = inOrder.length === 0 ? [] : [weights.length + inOrder.length - 1];
        const taken = Math.min(ways - results.length, weights.length - next);
        inOrder.push([...results, ...Array.from({ length: taken }, (_, i) => next + i)]);
        next += taken;
      }
      expect(mergedWeight(weights, plan)).toBeLessThanOrEqual(mergedWeight(weights, inOrder));
    }),
    { numRuns: 1000 },
  );
});
