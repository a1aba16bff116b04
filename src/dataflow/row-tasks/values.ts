// The values of a product whose rows are trees of tasks, in the order in which the tasks form them.

import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import type { ResultRow } from "../product/product-values.ts";
import type { Task } from "./task-tree.ts";
import { taskTree } from "./task-tree.ts";

/** A row of C = A B: elements of a place are added in the order of the inputs of their task (assumed). */
export function rowOfTasks(A: SparseMatrix, B: SparseMatrix, radix: number, row: number): ResultRow {
  const first = A.rowStart[row] ?? 0;
  const end = A.rowStart[row + 1] ?? 0;
  if (first === end) return { columns: [], values: [] };
  return resultOf(taskTree(first, end, radix), A, B);
}

function resultOf({ bounds, children }: Task, A: SparseMatrix, B: SparseMatrix): ResultRow {
  const sums = new Map<number, number>();
  const add = (column: number, value: number): void => {
    const before = sums.get(column);
    sums.set(column, before === undefined ? value : before + value);
  };
  let child = 0;
  for (let i = 0; i + 1 < bounds.length; i++) {
    const entry = bounds[i] ?? 0;
    const task = (bounds[i + 1] ?? 0) - entry > 1 ? children[child++] : undefined;
    if (task !== undefined) {
      const { columns, values } = resultOf(task, A, B);
      for (const [at, column] of columns.entries()) add(column, values[at] ?? 0);
      continue;
    }
    const k = A.column[entry] ?? 0;
    const scale = A.value?.[entry] ?? 1;
    for (let j = B.rowStart[k] ?? 0; j < (B.rowStart[k + 1] ?? 0); j++) {
      add(B.column[j] ?? 0, scale * (B.value?.[j] ?? 1));
    }
  }
  const columns = [...sums.keys()].toSorted((a, b) => a - b);
  return { columns, values: columns.map((column) => sums.get(column) ?? 0) };
}
