// The values of a sparse product in the order in which a dataflow forms them: what the array puts out, to be compared
// with the golden product.

import type { ProductMapping } from "../../mapping/product-mapping.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";

/** One row of a result: columns ascending and their values. */
export interface ResultRow {
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

type RowOf = (row: number) => ResultRow;

/** Rows of C = A B (of its transpose when N rests) as the dataflow forms them with `multipliers` multipliers. */
export function productRows(
  A: SparseMatrix,
  B: SparseMatrix,
  multipliers: number,
  { dataflow, stationary }: Pick<ProductMapping, "dataflow" | "stationary">,
): { readonly rows: number; readonly row: RowOf } {
  const [left, right] = stationary === "M" ? [A, B] : [transpose(B), transpose(A)];
  const row =
    dataflow === "inner" ? innerRows(left, right, multipliers) : mergedRows(left, right, multipliers, dataflow);
  return { rows: left.rows, row };
}

interface MutableRow extends ResultRow {
  readonly columns: number[];
  readonly values: number[];
}

const valueAt = (matrix: SparseMatrix, entry: number): number => matrix.value?.[entry] ?? 1;

/** Two fibres as a node of the tree merges them. */
function mergeTwo(a: ResultRow, b: ResultRow): ResultRow {
  const out: MutableRow = { columns: [], values: [] };
  let i = 0;
  let j = 0;
  while (i < a.columns.length || j < b.columns.length) {
    const left = a.columns[i] ?? Infinity;
    const right = b.columns[j] ?? Infinity;
    out.columns.push(Math.min(left, right));
    if (left === right) out.values.push((a.values[i++] ?? 0) + (b.values[j++] ?? 0));
    else out.values.push(left < right ? (a.values[i++] ?? 0) : (b.values[j++] ?? 0));
  }
  return out;
}

/** Fibres merged level by level, as the tree joins its leaves. */
export function mergeAll(fibres: readonly ResultRow[]): ResultRow {
  let level = fibres;
  while (level.length > 1) {
    const next: ResultRow[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [a, b] = [level[i], level[i + 1]];
      if (a !== undefined) next.push(b === undefined ? a : mergeTwo(a, b));
    }
    level = next;
  }
  return level[0] ?? { columns: [], values: [] };
}

/** A row's fibres merged as many at a time as the tree has leaves, until one is left. */
function mergedRows(A: SparseMatrix, B: SparseMatrix, leaves: number, dataflow: "outer" | "gustavson"): RowOf {
  return (row) => {
    let fibres: ResultRow[] = [];
    for (let i = A.rowStart[row] ?? 0; i < (A.rowStart[row + 1] ?? 0); i++) {
      const k = A.column[i] ?? 0;
      const fibre: MutableRow = { columns: [], values: [] };
      for (let j = B.rowStart[k] ?? 0; j < (B.rowStart[k + 1] ?? 0); j++) {
        fibre.columns.push(B.column[j] ?? 0);
        fibre.values.push(valueAt(A, i) * valueAt(B, j));
      }
      // Without products the outer product has nothing to wait for; Gustavson's chunk keeps the multiplier.
      if (fibre.columns.length > 0 || dataflow === "gustavson") fibres.push(fibre);
    }
    while (fibres.length > 1) {
      const next: ResultRow[] = [];
      for (let i = 0; i < fibres.length; i += leaves) next.push(mergeAll(fibres.slice(i, i + leaves)));
      fibres = next;
    }
    return fibres[0] ?? { columns: [], values: [] };
  };
}

/** Sums over folds of a row; places that no pair of entries meets are left out, as the golden product has it. */
function innerRows(A: SparseMatrix, B: SparseMatrix, multipliers: number): RowOf {
  const byColumn = transpose(B);
  return (row) => {
    const first = A.rowStart[row] ?? 0;
    const end = A.rowStart[row + 1] ?? 0;
    const resting = new Map<number, number>();
    for (let i = first; i < end; i++) resting.set(A.column[i] ?? 0, i);
    const out: MutableRow = { columns: [], values: [] };
    for (let column = 0; column < byColumn.rows; column++) {
      let sum = 0;
      let met = false;
      // Folds end after as many entries of the row as there are multipliers, then one fewer.
      let fold = 0;
      let foldSum = 0;
      for (let j = byColumn.rowStart[column] ?? 0; j < (byColumn.rowStart[column + 1] ?? 0); j++) {
        const i = resting.get(byColumn.column[j] ?? 0);
        if (i === undefined) continue;
        met = true;
        const at = i - first < multipliers ? 0 : 1 + Math.floor((i - first - multipliers) / (multipliers - 1));
        if (at !== fold) {
          sum += foldSum;
          foldSum = 0;
          fold = at;
        }
        foldSum += valueAt(A, i) * valueAt(byColumn, j);
      }
      if (!met) continue;
      out.columns.push(column);
      out.values.push(sum + foldSum);
    }
    return out;
  };
}
