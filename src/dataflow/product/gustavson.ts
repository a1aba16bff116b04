// Gustavson's product, A resting: the rows of B that a row of A selects are brought to the multipliers whole, then
// scaled and merged into a row of C on their way through the tree.

import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { execute } from "./execution.ts";
import type { ProductMachine, ProductRun, ProductWatch } from "./product.ts";
import { forEachRowSpans } from "./spans.ts";

/**
 * A row of more entries than multipliers is worked in chunks, whose fibres wait in the memory for partial results until
 * the last is there and are merged then.
 */
export function gustavson(A: SparseMatrix, B: SparseMatrix, machine: ProductMachine, watch?: ProductWatch): ProductRun {
  const { multipliers, control } = machine;
  const run = execute(machine, A.column.length, B, watch);
  const { counts } = run;
  forEachRowSpans(A, B, machine.tree, (row, spans) => {
    const first = A.rowStart[row] ?? 0;
    const end = A.rowStart[row + 1] ?? 0;
    const chunks = Math.ceil((end - first) / multipliers);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const from = first + chunk * multipliers;
      const to = Math.min(end, from + multipliers);
      const union = spans.sizes[chunk] ?? 0;
      const before = counts.multiplications;
      counts.batches++;
      run.control(control.configure + control.exhausted + run.depth + control.gustavsonTail);
      run.loadStationary(from, to - from);
      run.streamRows(A.column, from, to);
      run.emit(spans.cycles[chunk] ?? 0);
      const products = counts.multiplications - before;
      counts.treeElements += products;
      counts.additions += products - union;
      if (chunks > 1) run.writeSums(row, union);
      else run.writeOutput(union);
      run.endBatch();
    }
    if (chunks > 1) {
      run.mergeRow(row, spans, 1);
      run.writeOutput(spans.sizes.at(-1) ?? 0);
      run.endBatch();
    }
  });
  return run.finish();
}
