// The six dataflows of a sparse product against the stepped reference, cycle for cycle and count for count.

import fc from "fast-check";
import { expect, test } from "vitest";
import { productArbitrary, productMachineArbitrary, sixMappings } from "../../../test/support/product-cases.ts";
import { steppedProduct } from "./stepped/stepped-product.ts";
import { multiplySparse } from "../../workload/sparse-product.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import type { ProductMachine } from "./product.ts";
import { runProduct } from "./run-product.ts";

test("cycles, counts and traffic of all six dataflows equal the stepped machine's, whose C is the golden product", () => {
  fc.assert(
    fc.property(productArbitrary(20), productMachineArbitrary, ({ A, B }, machine) => {
      const C = multiplySparse(A, B);
      for (const mapping of sixMappings) {
        const { rows, ...stepped } = steppedProduct(A, B, machine, mapping);
        const { cycles, counts, dram } = runProduct(A, B, machine, mapping);
        expect({ cycles, counts, dram }).toEqual(stepped);
        const golden = mapping.stationary === "M" ? C : transpose(C);
        expect(rows.flat().map(({ column }) => column)).toEqual([...golden.column]);
        expect(rows.flat().map(({ value }) => value)).toEqual([...(golden.value ?? [])]);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a folded row at the end of a result of more than 2^31 places takes what it takes nearer to its beginning", () => {
  const machine: ProductMachine | undefined = fc.sample(productMachineArbitrary, { numRuns: 1, seed: 1 })[0];
  if (machine === undefined) throw new Error("no machine was drawn");
  const [K, N] = [40, 2 ** 12];
  const B: SparseMatrix = {
    rows: K,
    columns: N,
    rowStart: Uint32Array.from({ length: K + 1 }, (_, k) => 3 * k),
    column: Uint32Array.from({ length: 3 * K }, (_, i) => 5 * Math.floor(i / 3) + (i % 3)),
  };
  const [near, far] = [2 ** 8, 3 * 2 ** 18].map((rows) => {
    const rowStart = new Uint32Array(rows + 1);
    rowStart[rows] = K;
    const A = { rows, columns: K, rowStart, column: Uint32Array.from({ length: K }, (_, k) => k) };
    return runProduct(A, B, machine, { dataflow: "inner", stationary: "M" });
  });
  expect(near?.counts.partialSumReads).toBeGreaterThan(N);
  expect(far).toEqual(near);
});
