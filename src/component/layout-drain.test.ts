// Words written and read against the stepped walk, and what reordering saves.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { technology } from "../technology/technologies.ts";
import { accessesSaved, drainCounts, layoutDrain, layoutDrainCost, steppedDrain } from "./layout-drain.ts";

const order = fc.constantFrom("rows" as const, "columns" as const);
const small = (max: number) => fc.integer({ min: 1, max });
const planeArbitrary = fc.record({ rows: small(12), columns: small(12), array: order, next: order });
const drainArbitrary = fc
  .record({ width: small(5), wordElements: small(6), elementBits: fc.constant(8), reorders: fc.boolean() })
  .map(layoutDrain);

test("cycles, writes and reads equal the stepped walk's, which sees every result once", () => {
  fc.assert(
    fc.property(drainArbitrary, planeArbitrary, (drain, plane) => {
      const { seen, ...stepped } = steppedDrain(drain, plane);
      expect(drainCounts(drain, plane)).toEqual(stepped);
      expect(new Set(seen.map(([row, column]) => row * plane.columns + column)).size).toBe(plane.rows * plane.columns);
    }),
    { numRuns: 1000 },
  );
});

test("reordering saves a read for all but one element of each word where orders differ, and nothing where they agree", () => {
  const drain = layoutDrain({ width: 4, wordElements: 16, elementBits: 8, reorders: true });
  const plane = { rows: 32, columns: 64, array: "rows", next: "columns" } as const;
  expect(drainCounts(drain, plane)).toEqual({ cycles: 512, writes: 128, reads: 128 });
  expect(drainCounts({ ...drain, reorders: false }, plane)).toEqual({ cycles: 512, writes: 128, reads: 2048 });
  expect(accessesSaved(drain, plane)).toBe(1920);
  expect(accessesSaved(drain, { ...plane, next: "rows" })).toBe(0);
  // A single row is read the same way in both orders, and columns of one element would waste a word each.
  expect(accessesSaved(drain, { rows: 1, columns: 64, array: "rows", next: "columns" })).toBe(4 + 4 - 64 - 64);
  expect(layoutDrainCost(drain, technology("45nm")).energy["collect"]?.joules).toBeGreaterThan(0);
  expect(() => layoutDrain({ ...drain, width: 0 })).toThrow(InputError);
});
