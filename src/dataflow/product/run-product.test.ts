// The six dataflows of a sparse product against the stepped reference, cycle for cycle and count for count.

import fc from "fast-check";
import { expect, test } from "vitest";
import { productArbitrary, productMachineArbitrary, sixMappings } from "../../../test/support/product-cases.ts";
import { steppedProduct } from "../../../test/support/product-stepped.ts";
import { multiplySparse } from "../../workload/sparse-product.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
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
