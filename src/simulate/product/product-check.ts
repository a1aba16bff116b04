// Compares what a sparse dataflow puts out with the golden product: every row of a small result, a seeded sample of a
// large one.

import { productRows } from "../../dataflow/product/product-values.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import { deriveSeed, keyOf, randomWord } from "../../tensor/random.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { rowRange, transpose } from "../../tensor/sparse-matrix.ts";
import type { OperandPair } from "../../workload/sparse-operands.ts";
import { multiplySparse, rowProducts } from "../../workload/sparse-product.ts";
import type { CheckMode } from "../check.ts";
import type { CheckOutcome } from "../result.ts";

/** Rows compared in a sample. */
const sampleSize = 3;
/** Multiplications up to which `sample` compares the whole result too, and up to which `all` does. */
const smallProduct = 2 ** 12;
const largestWhole = 2 ** 26;

/**
 * How far the comparison went; throws Error, a fault of the dataflow, when a value differs. Values whose sums would be
 * rounded, differently in every order, are replaced by integers whose sums are exact.
 */
export function checkProducts(
  pairs: readonly OperandPair[],
  mapping: ProductMapping,
  multipliers: number,
  mode: CheckMode,
  seed: number,
): CheckOutcome {
  if (mode === "off") return "off";
  let outcome: CheckOutcome = "exact";
  for (const [index, pair] of pairs.entries()) {
    const A = withExactSums(pair.A, pair.A.columns);
    const B = withExactSums(pair.B, pair.A.columns);
    const [left, right] = mapping.stationary === "M" ? [A, B] : [transpose(B), transpose(A)];
    const multiplications = rowProducts(A, B).reduce((sum, products) => sum + products, 0);
    const whole = multiplications <= (mode === "all" ? largestWhole : smallProduct);
    const { rows, row } = productRows(A, B, multipliers, mapping);
    if (!whole) outcome = "sampled";
    const key = keyOf(deriveSeed(seed, "product check", String(index)));
    const chosen = whole
      ? Array.from({ length: rows }, (_, i) => i)
      : Array.from({ length: sampleSize }, (_, i) => randomWord(key, 0, i) % rows);
    for (const at of chosen) compareRow(left, right, at, row(at), mapping);
  }
  return outcome;
}

/** The matrix itself where its values are integers of which `terms` products add up without rounding, or scaled to such. */
function withExactSums(matrix: SparseMatrix, terms: number): SparseMatrix {
  const { value } = matrix;
  if (value === undefined) return matrix;
  const magnitude = Math.floor(Math.sqrt((2 ** 53 - 1) / Math.max(1, terms)));
  if (value.every((one) => Number.isInteger(one) && Math.abs(one) <= magnitude)) return matrix;
  const largest = value.reduce((most, one) => (Number.isFinite(one) ? Math.max(most, Math.abs(one)) : most), 0);
  const scaled = value.map((one) => {
    const integer = Math.round((one / (largest || 1)) * magnitude);
    return Number.isFinite(integer) ? integer : 1;
  });
  return { ...matrix, value: scaled };
}

function compareRow(
  A: SparseMatrix,
  B: SparseMatrix,
  row: number,
  found: { readonly columns: readonly number[]; readonly values: readonly number[] },
  mapping: ProductMapping,
): void {
  const golden = multiplySparse(rowRange(A, row, row + 1), B);
  const equal =
    golden.column.length === found.columns.length &&
    found.columns.every((column, i) => column === golden.column[i] && found.values[i] === (golden.value?.[i] ?? 1));
  if (!equal) {
    throw new Error(`${mapping.dataflow}, ${mapping.stationary} resting: row ${row} differs from the golden product`);
  }
}
