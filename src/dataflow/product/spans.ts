// What merging makes of the rows of B that runs of the entries of a row of A select: how many elements are left, and in
// how many cycles they leave the tree.

import { mergeDepth, steadyExactWhen, steadyMergeCycles } from "../../component/merge-tree/merge-tree.ts";
import type { MergeTree } from "../../component/merge-tree/merge-tree.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { timedMerges } from "./timed-merges.ts";

/**
 * Merges of one row by level: level l merges runs of as many entries as the tree has leaves to the power of l + 1, until
 * one run is the whole row. Index `levelStart[l]` on of the lists holds those of level l.
 */
export interface Spans {
  levels: number;
  readonly levelStart: number[];
  /** Elements of the union that each merge gives. */
  readonly sizes: number[];
  /** Fibres that enter it, and elements of all of them. */
  readonly fibres: number[];
  readonly entering: number[];
  /** Cycles in which they leave the root, once the levels of the tree are filled. */
  readonly cycles: number[];
}

/** A merge: its fibres are rows of B, or what merges of the level below have left. */
export interface MergeOfRun {
  /** Entries of A. */
  readonly from: number;
  readonly to: number;
  /** Merges of the level below in the lists of the row, or none for the first level. */
  readonly below: number;
  readonly endBelow: number;
  readonly isLast: boolean;
}

/** Measures merges in the order of their lists; a row starts with `below` at `endBelow` at 0. */
export interface Merges {
  merge(run: MergeOfRun): void;
  /** Of the last merge. */
  size: number;
  cycles: number;
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
  tree: MergeTree,
  visit: (row: number, spans: Spans) => void,
): void {
  const fan = tree.leaves;
  const counted = countedMerges(A, B, tree);
  const timed = steadyExactWhen(tree) ? counted : timedMerges(A, B, tree);
  const spans: Spans = { levels: 0, levelStart: [], sizes: [], fibres: [], entering: [], cycles: [] };
  const run = { from: 0, to: 0, below: 0, endBelow: 0, isLast: false };
  for (let row = 0; row < A.rows; row++) {
    const first = A.rowStart[row] ?? 0;
    const end = A.rowStart[row + 1] ?? 0;
    if (first === end) continue;
    spans.levels = 0;
    for (const list of [spans.sizes, spans.fibres, spans.entering, spans.cycles]) list.length = 0;
    const merges = steadyExactWhen(tree, end - first) ? counted : timed;
    for (let length = fan; ; length *= fan) {
      let below = spans.levels === 0 ? 0 : (spans.levelStart[spans.levels - 1] ?? 0);
      const endBelow = spans.sizes.length;
      spans.levelStart[spans.levels++] = endBelow;
      run.isLast = length >= end - first;
      for (let from = first; from < end; from += length) {
        run.from = from;
        run.to = Math.min(end, from + length);
        run.below = below;
        run.endBelow = Math.min(below + fan, endBelow);
        below = run.endBelow;
        merges.merge(run);
        spans.sizes.push(merges.size);
        spans.cycles.push(merges.cycles);
        spans.fibres.push(run.endBelow === 0 ? run.to - from : run.endBelow - run.below);
        spans.entering.push(enteringOf(run, A, B, spans.sizes));
      }
      if (run.isLast) break;
    }
    visit(row, spans);
  }
}

function enteringOf(
  { from, to, below, endBelow }: MergeOfRun,
  A: SparseMatrix,
  B: SparseMatrix,
  sizes: readonly number[],
): number {
  let entering = 0;
  for (let i = below; i < endBelow; i++) entering += sizes[i] ?? 0;
  if (endBelow > 0) return entering;
  for (let i = from; i < to; i++) {
    const k = A.column[i] ?? 0;
    entering += (B.rowStart[k + 1] ?? 0) - (B.rowStart[k] ?? 0);
  }
  return entering;
}

/** Where the time follows from the number of elements, those are counted. */
function countedMerges(A: SparseMatrix, B: SparseMatrix, tree: MergeTree): Merges {
  const seen = new Int32Array(B.columns);
  const depth = mergeDepth(tree);
  let stamp = 0;
  const self: Merges = {
    size: 0,
    cycles: 0,
    merge: ({ from, to }) => {
      stamp++;
      let size = 0;
      for (let i = from; i < to; i++) {
        const k = A.column[i] ?? 0;
        const last = B.rowStart[k + 1] ?? 0;
        for (let j = B.rowStart[k] ?? 0; j < last; j++) {
          const column = B.column[j] ?? 0;
          if (seen[column] !== stamp) {
            seen[column] = stamp;
            size++;
          }
        }
      }
      self.size = size;
      self.cycles = size === 0 ? 0 : steadyMergeCycles(tree, size) - depth;
    },
  };
  return self;
}
