// The values of a product by condensed columns, in the order in which the rounds of its plan add them.

import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import type { ResultRow } from "../product/product-values.ts";
import { mergeAll } from "../product/product-values.ts";
import { columnWeights } from "./condensed-outer.ts";
import { huffmanMergePlan } from "./huffman-plan.ts";

/** Rows of C = A B as a tree of `ways` leaves merges them round by round, the inputs of a round in the plan's order. */
export function condensedRows(A: SparseMatrix, B: SparseMatrix, ways: number): (row: number) => ResultRow {
  const weights = columnWeights(A, B);
  const plan = huffmanMergePlan(weights, ways);
  return (row) => {
    const first = A.rowStart[row] ?? 0;
    const length = (A.rowStart[row + 1] ?? 0) - first;
    const fibreOf = (column: number): ResultRow => {
      const columns: number[] = [];
      const values: number[] = [];
      if (column >= length) return { columns, values };
      const entry = first + column;
      const k = A.column[entry] ?? 0;
      for (let j = B.rowStart[k] ?? 0; j < (B.rowStart[k + 1] ?? 0); j++) {
        columns.push(B.column[j] ?? 0);
        values.push((A.value?.[entry] ?? 1) * (B.value?.[j] ?? 1));
      }
      return { columns, values };
    };
    const results: ResultRow[] = [];
    for (const round of plan) {
      const inputs = round.map((input) => results[input - weights.length] ?? fibreOf(input));
      results.push(mergeAll(inputs));
    }
    return results.at(-1) ?? { columns: [], values: [] };
  };
}
