// Compares what a sparse dataflow puts out with the golden product: every row of a small result, a seeded sample of a
// large one.

import type { ResultRow } from "../../dataflow/product/product-values.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import { deriveSeed, keyOf, randomWord } from "../../tensor/random.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { rowRange, transpose } from "../../tensor/sparse-matrix.ts";
import type { OperandPair } from "../../workload/sparse-operands.ts";
import { multiplySparse, rowProducts, rowShare } from "../../workload/sparse-product.ts";
import type { Share } from "../../workload/sparse-product.ts";
import type { CheckMode } from "../check.ts";
import type { CheckOutcome } from "../result.ts";
import type { RowsOf } from "./engine/engine.ts";

/** Rows compared in a sample. */
const sampleSize = 3;
/** Multiplications up to which `sample` compares the whole result too, and up to which `all` does. */
const smallProduct = 2 ** 12;
const largestWhole = 2 ** 26;
/** Multiplications, about, of the rows that are compared at once: what the golden product of them takes is forgotten. */
const atOnce = 2 ** 20;

/**
 * How far the comparison went; throws Error, a fault of the dataflow, when a value differs. Values whose sums would be
 * rounded, differently in every order, are replaced by integers whose sums are exact. A `share` compares its rows only:
 * all shares together do what the whole does, and each says the same of it.
 */
export function checkProducts(
  pairs: readonly OperandPair[],
  mapping: ProductMapping,
  rowsOf: RowsOf,
  mode: CheckMode,
  seed: number,
  share: Share = { part: 0, of: 1 },
): CheckOutcome {
  if (mode === "off") return "off";
  let outcome: CheckOutcome = "exact";
  for (const [index, pair] of pairs.entries()) {
    const products = sumOf(rowProducts(pair.A, pair.B));
    const whole = products <= (mode === "all" ? largestWhole : smallProduct);
    if (!whole) outcome = "sampled";
    // A sample is too small to share.
    if (!whole && share.part > 0) continue;
    const A = withExactSums(pair.A, pair.A.columns);
    const B = withExactSums(pair.B, pair.A.columns);
    const [left, right] = mapping.stationary === "M" ? [A, B] : [transpose(B), transpose(A)];
    const { rows, row } = rowsOf(A, B, mapping);
    if (whole) {
      const { from, to } = rowShare(rowProducts(left, right), share);
      const pieces = Math.max(1, Math.ceil(products / share.of / atOnce));
      const mine = rowProducts(rowRange(left, from, to), right);
      for (let part = 0; part < pieces; part++) {
        const piece = rowShare(mine, { part, of: pieces });
        compareRows(left, right, from + piece.from, from + piece.to, row, mapping);
      }
      continue;
    }
    const key = keyOf(deriveSeed(seed, "product check", String(index)));
    for (let i = 0; i < sampleSize; i++) {
      const at = randomWord(key, 0, i) % rows;
      compareRows(left, right, at, at + 1, row, mapping);
    }
  }
  return outcome;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
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

function compareRows(
  A: SparseMatrix,
  B: SparseMatrix,
  from: number,
  to: number,
  formed: (row: number) => ResultRow,
  mapping: ProductMapping,
): void {
  const golden = multiplySparse(rowRange(A, from, to), B);
  for (let row = from; row < to; row++) {
    const { columns, values } = formed(row);
    const first = golden.rowStart[row - from] ?? 0;
    const end = golden.rowStart[row - from + 1] ?? 0;
    const equal =
      end - first === columns.length &&
      columns.every((column, i) => column === golden.column[first + i] && values[i] === golden.value?.[first + i]);
    if (!equal) {
      throw new Error(`${mapping.dataflow}, ${mapping.stationary} resting: row ${row} differs from the golden product`);
    }
  }
}
