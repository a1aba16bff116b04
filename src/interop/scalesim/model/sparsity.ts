// SCALE-Sim's sparse filters: which weights its patterns keep, layer-wise or row-wise, and how many words of 32 bits the
// compressed filter takes.

import { legacyRandomIntegers } from "../python/numpy-random.ts";
import type { ScalesimSparsity, ScalesimStorage } from "../scalesim.ts";

/** Bits of the words in which storage is counted. */
const WORD_BITS = 32;

/**
 * The weights of a filter of `K` that the layer-wise pattern keeps, ascending: the first `kept` of every `block`. They
 * are the columns of the ifmap operand and the rows of the filter operand that stay, the same for every filter.
 */
export function layerWiseKept(K: number, { kept, block }: { kept: number; block: number }): Int32Array {
  const indices = new Int32Array(Math.floor(K / block) * kept + Math.min(kept, K % block));
  for (let i = 0; i < indices.length; i++) indices[i] = Math.floor(i / kept) * block + (i % kept);
  return indices;
}

/** The filter operand of the row-wise mode: `slots[row * filters + column]` is a weight's index, -1 for no weight. */
export interface RowWiseFilter {
  readonly rows: number;
  readonly slots: Int32Array;
}

/**
 * The compressed filter operand of the row-wise mode. Of each filter (a column) the first N weights of every block of
 * `blockSize` stay, N drawn once for the filter from 1 .. blockSize/2; every block gets blockSize/2 slots, whatever N.
 * Rows are those of whole pairs of blocks, ceil(K / (2 blockSize)) * blockSize.
 *
 * SCALE-Sim marks pruned weights with address 0, so that at `filterOffset` 0 the first weight of the first filter is
 * taken for pruned: where its filter keeps more than one of a block, the others of that block move up a slot and the
 * weight is lost. Any other `filterOffset`, or none, gives the filter as meant.
 *
 * Throws RangeError for a block of less than 2 and InputError for a seed that is not an integer of 32 bits.
 */
export function rowWiseFilter(
  K: number,
  filters: number,
  blockSize: number,
  seed: number,
  filterOffset?: number,
): RowWiseFilter {
  if (blockSize < 2) throw new RangeError(`half a block of ${blockSize} holds no weight`);
  const slotsPerBlock = Math.floor(blockSize / 2);
  const rows = Math.ceil(K / (2 * blockSize)) * blockSize;
  const slots = new Int32Array(rows * filters).fill(-1);
  const keptOf = legacyRandomIntegers(seed, 1, slotsPerBlock + 1, filters);
  for (let column = 0; column < filters; column++) {
    const kept = keptOf[column] ?? 0;
    for (let block = 0; block * blockSize < K; block++) {
      const first = block * blockSize;
      const stored = Math.min(kept, K - first);
      for (let i = 0; i < stored; i++) slots[(block * slotsPerBlock + i) * filters + column] = first + i;
    }
  }
  if (filterOffset === 0) loseFirstWeight(slots, filters, Math.min(keptOf[0] ?? 0, K));
  return { rows, slots };
}

/** Its place is mended where it is the only one of its block. */
function loseFirstWeight(slots: Int32Array, filters: number, stored: number): void {
  if (stored < 2) return;
  for (let row = 0; row < stored - 1; row++) slots[row * filters] = row + 1;
  slots[(stored - 1) * filters] = -1;
}

/** What the size of a compressed filter follows from. */
export interface SparseFilterShape {
  readonly representation: ScalesimSparsity["representation"];
  /** Weights of a filter before compression. */
  readonly K: number;
  readonly filters: number;
  /** Weights kept, of all filters. */
  readonly nonZeros: number;
  /** Rows of the compressed filter operand, those of null slots included. */
  readonly compressedRows: number;
  /** Of the topology's ratio, in row-wise mode too. */
  readonly block: number;
}

/**
 * Words of the filter. csr and csc count a word for each value, for each index and for each pointer; ellpack_block the
 * slots of the compressed operand and ceil(log2 block) bits for each, which may make a fraction of a word.
 */
export function filterStorage(shape: SparseFilterShape): ScalesimStorage {
  const { representation, K, filters, nonZeros, compressedRows, block } = shape;
  const original = K * filters;
  if (representation === "ellpack_block") {
    const slots = compressedRows * filters;
    // 32 - clz32(block - 1) is ceil(log2(block)) without rounding.
    const metadata = (slots * (32 - Math.clz32(block - 1))) / WORD_BITS;
    return { original, compressed: slots + metadata, metadata };
  }
  const metadata = nonZeros + (representation === "csr" ? K : filters) + 1;
  return { original, compressed: nonZeros + metadata, metadata };
}
