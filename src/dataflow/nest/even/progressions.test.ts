// Sums of arithmetic progressions against the same sets written out word by word.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addCopies,
  addProgression,
  clearProgressions,
  progressions,
  settle,
  wordsBelow,
  wordsOf,
} from "./progressions.ts";

const lists = fc.array(fc.record({ stride: fc.integer({ min: 1, max: 30 }), count: fc.integer({ min: 1, max: 5 }) }), {
  maxLength: 4,
});

/** All sums of one word of each progression. */
function sumsOf(list: readonly { readonly stride: number; readonly count: number }[]): number[] {
  let words = [0];
  for (const { stride, count } of list) {
    words = words.flatMap((word) => Array.from({ length: count }, (_, step) => word + step * stride));
  }
  return words;
}

test("words of a set, and those below a bound, each once; those of copies each time", () => {
  let settled = 0;
  fc.assert(
    fc.property(lists, lists, fc.integer({ min: -2, max: 40 }), (own, copies, bound) => {
      const set = progressions();
      clearProgressions(set);
      for (const { stride, count } of own) addProgression(set, stride, count);
      if (!settle(set)) return;
      settled++;
      const words = [...new Set(sumsOf(own))];
      expect(wordsOf(set)).toBe(words.length);
      expect(wordsBelow(set, bound)).toBe(words.filter((word) => word < bound).length);
      for (const { stride, count } of copies) addCopies(set, stride, count);
      const all = sumsOf(copies).flatMap((begin) => words.map((word) => begin + word));
      expect(wordsOf(set)).toBe(all.length);
      expect(wordsBelow(set, bound)).toBe(all.filter((word) => word < bound).length);
    }),
    { numRuns: 1000 },
  );
  expect(settled).toBeGreaterThan(400);
});

test("a set whose copies overlap and leave gaps is refused", () => {
  const set = progressions();
  addProgression(set, 3, 2);
  addProgression(set, 2, 3);
  expect(settle(set)).toBe(false);
});
