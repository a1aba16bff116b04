// Pieces that loops leave of a dimension, and the words that a box of coordinates touches along one rank of an operand.

import type { Rank } from "./problem.ts";

/** An interval of a dimension's coordinates, from `start` on. */
export interface Piece {
  readonly start: number;
  readonly length: number;
}

/**
 * The pieces into which successive loops with these tiles, outermost first, cut `size` coordinates, in rising order. The
 * first piece is the largest.
 */
export function piecesOf(size: number, tiles: readonly number[]): readonly Piece[] {
  let pieces: readonly Piece[] = [{ start: 0, length: size }];
  for (const tile of tiles) {
    pieces = pieces.flatMap(({ start, length }) =>
      Array.from({ length: Math.ceil(length / tile) }, (_, step) => ({
        start: start + step * tile,
        length: Math.min(tile, length - step * tile),
      })),
    );
  }
  return pieces;
}

/**
 * Distinct words within [0, extent) that a rank touches where each of its terms runs over one piece: `first` for the
 * first term, `second` for the second one. Gaps that strides leave are not counted.
 */
export function rankWords({ terms, offset, extent }: Rank, first: Piece, second?: Piece): number {
  const a = terms[0]?.coefficient ?? 0;
  const low = offset + a * first.start;
  const inner = terms[1];
  if (inner === undefined || second === undefined) return progressionWords(low, a, first.length, extent);
  const b = inner.coefficient;
  const from = low + b * second.start;
  // Runs of step b that meet without a gap and without an overlap in phase make one run of step b.
  if (a % b === 0 && second.length * b >= a) {
    return progressionWords(from, b, (a / b) * (first.length - 1) + second.length, extent);
  }
  if (b % a === 0 && first.length * a >= b) {
    return progressionWords(from, a, (b / a) * (second.length - 1) + first.length, extent);
  }
  const seen = new Set<number>();
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < second.length; j++) {
      const word = from + a * i + b * j;
      if (word >= 0 && word < extent) seen.add(word);
    }
  }
  return seen.size;
}

/** Members of `from`, `from + step`, ... (`count` of them) within [0, extent). */
function progressionWords(from: number, step: number, count: number, extent: number): number {
  const firstInside = from < 0 ? Math.ceil(-from / step) : 0;
  const afterInside = Math.min(count, Math.max(0, Math.ceil((extent - from) / step)));
  return Math.max(0, afterInside - firstInside);
}

/**
 * The most words that a rank touches in any tile, where `tiles` gives for each dimension the tiles of the loops around,
 * outermost first. Exact at the borders: a tile that reaches into the padding holds fewer words.
 */
export function largestRankWords(rank: Rank, sizes: readonly number[], tiles: readonly (readonly number[])[]): number {
  const [first, second] = rank.terms;
  if (first === undefined) return 1;
  const size = (dimension: number): number => sizes[dimension] ?? 1;
  const largest = (dimension: number): number => tiles[dimension]?.at(-1) ?? size(dimension);
  const reach = rankWords(
    { ...rank, offset: 0, extent: Number.POSITIVE_INFINITY },
    { start: 0, length: largest(first.dimension) },
    second && { start: 0, length: largest(second.dimension) },
  );
  let most = 0;
  const seconds = second === undefined ? [undefined] : piecesOf(size(second.dimension), tiles[second.dimension] ?? []);
  for (const piece of piecesOf(size(first.dimension), tiles[first.dimension] ?? [])) {
    for (const other of seconds) {
      most = Math.max(most, rankWords(rank, piece, other));
      if (most === reach) return most;
    }
  }
  return most;
}
