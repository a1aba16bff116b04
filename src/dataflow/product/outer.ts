// The outer product, A resting: entries of A in the order of its columns meet the rows of B one element after the other,
// every product waits as part of its row of C, and when all are there each row is merged.

import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import { drainQueue } from "./drain.ts";
import { execute } from "./execution.ts";
import type { ProductMachine, ProductRun, ProductWatch } from "./product.ts";
import { forEachRowSpans, withoutEmptyFibres } from "./spans.ts";

export function outer(A: SparseMatrix, B: SparseMatrix, machine: ProductMachine, watch?: ProductWatch): ProductRun {
  const { multipliers, control } = machine;
  const run = execute(machine, A.column.length, B, watch);
  const { counts } = run;
  const byColumn = transpose({ rows: A.rows, columns: A.columns, rowStart: A.rowStart, column: A.column });
  const columnOf = columnsOf(byColumn);
  const entries = columnOf.length;
  const queue = drainQueue();
  for (let from = 0; from < entries; from += multipliers) {
    const to = Math.min(entries, from + multipliers);
    counts.batches++;
    run.control(control.configure + control.exhausted + control.outerTail);
    run.loadStationary(from, to - from);
    run.streamRows(columnOf, from, to, (cycles, elements) => {
      queue.pass(cycles);
      queue.arrive(elements);
    });
    run.control(queue.finish());
    for (let i = from; i < to; i++) {
      const k = columnOf[i] ?? 0;
      const products = (B.rowStart[k + 1] ?? 0) - (B.rowStart[k] ?? 0);
      if (products > 0) run.writeSums(byColumn.column[i] ?? 0, products);
    }
    run.endBatch();
  }
  const fibres = withoutEmptyFibres(A, B);
  let merged = 0;
  forEachRowSpans(fibres, B, machine.tree, (row, spans) => {
    merged++;
    run.mergeRow(row, spans, 0);
    run.writeOutput(spans.sizes.at(-1) ?? 0);
    run.endBatch();
  });
  // The controller looks at rows without any fibre too.
  run.control((A.rows - merged) * control.emptyRow);
  run.endBatch();
  return run.finish();
}

/** Column of each entry of a matrix, the entries in the order of columns. */
function columnsOf({ rows, rowStart, column }: SparseMatrix): Uint32Array {
  const columns = new Uint32Array(column.length);
  for (let k = 0; k < rows; k++) columns.fill(k, rowStart[k] ?? 0, rowStart[k + 1] ?? 0);
  return columns;
}
