// A sparse product while it runs on its machine: brings elements in step by step, lets partial results wait and merges
// them, and keeps the books of cycles by cause. Dataflows differ in the order in which they ask for this.

import { cacheState } from "../../component/banked-cache.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import type { ProductCounts, ProductMachine, ProductRun, ProductWatch } from "./product.ts";
import type { Spans } from "./spans.ts";

export interface Execution {
  readonly counts: ProductCounts;
  /** Levels of the tree, which every element passes one a cycle. */
  readonly depth: number;
  /** Cycles of the controller and of pipelines. */
  readonly control: (cycles: number) => void;
  /** Brings in consecutive entries of A. */
  readonly loadStationary: (first: number, elements: number) => void;
  /**
   * Brings in the rows of B that `rowOf` names from index `from` to before `to`, one element of each in every step.
   * `stepped` is told the cycles and the elements of each step. The length of the longest row.
   */
  readonly streamRows: (
    rowOf: Uint32Array,
    from: number,
    to: number,
    stepped?: (cycles: number, elements: number) => void,
  ) => number;
  /** Brings in consecutive entries of B in one step, with a partial sum when `sum` is a place of C; the cycles. */
  readonly streamRange: (first: number, elements: number, sum: number) => number;
  /** Elements leave the root: `elements` of them, of fibres of at most `longest`. */
  readonly emit: (elements: number, longest: number) => void;
  /** Partial results of a row of C go to their memory, and come back from it all at once. */
  readonly writeSums: (row: number, elements: number) => void;
  readonly readSums: (row: number) => void;
  /** Merges what waits of a row, from a level of its spans on, until one fibre is left; its batch goes on. */
  readonly mergeRow: (row: number, spans: Spans, level: number) => void;
  /** Elements of C leave the chip. */
  readonly writeOutput: (elements: number) => void;
  /** Ends a batch: no batch is shorter than its transfers off chip. */
  readonly endBatch: () => void;
  readonly finish: () => ProductRun;
}

/** Starts a product of A and B, each compressed as the dataflow wants it; A's words lie before B's. */
export function execute(
  machine: ProductMachine,
  wordsOfA: number,
  B: SparseMatrix,
  rowsOfC: number,
  watch?: ProductWatch,
): Execution {
  const { multipliers, mergeWidth, distributionWidth, elementBytes, control, dramBytesPerCycle } = machine;
  const baseOfB = wordsOfA;
  const baseOfC = wordsOfA + B.column.length;
  const cache = cacheState(machine.cache, distributionWidth);
  const depth = Math.log2(multipliers);
  const capacity = Math.floor(machine.partialSumBytes / elementBytes);
  const counts: ProductCounts = {
    multiplications: 0,
    executed: 0,
    additions: 0,
    treeElements: 0,
    stationaryWords: 0,
    streamingWords: 0,
    cacheHits: 0,
    cacheMisses: 0,
    cacheAccesses: 0,
    partialSumWrites: 0,
    partialSumReads: 0,
    spilledWords: 0,
    outputWords: 0,
    batches: 0,
    mergePasses: 0,
  };
  const total = { stationary: 0, streaming: 0, misses: 0, merge: 0, control: 0, bandwidth: 0 };
  const bytes = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const books = { cycles: total, counts, cache, dram: bytes };
  /** Of the batch at hand. */
  let cycles = 0;
  let bytesMoved = 0;
  const spend = (cause: keyof typeof total, spent: number): void => {
    total[cause] += spent;
    cycles += spent;
  };
  const move = (what: keyof typeof bytes, moved: number): void => {
    bytes[what] += moved;
    bytesMoved += moved;
  };
  const served = (cause: "stationary" | "streaming", what: "A" | "B", took: number, missesBefore: number): void => {
    spend(cause, cache.residentCycles);
    spend("misses", took - cache.residentCycles);
    move(what, (cache.misses - missesBefore) * machine.cache.lineBytes);
  };

  /** Elements of each row of C that wait on chip, and those that did not fit. */
  const onChip = new Float64Array(rowsOfC);
  const spilled = new Float64Array(rowsOfC);
  let occupied = 0;

  const next = new Int32Array(multipliers);
  const end = new Int32Array(multipliers);
  const addresses = new Int32Array(multipliers);

  const self: Execution = {
    counts,
    depth,
    control: (spent) => {
      spend("control", spent);
    },
    loadStationary: (first, elements) => {
      counts.stationaryWords += elements;
      if (machine.stationary === "fifo") {
        // Filled ahead from the off-chip memory, it hands over as many a cycle as the network takes.
        spend("stationary", Math.max(1, Math.ceil(elements / distributionWidth)));
        move("A", elements * elementBytes);
        return;
      }
      const before = cache.misses;
      served("stationary", "A", cache.stepRange(first, elements, -1), before);
    },
    streamRows: (rowOf, from, to, stepped) => {
      let active = 0;
      let longest = 0;
      for (let i = from; i < to; i++) {
        const k = rowOf[i] ?? 0;
        const first = B.rowStart[k] ?? 0;
        const last = B.rowStart[k + 1] ?? 0;
        if (first === last) continue;
        if (last - first > longest) longest = last - first;
        next[active] = baseOfB + first;
        end[active++] = baseOfB + last;
      }
      while (active > 0) {
        const elements = active;
        active = 0;
        for (let i = 0; i < elements; i++) {
          const address = next[i] ?? 0;
          const last = end[i] ?? 0;
          addresses[i] = address;
          if (address + 1 === last) continue;
          next[active] = address + 1;
          end[active++] = last;
        }
        const before = cache.misses;
        const took = cache.step(addresses, elements);
        served("streaming", "B", took, before);
        counts.multiplications += elements;
        counts.executed += elements;
        counts.streamingWords += elements;
        stepped?.(took, elements);
      }
      return longest;
    },
    streamRange: (first, elements, sum) => {
      counts.streamingWords += elements;
      if (elements === 0 && sum < 0) {
        // A column without entries is streamed as zeros, which cost no access.
        spend("streaming", 1);
        return 1;
      }
      const before = cache.misses;
      const took = cache.stepRange(baseOfB + first, elements, sum < 0 ? -1 : baseOfC + sum);
      served("streaming", "B", took, before);
      return took;
    },
    emit: (elements, longest) => {
      spend("merge", Math.max(Math.ceil(elements / mergeWidth), longest));
    },
    writeSums: (row, elements) => {
      const fits = Math.min(elements, capacity - occupied);
      onChip[row] = (onChip[row] ?? 0) + fits;
      spilled[row] = (spilled[row] ?? 0) + elements - fits;
      occupied += fits;
      counts.partialSumWrites += elements;
      counts.spilledWords += elements - fits;
      move("partialSumsOut", (elements - fits) * elementBytes);
    },
    readSums: (row) => {
      const here = onChip[row] ?? 0;
      const away = spilled[row] ?? 0;
      occupied -= here;
      onChip[row] = 0;
      spilled[row] = 0;
      counts.partialSumReads += here + away;
      move("partialSumsIn", away * elementBytes);
    },
    mergeRow: (row, { levels, levelStart, sizes, entering, longest }, level) => {
      for (let l = level; l < levels; l++) {
        const isLast = l === levels - 1;
        const before = counts.partialSumReads;
        self.readSums(row);
        counts.treeElements += counts.partialSumReads - before;
        let merged = 0;
        for (let i = levelStart[l] ?? 0; i < (levelStart[l + 1] ?? Infinity) && i < sizes.length; i++) {
          const size = sizes[i] ?? 0;
          counts.mergePasses++;
          spend("control", depth + control.mergePass);
          // Partial results come to the leaves through the network, one of each fibre a cycle.
          const brought = Math.ceil((entering[i] ?? 0) / distributionWidth);
          spend("merge", Math.max(Math.ceil(size / mergeWidth), brought, longest[i] ?? 0));
          merged += size;
          // What the last pass gives leaves the chip meanwhile: the caller ends its batch.
          if (isLast) continue;
          self.writeSums(row, size);
          self.endBatch();
        }
        counts.additions += counts.partialSumReads - before - merged;
      }
    },
    writeOutput: (elements) => {
      counts.outputWords += elements;
      bytes.C += elements * elementBytes;
      if (machine.outputWrites === "timed") bytesMoved += elements * elementBytes;
    },
    endBatch: () => {
      if (dramBytesPerCycle !== Infinity) {
        total.bandwidth += Math.max(0, Math.ceil(bytesMoved / dramBytesPerCycle) - cycles);
      }
      cycles = 0;
      bytesMoved = 0;
      watch?.(books);
    },
    finish: () => {
      counts.cacheHits = cache.hits;
      counts.cacheMisses = cache.misses;
      counts.cacheAccesses = cache.accesses;
      const useful = counts.multiplications / multipliers;
      const stack = {
        useful,
        "stationary load": total.stationary,
        // A step brings at most one element to each multiplier, so that this is never negative.
        streaming: total.streaming - useful,
        "cache misses": total.misses,
        merge: total.merge,
        control: total.control,
        bandwidth: total.bandwidth,
      };
      let sum = 0;
      for (const spent of Object.values(total)) sum += spent;
      return {
        cycles: sum,
        stack: Object.fromEntries(Object.entries(stack).filter(([, spent]) => spent !== 0)),
        counts,
        dram: bytes,
      };
    },
  };
  return self;
}
