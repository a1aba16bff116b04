// The outer product with a condensed left matrix: its entries moved to the left, so that column j holds the j-th entry of
// every row and there are few columns; each column's products are merged at once with those of others.

import { transferCycles } from "../../component/memory/dram.ts";
import type { LookAheadBuffer } from "../../component/memory/look-ahead-buffer.ts";
import { lookAheadState } from "../../component/memory/look-ahead-buffer.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import type { ProductRun } from "../product/product.ts";
import type { MergeRound } from "./huffman-plan.ts";
import { huffmanMergePlan } from "./huffman-plan.ts";

/** Multipliers under a wide merge tree, as the dataflow sees them. */
export interface CondensedMachine {
  readonly multipliers: number;
  /** Matrices that the tree merges at a time, and elements that each of its levels passes in a cycle. */
  readonly ways: number;
  readonly mergeWidth: number;
  readonly buffer: LookAheadBuffer;
  /** Bytes of an element of A, B and C, and of a partial matrix, which keeps its row beside its column. */
  readonly elementBytes: number;
  readonly partialBytes: number;
  /** Off-chip memory: bytes a cycle in both directions together, Infinity where it is not timed. */
  readonly dramBytesPerCycle: number;
  /** Cycles until a round's first result: memory, multipliers, levels. */
  readonly fillCycles: number;
}

/**
 * Rounds of a Huffman plan over the condensed columns, weighed by their products. In a round the products of its
 * columns and the partial matrices of earlier rounds go through the tree together, in the order of rows; all columns of
 * a row ask for their rows of B before the next row does, the leftmost first. The last round gives C, every other one a
 * partial matrix that goes off chip and comes back once. A round takes as long as the slowest of multipliers, the tree's
 * lowest level and the off-chip channel, whose order is never what holds them up: a bound that is reached with queues
 * deep enough.
 */
export function condensedOuter(A: SparseMatrix, B: SparseMatrix, machine: CondensedMachine): ProductRun {
  const { multipliers, ways, mergeWidth, elementBytes, partialBytes, dramBytesPerCycle, fillCycles } = machine;
  const weights = columnWeights(A, B);
  const plan = huffmanMergePlan(weights, ways);
  const { requests, ends } = requestsOf(A, plan, weights.length);
  const buffer = lookAheadState(machine.buffer, requests, B.rowStart);
  const sizeOf = unionCounter(A, B);
  /** Condensed columns below each result, and its elements. */
  const columnsOf: number[][] = [];
  const sizes: number[] = [];

  const counts = { multiplications: 0, additions: 0, treeElements: 0, partialReads: 0, partialWrites: 0, outputs: 0 };
  const dram = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const spent = { compute: 0, bandwidth: 0, fill: 0 };
  let request = 0;
  for (const [number, round] of plan.entries()) {
    const columns: number[] = [];
    let products = 0;
    let partials = 0;
    for (const input of round) {
      const result = input - weights.length;
      if (result < 0) {
        products += weights[input] ?? 0;
        columns.push(input);
      } else {
        partials += sizes[result] ?? 0;
        columns.push(...(columnsOf[result] ?? []));
      }
    }
    let fetched = 0;
    const firstRequest = request;
    for (; request < (ends[number] ?? 0); request++) fetched += buffer.next();
    columns.sort((a, b) => a - b);
    const size = sizeOf(columns);
    columnsOf.push(columns);
    sizes.push(size);
    const isLast = number === plan.length - 1;
    const moved = {
      A: (request - firstRequest) * elementBytes,
      B: fetched * elementBytes,
      partialSumsIn: partials * partialBytes,
      partialSumsOut: isLast ? 0 : size * partialBytes,
      C: isLast ? size * elementBytes : 0,
    };
    let bytes = 0;
    for (const operand of ["A", "B", "partialSumsIn", "partialSumsOut", "C"] as const) {
      dram[operand] += moved[operand];
      bytes += moved[operand];
    }
    counts.multiplications += products;
    counts.treeElements += products + partials;
    counts.additions += products + partials - size;
    counts.partialReads += partials;
    if (isLast) counts.outputs += size;
    else counts.partialWrites += size;
    const compute = Math.max(Math.ceil(products / multipliers), Math.ceil((products + partials) / mergeWidth));
    spent.compute += compute;
    spent.bandwidth += Math.max(0, transferCycles(bytes, dramBytesPerCycle) - compute);
    spent.fill += fillCycles;
  }
  const useful = counts.multiplications / multipliers;
  const stack = { useful, merge: spent.compute - useful, bandwidth: spent.bandwidth, fill: spent.fill };
  return {
    cycles: spent.compute + spent.bandwidth + spent.fill,
    stack: Object.fromEntries(Object.entries(stack).filter(([, value]) => value !== 0)),
    counts: {
      multiplications: counts.multiplications,
      executed: counts.multiplications,
      additions: counts.additions,
      treeElements: counts.treeElements,
      stationaryWords: A.column.length,
      streamingWords: counts.multiplications,
      cacheHits: buffer.hits,
      cacheMisses: buffer.misses,
      cacheAccesses: buffer.hits + buffer.misses,
      partialSumWrites: counts.partialWrites,
      partialSumReads: counts.partialReads,
      spilledWords: counts.partialWrites,
      carriedWords: 0,
      outputWords: counts.outputs,
      batches: weights.length,
      mergePasses: plan.length,
    },
    dram,
  };
}

/** Products of each condensed column, which are as many as the longest row of A has entries. */
export function columnWeights(A: SparseMatrix, B: SparseMatrix): Float64Array {
  let longest = 0;
  for (let row = 0; row < A.rows; row++) {
    longest = Math.max(longest, (A.rowStart[row + 1] ?? 0) - (A.rowStart[row] ?? 0));
  }
  const weights = new Float64Array(longest);
  for (let row = 0; row < A.rows; row++) {
    const first = A.rowStart[row] ?? 0;
    for (let i = first; i < (A.rowStart[row + 1] ?? 0); i++) {
      const k = A.column[i] ?? 0;
      weights[i - first] = (weights[i - first] ?? 0) + (B.rowStart[k + 1] ?? 0) - (B.rowStart[k] ?? 0);
    }
  }
  return weights;
}

/** Rows of B in the order in which the rounds ask for them, and where the requests of each round end. */
function requestsOf(
  A: SparseMatrix,
  plan: readonly MergeRound[],
  columns: number,
): { readonly requests: Uint32Array; readonly ends: readonly number[] } {
  const requests = new Uint32Array(A.column.length);
  const ends: number[] = [];
  let count = 0;
  for (const round of plan) {
    const own = round.filter((input) => input < columns).toSorted((a, b) => a - b);
    for (let row = 0; row < A.rows && own.length > 0; row++) {
      const first = A.rowStart[row] ?? 0;
      const length = (A.rowStart[row + 1] ?? 0) - first;
      for (let i = 0; i < own.length; i++) {
        const column = own[i] ?? 0;
        if (column >= length) break;
        requests[count++] = A.column[first + column] ?? 0;
      }
    }
    ends.push(count);
  }
  return { requests, ends };
}

/** Counts the elements of the sum of the partial matrices of condensed columns, which ascend. */
function unionCounter(A: SparseMatrix, B: SparseMatrix): (columns: readonly number[]) => number {
  const seen = new Float64Array(B.columns);
  let stamp = 0;
  return (columns) => {
    let size = 0;
    for (let row = 0; row < A.rows; row++) {
      stamp++;
      const first = A.rowStart[row] ?? 0;
      const length = (A.rowStart[row + 1] ?? 0) - first;
      for (let c = 0; c < columns.length; c++) {
        const column = columns[c] ?? 0;
        if (column >= length) break;
        const k = A.column[first + column] ?? 0;
        const last = B.rowStart[k + 1] ?? 0;
        for (let j = B.rowStart[k] ?? 0; j < last; j++) {
          const at = B.column[j] ?? 0;
          if (seen[at] === stamp) continue;
          seen[at] = stamp;
          size++;
        }
      }
    }
    return size;
  };
}
