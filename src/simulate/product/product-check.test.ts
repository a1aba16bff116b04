// The comparison of a sparse dataflow's output with the golden product: how far it goes, that values of any kind pass,
// and that it finds a fault.

import { expect, test } from "vitest";
import { clockedMappings } from "../../../test/support/product-results.ts";
import { productRows } from "../../dataflow/product/product-values.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import { randomSparse } from "../../tensor/sparse-matrix-random.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import type { RowsOf } from "./engine/engine.ts";
import { checkProducts } from "./product-check.ts";

const rowsWith =
  (multipliers: number): RowsOf =>
  (left, right, mapping) =>
    productRows(left, right, multipliers, mapping);

const withValues = (matrix: SparseMatrix, valueOf: (entry: number) => number): SparseMatrix => ({
  ...matrix,
  value: Float64Array.from(matrix.column, (_, entry) => valueOf(entry)),
});

const A = randomSparse(30, 40, 500, 1);
const B = randomSparse(40, 20, 400, 2);
const large = { A: randomSparse(60, 60, 2000, 3), B: randomSparse(60, 60, 2000, 4) };

test.each(clockedMappings)(
  "$dataflow, $stationary resting: whole where small, a sample where large, or nothing",
  (mapping) => {
    const check = (pairs: readonly { A: SparseMatrix; B: SparseMatrix }[], mode: "all" | "sample" | "off") =>
      checkProducts(pairs, mapping, rowsWith(8), mode, 1);
    expect(check([large], "off")).toBe("off");
    expect(check([{ A, B: randomSparse(40, 20, 200, 2) }], "sample")).toBe("exact");
    expect(check([large], "sample")).toBe("sampled");
    expect(check([large, large], "all")).toBe("exact");
  },
);

test.each(clockedMappings)("$dataflow, $stationary resting: values whose sums are rounded are no fault", (mapping) => {
  const kinds: ((entry: number) => number)[] = [
    (entry) => Math.sin(entry),
    (entry) => 10 ** (entry % 20),
    (entry) => (entry % 7 === 0 ? Infinity : entry % 5 === 0 ? NaN : 0.1 * entry),
    () => 0,
    () => 2 ** 53 - 1,
  ];
  for (const kind of kinds) {
    expect(checkProducts([{ A: withValues(A, kind), B: withValues(B, kind) }], mapping, rowsWith(4), "all", 1)).toBe(
      "exact",
    );
  }
});

test("a fibre that is out of order is found: its elements do not meet in the tree", () => {
  const pattern = { rows: 1, columns: 2, rowStart: Uint32Array.of(0, 2), column: Uint32Array.of(0, 1) };
  const unordered = { rows: 2, columns: 4, rowStart: Uint32Array.of(0, 2, 4), column: Uint32Array.of(3, 0, 0, 3) };
  for (const dataflow of ["outer", "gustavson"] as const) {
    const mapping: ProductMapping = { kind: "product", dataflow, stationary: "M", clock: 1e9 };
    expect(() => checkProducts([{ A: pattern, B: unordered }], mapping, rowsWith(4), "all", 1)).toThrow(
      /row 0 differs from the golden product/,
    );
  }
});
