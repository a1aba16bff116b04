// The inner product on dot-product engines with bitmaps: stationary entries are packed onto the multipliers whatever rows
// they belong to, those left out that no streaming entry meets, and every streaming column passes them.

import { transferCycles } from "../../component/memory/dram.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { rowOutputs } from "../../workload/sparse-product.ts";
import type { ProductRun } from "../product/product.ts";

/** Dot-product engines over a shared memory, as the dataflow sees them. */
export interface PackedMachine {
  /** Multipliers of all engines together. */
  readonly multipliers: number;
  /** Rows of B whose columns stream at a time: what a distribution network takes in. */
  readonly depth: number;
  /** Elements that reach the networks in a cycle. */
  readonly width: number;
  /** Bytes of a value of A, B and C in the memories, and of a sum on its way. */
  readonly valueBytes: number;
  readonly sumBytes: number;
  /** Bytes that the shared memory hands out in a cycle, and that it takes in beside that. */
  readonly memoryBytesPerCycle: number;
  /** Bytes of it for a tile of A and B, and for sums of C. */
  readonly operandBytes: number;
  readonly outputBytes: number;
  /** Whether sums and results take part in the widths of both memories, or take no time. */
  readonly outputWrites: "timed" | "untimed";
  /** Off-chip memory: bytes a cycle in both directions together, Infinity where it is not timed. */
  readonly dramBytesPerCycle: number;
  /** Cycles of a fold through networks and multipliers. */
  readonly fillCycles: number;
  /** Cycles until the first bytes of the first fold are there. */
  readonly dramLatency: number;
}

/**
 * K is cut into tiles of `depth`. In each, the entries of A whose row of B is not empty are packed row by row, as many as
 * there are multipliers make a fold. A fold is loaded at the width of memory and networks, then every column of B passes in a cycle,
 * or in as many as its entries that meet the fold take to come, or the sums that meet any to leave. Sums stay in the
 * memory until the last tile, those of the first rows of C as far as they fit; the others go off chip and come back in
 * every fold that adds to them. Tiles of A and B with their bitmaps are fetched once, B again for each fold where the
 * tile does not fit. A fold takes as long as its cycles or its transfers, whichever is more; C leaves at the end.
 */
export function packedInner(A: SparseMatrix, B: SparseMatrix, machine: PackedMachine): ProductRun {
  const { multipliers, depth, width, valueBytes, sumBytes, memoryBytesPerCycle, dramBytesPerCycle, fillCycles } =
    machine;
  const timesOutputs = machine.outputWrites === "timed";
  /** Cycles in which so many elements come through the memory and to the networks, while sums leave. */
  const cyclesOf = (elements: number, sums: number): number =>
    Math.max(
      Math.ceil(elements / width),
      transferCycles(elements * valueBytes, memoryBytesPerCycle),
      timesOutputs ? transferCycles(sums * sumBytes, memoryBytesPerCycle) : 0,
    );
  const outputs = rowOutputs(A, B);
  const residentRows = rowsWithin(outputs, machine.outputBytes / sumBytes);
  const { entryOf, rowOf, start } = entriesByTile(A, depth);
  const tiles = start.length - 1;

  const counts = { multiplications: 0, mapped: 0, streamed: 0, touched: 0, spilled: 0, folds: 0, outputs: 0 };
  const dram = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const spent = { load: 0, stream: 0, fill: 0, bandwidth: 0, drain: 0 };
  /** Bytes that wait for the next fold to hide them. */
  let bytes = 0;
  const fetch = (operand: "A" | "B", moved: number): void => {
    dram[operand] += moved;
    bytes += moved;
  };

  // Of the fold at hand, by column of B: entries that come, sums that leave, and the last row and fold that touched it.
  const coming = new Uint32Array(B.columns);
  const leaving = new Uint32Array(B.columns);
  const lastRow = new Float64Array(B.columns);
  const touched = new Uint32Array(B.columns);
  const lastFoldOf = new Float64Array(B.rows);
  let stamp = 0;

  /** Streams B past the entries from `from` to before `to`; the cycles. */
  const stream = (from: number, to: number): number => {
    let columns = 0;
    let row = -1;
    for (let i = from; i < to; i++) {
      if (rowOf[i] !== row) {
        row = rowOf[i] ?? 0;
        stamp++;
      }
      const k = A.column[entryOf[i] ?? 0] ?? 0;
      const isNew = lastFoldOf[k] !== counts.folds;
      lastFoldOf[k] = counts.folds;
      const end = B.rowStart[k + 1] ?? 0;
      const first = B.rowStart[k] ?? 0;
      counts.multiplications += end - first;
      if (isNew) counts.streamed += end - first;
      for (let j = first; j < end; j++) {
        const n = B.column[j] ?? 0;
        if (leaving[n] === 0) touched[columns++] = n;
        if (isNew) coming[n] = (coming[n] ?? 0) + 1;
        if (lastRow[n] === stamp) continue;
        lastRow[n] = stamp;
        leaving[n] = (leaving[n] ?? 0) + 1;
        counts.touched++;
        if (row < residentRows) continue;
        counts.spilled++;
        if (timesOutputs) bytes += 2 * sumBytes;
      }
    }
    let cycles = B.columns;
    for (let c = 0; c < columns; c++) {
      const n = touched[c] ?? 0;
      cycles += Math.max(1, cyclesOf(coming[n] ?? 0, leaving[n] ?? 0)) - 1;
      coming[n] = 0;
      leaving[n] = 0;
    }
    return cycles;
  };

  for (let tile = 0; tile < tiles; tile++) {
    const rows = Math.min(depth, A.columns - tile * depth);
    const entriesOfB = (B.rowStart[tile * depth + rows] ?? 0) - (B.rowStart[tile * depth] ?? 0);
    const entriesOfA = (start[tile + 1] ?? 0) - (start[tile] ?? 0);
    const tileOfB = entriesOfB * valueBytes + bitmapBytes(rows * B.columns);
    const tileOfA = entriesOfA * valueBytes + bitmapBytes(A.rows * rows);
    fetch("A", tileOfA);
    fetch("B", tileOfB);
    const mapped = mappedEntries(A, B, entryOf, rowOf, start, tile);
    const first = start[tile] ?? 0;
    for (let from = first; from < first + mapped; from += multipliers) {
      const to = Math.min(first + mapped, from + multipliers);
      if (from > first && tileOfA + tileOfB > machine.operandBytes) fetch("B", tileOfB);
      counts.folds++;
      counts.mapped += to - from;
      const load = cyclesOf(to - from, 0);
      const streaming = stream(from, to);
      spent.load += load;
      spent.stream += streaming;
      spent.fill += fillCycles + (counts.folds === 1 ? machine.dramLatency : 0);
      spent.bandwidth += Math.max(0, transferCycles(bytes, dramBytesPerCycle) - load - streaming - fillCycles);
      bytes = 0;
    }
  }
  for (let row = 0; row < A.rows; row++) counts.outputs += outputs[row] ?? 0;
  dram.partialSumsOut = counts.spilled * sumBytes;
  dram.partialSumsIn = counts.spilled * sumBytes;
  dram.C = counts.outputs * valueBytes + bitmapBytes(A.rows * B.columns);
  spent.drain = transferCycles(bytes + (timesOutputs ? dram.C : 0), dramBytesPerCycle);

  const useful = counts.multiplications / multipliers;
  const stack = {
    useful,
    "stationary load": spent.load,
    // A column takes a cycle at least and meets each multiplier once, so that this is never negative.
    streaming: spent.stream - useful,
    fill: spent.fill,
    bandwidth: spent.bandwidth,
    drain: spent.drain,
  };
  return {
    cycles: spent.load + spent.stream + spent.fill + spent.bandwidth + spent.drain,
    stack: Object.fromEntries(Object.entries(stack).filter(([, value]) => value !== 0)),
    counts: {
      multiplications: counts.multiplications,
      executed: counts.multiplications,
      additions: counts.multiplications - counts.outputs,
      treeElements: counts.multiplications,
      stationaryWords: counts.mapped,
      streamingWords: counts.streamed,
      cacheHits: 0,
      cacheMisses: 0,
      cacheAccesses: 0,
      partialSumWrites: counts.touched,
      // A sum is read before it is added to, but for its first time.
      partialSumReads: counts.touched - counts.outputs,
      spilledWords: counts.spilled,
      carriedWords: 0,
      outputWords: counts.outputs,
      batches: counts.folds,
      mergePasses: 0,
    },
    dram,
  };
}

const bitmapBytes = (places: number): number => Math.ceil(places / 8);

/** Rows of C, from the first, whose entries together are no more than `words`. */
function rowsWithin(outputs: Uint32Array, words: number): number {
  let sum = 0;
  let row = 0;
  for (; row < outputs.length; row++) {
    sum += outputs[row] ?? 0;
    if (sum > words) break;
  }
  return row;
}

interface TiledEntries {
  /** Entries of A by tile of K, in each row by row, and the row of each. */
  readonly entryOf: Uint32Array;
  readonly rowOf: Uint32Array;
  /** Where the entries of each tile begin; tiles + 1 numbers. */
  readonly start: Uint32Array;
}

function entriesByTile(A: SparseMatrix, depth: number): TiledEntries {
  const tiles = Math.ceil(A.columns / depth);
  const entries = A.column.length;
  const start = new Uint32Array(tiles + 1);
  for (let i = 0; i < entries; i++) {
    const after = Math.floor((A.column[i] ?? 0) / depth) + 1;
    start[after] = (start[after] ?? 0) + 1;
  }
  for (let tile = 0; tile < tiles; tile++) start[tile + 1] = (start[tile] ?? 0) + (start[tile + 1] ?? 0);
  const next = start.slice();
  const entryOf = new Uint32Array(entries);
  const rowOf = new Uint32Array(entries);
  for (let row = 0; row < A.rows; row++) {
    for (let i = A.rowStart[row] ?? 0; i < (A.rowStart[row + 1] ?? 0); i++) {
      const tile = Math.floor((A.column[i] ?? 0) / depth);
      const at = next[tile] ?? 0;
      next[tile] = at + 1;
      entryOf[at] = i;
      rowOf[at] = row;
    }
  }
  return { entryOf, rowOf, start };
}

/** Moves the entries of a tile whose row of B has any to its front, in their order; how many those are. */
function mappedEntries(
  A: SparseMatrix,
  B: SparseMatrix,
  entryOf: Uint32Array,
  rowOf: Uint32Array,
  start: Uint32Array,
  tile: number,
): number {
  const first = start[tile] ?? 0;
  let kept = first;
  for (let i = first; i < (start[tile + 1] ?? 0); i++) {
    const entry = entryOf[i] ?? 0;
    const k = A.column[entry] ?? 0;
    if (B.rowStart[k] === B.rowStart[k + 1]) continue;
    entryOf[kept] = entry;
    rowOf[kept++] = rowOf[i] ?? 0;
  }
  return kept - first;
}
