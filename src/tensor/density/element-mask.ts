// Which elements of a tensor are non-zero, one bit each, and how many of them lie in each of a set of boxes: popcounts
// along the last axis, prefix sums along the others.

import { InputError } from "../../base/error.ts";
import type { BitStream } from "../format/bits.ts";
import { positionsOfNonZeros } from "../format/encoded.ts";
import type { SparseMatrix } from "../sparse-matrix.ts";
import { elementCount } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";

export interface ElementMask {
  readonly shape: readonly number[];
  /** Element i, row-major, is bit i mod 32 of word floor(i / 32); the bits after the last element are 0. */
  readonly words: Uint32Array;
}

/** Coordinates that a tile takes along one axis: intervals [start, end), ascending, within the axis. */
export type AxisCut = readonly (readonly [start: number, end: number])[];

/** One cut for each tile along an axis. */
export type AxisTiles = readonly AxisCut[];

/** The mask of a tensor, of entries of a matrix, or of a packed bitmap. Throws InputError past 2^31 elements. */
export function elementMask(
  source: Tensor | SparseMatrix | { shape: readonly number[]; mask: BitStream },
): ElementMask {
  if ("mask" in source) {
    const { shape, mask } = source;
    const elements = elementCount(shape);
    if (mask.bits < elements) {
      throw new InputError({
        path: "mask",
        message: "bitmap too short",
        found: `${mask.bits} bits`,
        expected: `${elements}`,
      });
    }
    const words = new Uint32Array(Math.ceil(elements / 32));
    for (let i = 0; i < words.length * 4; i++) {
      words[i >>> 2] = (words[i >>> 2] ?? 0) | ((mask.bytes[i] ?? 0) << (8 * (i & 3)));
    }
    const used = elements % 32;
    const last = words.length - 1;
    if (used > 0) words[last] = (words[last] ?? 0) & (2 ** used - 1);
    return { shape, words };
  }
  if ("rowStart" in source) {
    const { rows, columns, rowStart, column } = source;
    const words = new Uint32Array(Math.ceil(elementCount([rows, columns]) / 32));
    for (let row = 0; row < rows; row++) {
      const end = rowStart[row + 1] ?? 0;
      for (let i = rowStart[row] ?? 0; i < end; i++) setBit(words, row * columns + (column[i] ?? 0));
    }
    return { shape: [rows, columns], words };
  }
  const words = new Uint32Array(Math.ceil(source.data.length / 32));
  for (const position of positionsOfNonZeros(source)) setBit(words, position);
  return { shape: source.shape, words };
}

function setBit(words: Uint32Array, bit: number): void {
  const word = Math.floor(bit / 32);
  words[word] = (words[word] ?? 0) | (1 << (bit & 31));
}

export function popcount(word: number): number {
  let pairs = word - ((word >>> 1) & 0x55555555);
  pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((pairs + (pairs >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Ones among the bits from `start` to `end` (exclusive). */
export function onesBetween(words: Uint32Array, start: number, end: number): number {
  if (start >= end) return 0;
  const first = Math.floor(start / 32);
  const last = Math.floor((end - 1) / 32);
  const head = 0xffffffff << (start & 31);
  const tail = 0xffffffff >>> (31 - ((end - 1) & 31));
  if (first === last) return popcount((words[first] ?? 0) & head & tail);
  let ones = popcount((words[first] ?? 0) & head) + popcount((words[last] ?? 0) & tail);
  for (let word = first + 1; word < last; word++) ones += popcount(words[word] ?? 0);
  return ones;
}

/** The cuts of an axis into tiles of `size` from 0 on, the last one shorter. */
export function evenCuts(extent: number, size: number): AxisTiles {
  const cuts: AxisCut[] = [];
  for (let start = 0; start < extent; start += size) cuts.push([[start, Math.min(extent, start + size)]]);
  return cuts;
}

/**
 * Non-zeros in every box that the cuts of the axes make, row-major over the tiles; boxes may overlap. One pass over the
 * mask, then one over what each axis leaves.
 */
export function tileCounts({ shape, words }: ElementMask, axes: readonly AxisTiles[]): Uint32Array {
  const extents = shape.length === 0 ? [1] : shape;
  const cuts = shape.length === 0 ? [evenCuts(1, 1)] : axes;
  const extent = extents.at(-1) ?? 1;
  const lines = elementCount(extents) / extent;
  const lastCuts = cuts.at(-1) ?? [];
  let counts: Uint32Array = new Uint32Array(lines * lastCuts.length);
  for (let line = 0, at = 0; line < lines; line++) {
    const base = line * extent;
    for (const cut of lastCuts) {
      let ones = 0;
      for (const [start, end] of cut) ones += onesBetween(words, base + start, base + end);
      counts[at++] = ones;
    }
  }
  let inner = lastCuts.length;
  let outer = lines;
  for (let axis = extents.length - 2; axis >= 0; axis--) {
    const size = extents[axis] ?? 1;
    outer /= size;
    const cut = cuts[axis] ?? [];
    counts = alongAxis(counts, outer, size, inner, cut);
    inner *= cut.length;
  }
  return counts;
}

/** Sums over the cuts of the middle axis of [outer, size, inner]. */
function alongAxis(counts: Uint32Array, outer: number, size: number, inner: number, cuts: AxisTiles): Uint32Array {
  const sums = new Uint32Array(outer * cuts.length * inner);
  const prefix = new Uint32Array((size + 1) * inner);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    const base = block * size * inner;
    for (let i = 0; i < size * inner; i++) prefix[inner + i] = (prefix[i] ?? 0) + (counts[base + i] ?? 0);
    for (const cut of cuts) {
      for (const [start, end] of cut) {
        const [low, high] = [start * inner, end * inner];
        for (let i = 0; i < inner; i++) {
          sums[at + i] = (sums[at + i] ?? 0) + (prefix[high + i] ?? 0) - (prefix[low + i] ?? 0);
        }
      }
      at += inner;
    }
  }
  return sums;
}
