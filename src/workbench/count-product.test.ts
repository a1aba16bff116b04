// Counting on several threads gives the counts of one.

import fc from "fast-check";
import { expect, test } from "vitest";
import { factors } from "../../test/support/sparse-matrices.ts";
import { rowRange } from "../tensor/sparse-matrix.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import { countProduct, rowOutputs, rowProducts, rowShare } from "../workload/sparse-product.ts";
import { countProductOnThreads } from "./count-product.ts";

test("shares of rows are all rows, once each, and count what the whole counts", () => {
  fc.assert(
    fc.property(factors, fc.integer({ min: 1, max: 9 }), ([A, B], of) => {
      const products = rowProducts(A, B);
      let next = 0;
      let outputs = 0;
      for (let part = 0; part < of; part++) {
        const { from, to } = rowShare(products, { part, of });
        expect(from).toBe(next);
        expect(to).toBeGreaterThanOrEqual(from);
        next = to;
        outputs += rowOutputs(rowRange(A, from, to), B).reduce((sum, count) => sum + count, 0);
      }
      expect(next).toBe(A.rows);
      expect(outputs).toBe(countProduct(A, B).outputNonZeros);
    }),
    { numRuns: 500 },
  );
});

test("a share has its part of the work, to within a row", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (work, of) => {
      const total = work.reduce((sum, one) => sum + one, 0);
      for (let part = 0; part < of; part++) {
        const { from, to } = rowShare(work, { part, of });
        const mine = work.slice(from, to).reduce((sum, one) => sum + one, 0);
        expect(Math.abs(mine - total / of)).toBeLessThanOrEqual(Math.max(0, ...work));
      }
    }),
    { numRuns: 500 },
  );
});

test("1, 2 and 4 threads count the same", async () => {
  const A = randomSparse(3000, 3000, 400_000, 1);
  const one = countProduct(A, A);
  expect(one.multiplications).toBeGreaterThan(2 ** 25);
  for (const threads of [1, 2, 4]) expect(await countProductOnThreads(A, A, threads)).toEqual(one);
});
