// A sparse product while it runs on its machine: brings elements in step by step, lets partial results wait and merges
// them, and keeps the books of cycles by cause. Dataflows differ in the order in which they ask for this.

import { cacheState } from "../../component/memory/banked-cache.ts";
import { partialSumState } from "../../component/memory/partial-sum-store.ts";
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
   * `stepped` is told the cycles and the elements of each step.
   */
  readonly streamRows: (
    rowOf: Uint32Array,
    from: number,
    to: number,
    stepped?: (cycles: number, elements: number) => void,
  ) => void;
  /**
   * Brings in consecutive entries of B in one step, with the partial sum that lies at place `sum` of C when the cache
   * carries those and it is not negative; the cycles.
   */
  readonly streamRange: (first: number, elements: number, sum: number) => number;
  /** Elements leave the root for so many cycles. */
  readonly emit: (cycles: number) => void;
  /** A fibre of partial results of a row of C goes to their memory. */
  readonly writeSums: (row: number, elements: number) => void;
  /** Sums of a folded row go to wherever the machine carries them, and come back for its next fold. */
  readonly writeCarried: (row: number, elements: number) => void;
  readonly readCarried: (row: number, elements: number) => void;
  /** Merges what waits of a row, from a level of its spans on, until one fibre is left; its batch goes on. */
  readonly mergeRow: (row: number, spans: Spans, level: number) => void;
  /** Elements of C leave the chip. */
  readonly writeOutput: (elements: number) => void;
  /** Ends a batch: no batch is shorter than its transfers off chip. */
  readonly endBatch: () => void;
  readonly finish: () => ProductRun;
}

/** Starts a product of A and B, each compressed as the dataflow wants it; A's words lie before B's. */
export function execute(machine: ProductMachine, wordsOfA: number, B: SparseMatrix, watch?: ProductWatch): Execution {
  const { multipliers, distributionWidth, elementBytes, control, dramBytesPerCycle } = machine;
  const baseOfB = wordsOfA;
  const baseOfC = wordsOfA + B.column.length;
  const cache = cacheState(machine.cache, distributionWidth);
  const depth = Math.log2(multipliers);
  const sums = partialSumState(machine.sums);
  /** Where everything fits, where it lies does not matter. */
  const allFits = machine.sums.bytes === Infinity;
  const isCached = machine.carriedSums === "cache";
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
    carriedWords: 0,
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
  const served = (cause: "stationary" | "streaming", what: "A" | "B", took: number, misses: number): void => {
    spend(cause, cache.residentCycles);
    spend("misses", took - cache.residentCycles);
    move(what, misses * machine.cache.lineBytes);
  };
  /** Reads the oldest fibres of a row; what comes from off chip is moved. */
  const readSums = (row: number, fibres: number): void => {
    if (!allFits) move("partialSumsIn", sums.consume(row, fibres) * elementBytes);
  };

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
      const took = cache.stepRange(first, elements, -1);
      served("stationary", "A", took, cache.misses - before);
    },
    streamRows: (rowOf, from, to, stepped) => {
      let active = 0;
      for (let i = from; i < to; i++) {
        const k = rowOf[i] ?? 0;
        const first = B.rowStart[k] ?? 0;
        const last = B.rowStart[k + 1] ?? 0;
        if (first === last) continue;
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
        served("streaming", "B", took, cache.misses - before);
        counts.multiplications += elements;
        counts.executed += elements;
        counts.streamingWords += elements;
        stepped?.(took, elements);
      }
    },
    streamRange: (first, elements, sum) => {
      counts.streamingWords += elements;
      const carried = isCached && sum >= 0 ? baseOfC + sum : -1;
      if (elements === 0 && carried < 0) {
        // A column without entries is streamed as zeros, which cost no access.
        spend("streaming", 1);
        return 1;
      }
      const before = cache.misses;
      const took = cache.stepRange(baseOfB + first, elements, carried);
      served("streaming", "B", took, cache.misses - before - cache.extraMisses);
      if (carried >= 0) counts.carriedWords++;
      move("partialSumsIn", cache.extraMisses * machine.cache.lineBytes);
      return took;
    },
    emit: (spent) => {
      spend("merge", spent);
    },
    writeSums: (row, elements) => {
      counts.partialSumWrites += elements;
      if (allFits) return;
      const outside = sums.push(row, elements);
      counts.spilledWords += outside;
      move("partialSumsOut", outside * elementBytes);
    },
    writeCarried: (row, elements) => {
      if (!isCached) {
        self.writeSums(row, elements);
        return;
      }
      // Written through the cache, as results are.
      counts.partialSumWrites += elements;
      counts.spilledWords += elements;
      bytes.partialSumsOut += elements * elementBytes;
      if (machine.outputWrites === "timed") bytesMoved += elements * elementBytes;
    },
    readCarried: (row, elements) => {
      counts.partialSumReads += elements;
      if (!isCached) readSums(row, 1);
    },
    mergeRow: (row, { levels, levelStart, sizes, fibres, entering, cycles: leaving }, level) => {
      for (let l = level; l < levels; l++) {
        const isLast = l === levels - 1;
        for (let i = levelStart[l] ?? 0; i < (levelStart[l + 1] ?? Infinity) && i < sizes.length; i++) {
          const size = sizes[i] ?? 0;
          const elements = entering[i] ?? 0;
          readSums(row, fibres[i] ?? 0);
          counts.mergePasses++;
          counts.partialSumReads += elements;
          counts.treeElements += elements;
          counts.additions += elements - size;
          spend("control", depth + control.mergePass);
          // Partial results come to the leaves through the network, which brings first what the tree takes first.
          spend("merge", Math.max(leaving[i] ?? 0, Math.ceil(elements / distributionWidth)));
          // What the last pass gives leaves the chip meanwhile: the caller ends its batch.
          if (isLast) continue;
          self.writeSums(row, size);
          self.endBatch();
        }
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
