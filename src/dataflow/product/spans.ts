// How large merged fibres are: for each row of A, the number of different columns in the rows of B that runs of its
// entries select. Merging in the array depends on these sizes alone.

import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";

/**
 * Merges of one row by level: level l merges runs of `fan` to the power of l + 1 entries each, until one run is the
 * whole row. Index `levelStart[l]` on of the lists holds those of level l.
 */
export interface Spans {
  levels: number;
  readonly levelStart: number[];
  /** Elements of the union that each merge gives. */
  readonly sizes: number[];
  /** Elements of all fibres that enter it, and of the longest of them. */
  readonly entering: number[];
  readonly longest: number[];
}

/** The entries of A whose row of B is empty take part in no merge: A without them, when there are any. */
export function withoutEmptyFibres(A: SparseMatrix, B: SparseMatrix): SparseMatrix {
  const isEmpty = (k: number): boolean => B.rowStart[k] === B.rowStart[k + 1];
  const rowStart = new Uint32Array(A.rows + 1);
  const column = new Uint32Array(A.column.length);
  let kept = 0;
  for (let row = 0; row < A.rows; row++) {
    for (let i = A.rowStart[row] ?? 0; i < (A.rowStart[row + 1] ?? 0); i++) {
      const k = A.column[i] ?? 0;
      if (!isEmpty(k)) column[kept++] = k;
    }
    rowStart[row + 1] = kept;
  }
  return { rows: A.rows, columns: A.columns, rowStart, column: column.subarray(0, kept) };
}

/** Calls `visit` for each row of A that has entries, in order; `spans` is used again for the next. */
export function forEachRowSpans(
  A: SparseMatrix,
  B: SparseMatrix,
  fan: number,
  visit: (row: number, spans: Spans) => void,
): void {
  const seen = new Int32Array(B.columns);
  let stamp = 0;
  const spans: Spans = { levels: 0, levelStart: [], sizes: [], entering: [], longest: [] };
  for (let row = 0; row < A.rows; row++) {
    const first = A.rowStart[row] ?? 0;
    const end = A.rowStart[row + 1] ?? 0;
    if (first === end) continue;
    spans.levels = 0;
    for (const list of [spans.sizes, spans.entering, spans.longest]) list.length = 0;
    for (let run = fan; ; run *= fan) {
      let below = spans.levels === 0 ? -1 : (spans.levelStart[spans.levels - 1] ?? 0);
      spans.levelStart[spans.levels++] = spans.sizes.length;
      const endBelow = spans.sizes.length;
      for (let from = first; from < end; from += run) {
        stamp++;
        let size = 0;
        let entering = 0;
        let longest = 0;
        const to = Math.min(end, from + run);
        for (let i = from; i < to; i++) {
          const k = A.column[i] ?? 0;
          const start = B.rowStart[k] ?? 0;
          const last = B.rowStart[k + 1] ?? 0;
          entering += last - start;
          if (last - start > longest) longest = last - start;
          for (let j = start; j < last; j++) {
            const column = B.column[j] ?? 0;
            if (seen[column] !== stamp) {
              seen[column] = stamp;
              size++;
            }
          }
        }
        if (below >= 0) {
          // What enters are the unions of the level below.
          [entering, longest] = [0, 0];
          for (const endOfRun = Math.min(below + fan, endBelow); below < endOfRun; below++) {
            entering += spans.sizes[below] ?? 0;
            longest = Math.max(longest, spans.sizes[below] ?? 0);
          }
        }
        spans.sizes.push(size);
        spans.entering.push(entering);
        spans.longest.push(longest);
      }
      if (run >= end - first) break;
    }
    visit(row, spans);
  }
}
