// The order of Python's sets: orders that CPython 3.11 gave, and what holds for every set.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpythonSetOrder } from "./cpython-set.ts";

const arithmetic = (first: number, step: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => first + i * step);

/** Short stand-in for an order too long to write down; the same sum was taken in Python. */
const digest = (order: Float64Array): number => order.reduce((sum, value) => (sum * 31 + value) % 2147483647, 0);

describe("cpythonSetOrder", () => {
  test("orders of CPython 3.11", () => {
    expect([...cpythonSetOrder([])]).toEqual([]);
    expect([...cpythonSetOrder([0, 64, 128, 192, 256, 320])]).toEqual([0, 256, 64, 128, 192, 320]);
    expect([...cpythonSetOrder([2 ** 53 - 1, 2 ** 40, 3 * 2 ** 40, 5, 13, 2 ** 32, 0])]).toEqual([
      2 ** 40,
      3 * 2 ** 40,
      2 ** 32,
      0,
      5,
      13,
      2 ** 53 - 1,
    ]);
    expect([...cpythonSetOrder(arithmetic(10_000_000, 64, 22))].map((value) => (value - 10_000_000) / 64)).toEqual([
      0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 21, 3, 1, 5, 7, 9, 11, 13, 15, 17, 19, 20,
    ]);
  });

  // Sizes on both sides of 50 000, where tables begin to grow more slowly.
  test.each([
    [10_000_000, 1, 100_000, 1173584318],
    [0, 7, 60_000, 1276221928],
    [0, 1000, 100_000, 1296459954],
    [2 ** 40, 4096, 5000, 1125567554],
  ])("long order of CPython 3.11: from %d by %d, %d values", (first, step, count, sum) => {
    const order = cpythonSetOrder(arithmetic(first, step, count));
    expect(order.length).toBe(count);
    expect(digest(order)).toBe(sum);
  });

  test("holds the distinct values once each, whatever was repeated", () => {
    const values = fc.array(fc.oneof(fc.nat(40), fc.nat(100_000), fc.maxSafeNat()), { maxLength: 400 });
    fc.assert(
      fc.property(values, (added) => {
        const order = cpythonSetOrder(added);
        const distinct = [...new Set(added)];
        expect([...order].toSorted((a, b) => a - b)).toEqual(distinct.toSorted((a, b) => a - b));
        expect(cpythonSetOrder(distinct)).toEqual(order);
      }),
    );
  });

  test("refuses what it cannot hash", () => {
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => cpythonSetOrder([value])).toThrow(RangeError);
  });
});
