// Runs a sparse product in any of the six dataflows: the N-stationary ones are the M-stationary ones on the transposed
// product, B^T A^T = C^T.

import type { ProductMapping } from "../../mapping/product-mapping.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import { gustavson } from "./gustavson.ts";
import { inner } from "./inner.ts";
import { outer } from "./outer.ts";
import type { ProductMachine, ProductRun, ProductWatch } from "./product.ts";

const dataflows = { inner, outer, gustavson } as const;

/**
 * C = A B on a machine; A has as many columns as B has rows. Values take no part: time follows the patterns. The books
 * that `watch` sees are of the product as it is run: of B^T A^T when N rests.
 */
export function runProduct(
  A: SparseMatrix,
  B: SparseMatrix,
  machine: ProductMachine,
  { dataflow, stationary }: Pick<ProductMapping, "dataflow" | "stationary">,
  watch?: ProductWatch,
): ProductRun {
  const run = dataflows[dataflow];
  if (stationary === "M") return run(A, B, machine, watch);
  const { dram, ...rest } = run(patternOf(transpose(B)), patternOf(transpose(A)), machine, watch);
  return { ...rest, dram: { ...dram, A: dram.B, B: dram.A } };
}

const patternOf = ({ rows, columns, rowStart, column }: SparseMatrix): SparseMatrix => ({
  rows,
  columns,
  rowStart,
  column,
});
