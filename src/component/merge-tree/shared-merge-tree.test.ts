// The shared merge tree: how many comparators arrays of chunks save, by counting the pairs that two sorted inputs need.

import fc from "fast-check";
import { expect, test } from "vitest";
import { mergerComparators, sharedMergeTree } from "./shared-merge-tree.ts";

/** Pairs of chunks of two sorted lists that hold elements of both beside one another when they are merged. */
function meetingChunks(a: readonly number[], b: readonly number[], chunk: number): number {
  const pairs = new Set<string>();
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    pairs.add(`${Math.floor(i / chunk)} ${Math.floor(j / chunk)}`);
    if ((a[i] ?? 0) <= (b[j] ?? 0)) i++;
    else j++;
  }
  return pairs.size;
}

test("no two inputs make more pairs of chunks meet than there are small arrays of comparators", () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 4, 8), fc.integer({ min: 1, max: 5 }), fc.nat(2 ** 30), (chunk, chunks, seed) => {
      const width = chunk * chunks;
      const list = (shift: number): number[] =>
        Array.from({ length: width }, (_, i) => (((i + 1) * (seed + shift)) % 1009) / 3).toSorted((x, y) => x - y);
      const arrays = (mergerComparators({ width, chunk }) - chunks ** 2) / chunk ** 2;
      expect(meetingChunks(list(1), list(7), chunk)).toBeLessThanOrEqual(arrays);
    }),
  );
  expect(mergerComparators({ width: 16, chunk: 4 })).toBe(128);
});

test("impossible trees are refused", () => {
  const good = { ways: 64, width: 16, chunk: 4, coordinateBits: 64, accumulator: "float32" } as const;
  expect(sharedMergeTree(good).kind).toBe("sharedMergeTree");
  for (const bad of [{ ways: 48 }, { ways: 1 }, { width: 0 }, { chunk: 5 }]) {
    expect(() => sharedMergeTree({ ...good, ...bad })).toThrow("impossible merge tree");
  }
});
