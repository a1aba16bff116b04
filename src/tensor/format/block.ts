// Blocks of neighbouring elements along the rows of a matrix: what N:M and density-bound blocks have in common.

import { InputError } from "../../base/error.ts";
import { matrixShape, wordsOf, zeros } from "../tensor.ts";
import type { Tensor, TensorData } from "../tensor.ts";
import { blockTooFull, positionsOfNonZeros } from "./encoded.ts";

/**
 * Blocks of a matrix whose rows are cut every `block` elements; the last of a row may be short, and counts as one.
 * Throws InputError when blocks far longer than the rows would take 2^32 elements or more.
 */
export function blockCount(shape: readonly number[], block: number): number {
  const [rows, columns] = matrixShape(shape);
  const blocks = rows * Math.ceil(columns / block);
  if (blocks * block >= 2 ** 32) {
    throw new InputError({
      message: `blocks are far longer than the rows of ${columns}`,
      found: String(block),
      expected: `at most ${columns}`,
    });
  }
  return blocks;
}

/** Throws InputError, naming the first block with more than `limit` non-zeros, if there is one. */
export function requireBlockBound(tensor: Tensor, block: number, limit: number): void {
  const [, columns] = matrixShape(tensor.shape);
  const positions = positionsOfNonZeros(tensor);
  let end = 0;
  let used = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    if (position >= end) {
      end = blockEnd(position, columns, block);
      used = 0;
    }
    if (++used > limit) throw blockTooFull(tensor, blockStart(position, columns, block), block, limit);
  }
}

/** The largest number of non-zeros in a block: the least N for which the tensor is N:`block`. */
export function blockBound(tensor: Tensor, block: number): number {
  const [, columns] = matrixShape(tensor.shape);
  const positions = positionsOfNonZeros(tensor);
  let end = 0;
  let used = 0;
  let bound = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    if (position >= end) {
      end = blockEnd(position, columns, block);
      used = 0;
    }
    bound = Math.max(bound, ++used);
  }
  return bound;
}

export interface Slots {
  /** `limit` slots a block, the used ones first and in order of position; unused ones are zero. */
  readonly values: TensorData;
  /** For each slot the place of its element in the block; 0 where unused. */
  readonly places: Uint32Array;
  /** For each non-zero, its block x `block` + its place: its bit in a mask of whole blocks. */
  readonly maskPositions: Uint32Array;
}

/** The non-zeros of a tensor in fixed slots. Throws InputError (as `requireBlockBound`) where a block has too many. */
export function fillSlots(tensor: Tensor, block: number, limit: number): Slots {
  const [, columns] = matrixShape(tensor.shape);
  const positions = positionsOfNonZeros(tensor);
  const slots = blockCount(tensor.shape, block) * limit;
  const values = zeros(tensor.type, slots);
  const places = new Uint32Array(slots);
  const maskPositions = new Uint32Array(positions.length);
  const from = wordsOf(tensor.data);
  const to = wordsOf(values);
  const blocksInRow = Math.ceil(columns / block);
  let start = 0;
  let end = 0;
  let ordinal = 0;
  let used = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    if (position >= end) {
      const row = Math.floor(position / columns);
      const inRow = Math.floor((position - row * columns) / block);
      ordinal = row * blocksInRow + inRow;
      start = row * columns + inRow * block;
      end = Math.min(start + block, (row + 1) * columns);
      used = 0;
    }
    if (used === limit) throw blockTooFull(tensor, start, block, limit);
    const slot = ordinal * limit + used++;
    to[slot] = from[position] ?? 0;
    places[slot] = position - start;
    maskPositions[i] = ordinal * block + position - start;
  }
  return { values, places, maskPositions };
}

function blockStart(position: number, columns: number, block: number): number {
  const column = position % columns;
  return position - (column % block);
}

function blockEnd(position: number, columns: number, block: number): number {
  const column = position % columns;
  return position - column + Math.min(columns, column - (column % block) + block);
}
