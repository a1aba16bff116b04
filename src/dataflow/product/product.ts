// What a dataflow of sparse products needs to know of a machine, and what it says of a product: cycles with where they
// went, operations, and words by memory and operand. Types only.

import type { BankedCache } from "../../component/memory/banked-cache.ts";
import type { MergeTree } from "../../component/merge-tree/merge-tree.ts";
import type { PartialSumStore } from "../../component/memory/partial-sum-store.ts";

/**
 * Cycles that the controller spends around the data, by phase of its state machine; each is a state or a pipeline
 * register that a product passes, not a fit.
 */
export interface ControlCycles {
  /** Setting the networks up for a batch of stationary elements. */
  readonly configure: number;
  /** Finding that no streaming element is left. */
  readonly exhausted: number;
  /** From the last product, beyond the tree's levels, until the controller has counted the last element of C. */
  readonly gustavsonTail: number;
  /** From the last product until it waits at the controller. */
  readonly outerTail: number;
  /** From the last column, beyond the levels that the largest row needs, until its sum waits at the controller. */
  readonly innerTail: number;
  /** A pass over partial results, beyond the tree's levels and its elements. */
  readonly mergePass: number;
  /** A row of C without any partial result. */
  readonly emptyRow: number;
}

/** An array of multipliers under a merge tree with its memories, as the dataflows see it. */
export interface ProductMachine {
  /** Multipliers, which are the leaves of the tree: a power of two. */
  readonly multipliers: number;
  /** Elements that the distribution network brings to multipliers in a cycle. */
  readonly distributionWidth: number;
  readonly tree: MergeTree;
  readonly cache: BankedCache;
  /** Bytes of an element in the memories: value and coordinate together. */
  readonly elementBytes: number;
  /** Stationary elements come through the cache, or through a FIFO of their own that is filled ahead. */
  readonly stationary: "cache" | "fifo";
  /** Memory for partial sums on chip; one of no bytes leaves them off chip. */
  readonly sums: PartialSumStore;
  /** What the sums of a folded row of the inner product go through between its folds: that memory, or the cache. */
  readonly carriedSums: "partialSums" | "cache";
  /** Off-chip memory: bytes a cycle in both directions together, Infinity where it is not timed. */
  readonly dramBytesPerCycle: number;
  /** Whether results on their way out take part in that bandwidth. */
  readonly outputWrites: "timed" | "untimed";
  readonly control: ControlCycles;
}

export interface ProductCounts {
  /** Products of two stored entries: the same whatever the dataflow. */
  multiplications: number;
  /** Products that multipliers did, those with a streamed zero included. */
  executed: number;
  /** Sums of two elements of the same place. */
  additions: number;
  /** Elements that entered the tree: products and partial results. */
  treeElements: number;
  /** Words that the multipliers were given. */
  stationaryWords: number;
  streamingWords: number;
  cacheHits: number;
  cacheMisses: number;
  /** Accesses of its banks, each for up to as many words as one covers. */
  cacheAccesses: number;
  /** Elements of partial results written and read again, and those of them that were written off chip. */
  partialSumWrites: number;
  partialSumReads: number;
  spilledWords: number;
  /** Partial results that the cache served. */
  carriedWords: number;
  outputWords: number;
  /** Fills of the multipliers, and passes of the tree over partial results. */
  batches: number;
  mergePasses: number;
}

/** Bytes between chip and off-chip memory. */
export interface ProductTraffic {
  readonly A: number;
  readonly B: number;
  readonly partialSumsOut: number;
  readonly partialSumsIn: number;
  readonly C: number;
}

/** Causes of cycles as the books have them; a wait for lines is a miss. */
export type ProductCause = "control" | "stationary" | "streaming" | "misses" | "merge" | "bandwidth";

/** The books of a product on its way, which go on changing. */
export interface ProductBooks {
  readonly cycles: Readonly<Record<ProductCause, number>>;
  readonly counts: Readonly<ProductCounts>;
  readonly cache: { readonly hits: number; readonly misses: number; readonly accesses: number };
  readonly dram: ProductTraffic;
}

/** Looks into the books at the end of every batch and every pass over partial results. May throw to end the product. */
export type ProductWatch = (books: ProductBooks) => void;

export interface ProductRun {
  readonly cycles: number;
  /** Where they went; sums to `cycles`. */
  readonly stack: Readonly<Record<string, number>>;
  readonly counts: Readonly<ProductCounts>;
  readonly dram: ProductTraffic;
}
