// Merges of fibres by a tree with a wide root, whose time depends on where their elements lie: the fibres are merged.

import type { Fibres, MergeTree } from "../../component/merge-tree/merge-tree.ts";
import { mergeDepth } from "../../component/merge-tree/merge-tree.ts";
import { timedMerger } from "../../component/merge-tree/merge-tree-timed.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import type { Merges } from "./spans.ts";

/** Leaves get an element of their fibre a cycle. */
export function timedMerges(A: SparseMatrix, B: SparseMatrix, tree: MergeTree): Merges {
  const merger = timedMerger(tree);
  const depth = mergeDepth(tree);
  const starts = new Uint32Array(tree.leaves);
  const ends = new Uint32Array(tree.leaves);
  // Only a tree as wide as its leaves would take more than one a cycle from a leaf.
  const isArrivalTimed = tree.rootWidth >= tree.leaves;
  const ofB = { coordinates: B.column, available: isArrivalTimed ? placesInRows(B) : undefined };
  /** What the merges of a row have left that go on to the next level, one after the other. */
  const kept = { coordinates: new Uint32Array(0), available: isArrivalTimed ? new Int32Array(0) : undefined };
  const keptEnd: number[] = [];

  const keep = (coordinates: Uint32Array): void => {
    const start = keptEnd.at(-1) ?? 0;
    const end = start + coordinates.length;
    if (end > kept.coordinates.length) {
      const grown = new Uint32Array(2 ** Math.ceil(Math.log2(end)));
      grown.set(kept.coordinates.subarray(0, start));
      kept.coordinates = grown;
      if (kept.available !== undefined) {
        const places = new Int32Array(grown.length);
        places.set(kept.available.subarray(0, start));
        kept.available = places;
      }
    }
    kept.coordinates.set(coordinates, start);
    for (let i = start; kept.available !== undefined && i < end; i++) kept.available[i] = i - start;
    keptEnd.push(end);
  };

  const self: Merges = {
    size: 0,
    cycles: 0,
    merge: ({ from, to, below, endBelow, isLast }) => {
      let count = 0;
      if (endBelow === 0) {
        for (let i = from; i < to; i++) {
          const k = A.column[i] ?? 0;
          starts[count] = B.rowStart[k] ?? 0;
          ends[count++] = B.rowStart[k + 1] ?? 0;
        }
      } else {
        for (let i = below; i < endBelow; i++) {
          starts[count] = i === 0 ? 0 : (keptEnd[i - 1] ?? 0);
          ends[count++] = keptEnd[i] ?? 0;
        }
      }
      const { coordinates, available } = endBelow === 0 ? ofB : kept;
      const fibres: Fibres = { count, starts, ends, coordinates, available };
      const merged = merger(fibres);
      self.size = merged.count;
      self.cycles = Math.max(0, merged.cycles - depth);
      if (isLast) keptEnd.length = 0;
      else keep(merged.coordinates);
    },
  };
  return self;
}

/** For each entry the number of entries before it in its row. */
function placesInRows({ rows, rowStart, column }: SparseMatrix): Int32Array {
  const places = new Int32Array(column.length);
  for (let row = 0; row < rows; row++) {
    const first = rowStart[row] ?? 0;
    for (let i = first; i < (rowStart[row + 1] ?? 0); i++) places[i] = i - first;
  }
  return places;
}
