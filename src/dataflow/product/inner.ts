// The inner product, A resting: whole rows of A are packed onto the multipliers, and every column of B streams past
// them; a row of more entries than multipliers is folded, its partial sums going round through a memory.

import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import { countProduct } from "../../workload/sparse-product.ts";
import { drainQueue } from "./drain.ts";
import { execute } from "./execution.ts";
import type { ProductMachine, ProductRun, ProductWatch } from "./product.ts";

/** Addresses of C repeat after so many words: by then others have driven out what the cache held of the first. */
const placesOfC = 2 ** 28;

export function inner(A: SparseMatrix, B: SparseMatrix, machine: ProductMachine, watch?: ProductWatch): ProductRun {
  const { multipliers, control } = machine;
  const byColumn = transpose({ rows: B.rows, columns: B.columns, rowStart: B.rowStart, column: B.column });
  const run = execute(machine, A.column.length, byColumn, watch);
  const { counts } = run;
  const queue = drainQueue();
  /** Where each column of B goes on: the entries before belong to earlier folds of a row. */
  const position = new Uint32Array(B.columns);

  /** Streams B past the entries of A from `from` to before `to`, of `rows` rows with at most `longest` entries. */
  const iterate = (from: number, to: number, rows: number, longest: number, fold: Fold | undefined): void => {
    counts.batches++;
    counts.executed += (to - from) * B.columns;
    run.control(control.configure + control.innerTail + Math.ceil(Math.log2(longest)));
    run.loadStationary(from, to - from);
    for (let column = 0; column < B.columns; column++) {
      let first = byColumn.rowStart[column] ?? 0;
      let last = byColumn.rowStart[column + 1] ?? 0;
      if (fold !== undefined) {
        first = fold.isFirst ? first : (position[column] ?? 0);
        if (!fold.isLast) last = lowerBound(byColumn.column, first, last, fold.end);
        position[column] = last;
      }
      const sum = fold === undefined || fold.isFirst ? -1 : (fold.row * B.columns + column) % placesOfC;
      queue.pass(run.streamRange(first, last - first, sum));
      queue.arrive(rows);
    }
    run.control(queue.finish());
    if (fold !== undefined && !fold.isLast) run.writeCarried(fold.row, B.columns);
    else run.writeOutput(rows * B.columns);
    run.endBatch();
  };

  let row = 0;
  while (row < A.rows) {
    const first = A.rowStart[row] ?? 0;
    let end = row;
    let longest = 0;
    // Rows without entries rest nowhere and give no sums.
    let resting = 0;
    while (end < A.rows && (A.rowStart[end + 1] ?? 0) - first <= multipliers) {
      const length = (A.rowStart[end + 1] ?? 0) - (A.rowStart[end] ?? 0);
      longest = Math.max(longest, length);
      if (length > 0) resting++;
      end++;
    }
    if (end > row) {
      const last = A.rowStart[end] ?? 0;
      if (last > first) iterate(first, last, resting, longest, undefined);
      row = end;
      continue;
    }
    const last = A.rowStart[row + 1] ?? 0;
    for (let from = first; from < last;) {
      const isFirst = from === first;
      // One multiplier of every later fold carries the partial sum.
      const to = Math.min(last, from + multipliers - (isFirst ? 0 : 1));
      const isLast = to === last;
      if (!isFirst) run.readCarried(row, B.columns);
      const fold = { row, isFirst, isLast, end: isLast ? A.columns : (A.column[to - 1] ?? 0) + 1 };
      iterate(from, to, 1, to - from + (isFirst ? 0 : 1), fold);
      from = to;
    }
    row++;
  }
  const { multiplications, additions } = countProduct(A, B);
  counts.multiplications = multiplications;
  counts.additions = additions;
  counts.treeElements = counts.executed;
  return run.finish();
}

interface Fold {
  readonly row: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Entries of B below this row belong to this fold, when it is not the last. */
  readonly end: number;
}

/** First index from `low` on whose entry is not below `bound`. */
function lowerBound(sorted: Uint32Array, low: number, high: number, bound: number): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? 0) < bound) from = middle + 1;
    else to = middle;
  }
  return from;
}
