// Bitmaps of an operand along the channel, packed as the lanes of units read them: one place for each cell of the nest
// and each position outside the channel, padding included, so that every loop moves the address by a constant.

import { InputError } from "../../../base/error.ts";
import type { PackedLayout } from "../../../component/sparse-lanes/packed.ts";
import type { Rank } from "../../../mapping/nest/problem.ts";
import { cellStrides, dimensionPlaces, hasOwnRank } from "./lane-nest.ts";
import type { LaneNest } from "./lane-nest.ts";

/** One byte for each element of an operand, row-major over its ranks: 1 where it is not zero. */
export type NonZeros = Uint8Array;

export interface OperandBitmaps {
  readonly words: Int32Array;
  /** Whether each lane has a bank of its own (1) or all read one (0). */
  readonly step: 0 | 1;
  /** How far a step of each loop of the nest moves the address. */
  readonly strides: readonly number[];
}

/** Most words of an operand's bitmaps: 1 GiB. */
const mostWords = 2 ** 28;

/** For each position of a rank the words that it moves by (-1 where nothing reads it), and the bits within a word. */
interface PackedRank {
  readonly word: Int32Array;
  readonly shift: Int32Array;
  readonly extent: number;
}

/**
 * Packs an operand. Without `nonZeros` every position has a one, those in the padding too: what a machine multiplies
 * that has no bitmap of this operand. Throws InputError where a lane reads a sliding window of its own, for which banks
 * would overlap, and for bitmaps past 1 GiB.
 */
export function operandBitmaps(
  nest: LaneNest,
  layout: PackedLayout,
  operand: "A" | "B",
  nonZeros: NonZeros | undefined,
): OperandBitmaps {
  const { problem, channel, laneDimension } = nest;
  const ranks = problem.operands[operand];
  const ownLanes = laneDimension === undefined || hasOwnRank(problem, operand, laneDimension);
  requireOwnRank(nest, operand, ownLanes);
  const cellDimensions = new Set([channel, ...(laneDimension === undefined ? [] : [laneDimension])]);
  const bankWords = ownLanes ? layout.words : layout.group;

  // Channel cells lie next to each other, all other ranks around them in their order.
  const isChannel = ranks.map(({ terms }) => terms.length === 1 && terms[0]?.dimension === channel);
  const order = [...ranks.keys()].sort((a, b) => Number(isChannel[a]) - Number(isChannel[b]) || a - b);
  const strideOf = new Map<number, number>();
  let size = bankWords;
  for (const index of order.toReversed()) {
    const rank = ranks[index];
    if (rank === undefined) continue;
    strideOf.set(index, size);
    size *= rankPlaces(nest, rank, cellDimensions);
  }
  if (size > mostWords) {
    throw new InputError({
      path: operand,
      message: "bitmaps too large",
      found: `${size} words`,
      expected: `at most ${mostWords}`,
    });
  }
  const cells = cellStrides(nest);
  const strides = nest.loops.map((loop, number) => {
    let stride = 0;
    for (const [index, rank] of ranks.entries()) {
      for (const { dimension, coefficient } of rank.terms) {
        if (dimension !== loop.dimension) continue;
        const step = isCellRank(rank, cellDimensions) ? (cells[number] ?? 0) : coefficient * loop.tile;
        stride += step * (strideOf.get(index) ?? 0);
      }
    }
    return stride;
  });
  const packed = ranks.map((rank, index) =>
    packRank(nest, layout, rank, cellDimensions, strideOf.get(index) ?? 0, nonZeros === undefined),
  );
  const words = new Int32Array(size);
  // A bank that all lanes read stands in every field of its word.
  let copies = 1;
  const fields = ownLanes ? 1 : Math.min(layout.lanes, layout.fieldsPerWord);
  for (let field = 1; field < fields; field++) copies |= 1 << (field * layout.field);
  fill(words, packed, nonZeros, copies);
  if (!ownLanes) copyWords(words, layout);
  return { words, step: ownLanes ? 1 : 0, strides };
}

const isCellRank = (rank: Rank, cellDimensions: ReadonlySet<number>): boolean =>
  rank.terms.length === 1 && cellDimensions.has(rank.terms[0]?.dimension ?? -1) && rank.terms[0]?.coefficient === 1;

function requireOwnRank(nest: LaneNest, operand: "A" | "B", ownLanes: boolean): void {
  const { problem, laneDimension } = nest;
  if (laneDimension === undefined || ownLanes) return;
  const window = problem.operands[operand].find(({ terms }) => terms.some((t) => t.dimension === laneDimension));
  if (window === undefined) return;
  throw new InputError({
    path: "levels",
    message: `lanes over ${problem.dimensions[laneDimension]?.name ?? "a dimension"} read overlapping windows`,
    found: window.name,
    expected: "lanes over channels, or no bitmaps",
  });
}

/** Positions of a rank that multiplications touch, padding included; cells where loops number them. */
function rankPlaces(nest: LaneNest, rank: Rank, cellDimensions: ReadonlySet<number>): number {
  const dimension = rank.terms[0]?.dimension ?? 0;
  if (isCellRank(rank, cellDimensions)) return dimensionPlaces(nest, dimension).cells;
  return rank.terms.reduce(
    (total, term) => total + term.coefficient * ((nest.problem.dimensions[term.dimension]?.size ?? 1) - 1),
    1,
  );
}

function packRank(
  nest: LaneNest,
  layout: PackedLayout,
  rank: Rank,
  cellDimensions: ReadonlySet<number>,
  stride: number,
  dense: boolean,
): PackedRank {
  const dimension = rank.terms[0]?.dimension ?? 0;
  if (isCellRank(rank, cellDimensions)) {
    const { cell, lane, position } = dimensionPlaces(nest, dimension);
    const ownLane = dimension === nest.laneDimension;
    return {
      word: cell.map((place, x) => place * stride + (ownLane ? Math.floor((lane[x] ?? 0) / layout.fieldsPerWord) : 0)),
      shift: position.map((bit, x) => bit + (ownLane ? ((lane[x] ?? 0) % layout.fieldsPerWord) * layout.field : 0)),
      extent: cell.length,
    };
  }
  const places = rankPlaces(nest, rank, cellDimensions);
  // Position x of the operand is place x - offset. Places in the padding have no element, and positions that no
  // window touches, beyond the last one, no place.
  const extent = dense ? places : rank.extent;
  const word = new Int32Array(extent);
  for (let x = 0; x < extent; x++) {
    const place = dense ? x : x - rank.offset;
    word[x] = place < places && place >= 0 ? place * stride : -1;
  }
  return { word, shift: new Int32Array(extent), extent };
}

/** Sets the bit of every element that is not zero. */
function fill(words: Int32Array, packed: readonly PackedRank[], nonZeros: NonZeros | undefined, copies: number): void {
  const wide = joinInner(packed.filter(({ extent }) => extent > 1));
  // Ranks of one position still have a place of their own, such as one behind padding.
  let start = 0;
  for (const { extent, word } of packed) {
    if (extent > 1) continue;
    if ((word[0] ?? -1) < 0) return;
    start += word[0] ?? 0;
  }
  const inner = wide.at(-1);
  const outer = wide.slice(0, -1);
  const place = outer.map(() => 0);
  for (let element = 0; ;) {
    let word = start;
    let shift = 0;
    let inside = true;
    for (const [axis, rank] of outer.entries()) {
      const x = place[axis] ?? 0;
      const moved = rank.word[x] ?? -1;
      if (moved < 0) inside = false;
      word += moved;
      shift += rank.shift[x] ?? 0;
    }
    if (inner === undefined) {
      if (nonZeros === undefined || nonZeros[0] === 1) words[word] = (words[word] ?? 0) | (copies << shift);
      return;
    }
    if (inside) fillInner(words, inner, nonZeros, element, word, shift, copies);
    element += inner.extent;
    let axis = place.length - 1;
    for (; axis >= 0; axis--) {
      const moved = (place[axis] ?? 0) + 1;
      place[axis] = moved === outer[axis]?.extent ? 0 : moved;
      if (moved !== outer[axis]?.extent) break;
    }
    if (axis < 0) return;
  }
}

/** A bank that all lanes read stands in every word of its group that has lanes. */
function copyWords(words: Int32Array, { lanes, fieldsPerWord, group }: PackedLayout): void {
  const used = Math.min(group, Math.ceil(lanes / fieldsPerWord));
  if (used === 1) return;
  for (let first = 0; first < words.length; first += group) words.fill(words[first] ?? 0, first + 1, first + used);
}

/** Makes one rank of the last ones, so that the inner loop is long enough to be worth its start. */
function joinInner(ranks: readonly PackedRank[]): readonly PackedRank[] {
  const inner = ranks.at(-1);
  const outer = ranks.at(-2);
  if (inner === undefined || outer === undefined || inner.extent >= longInner) return ranks;
  const extent = outer.extent * inner.extent;
  const word = new Int32Array(extent);
  const shift = new Int32Array(extent);
  for (let x = 0; x < extent; x++) {
    const high = Math.floor(x / inner.extent);
    const low = x % inner.extent;
    const far = outer.word[high] ?? -1;
    const near = inner.word[low] ?? -1;
    word[x] = far < 0 || near < 0 ? -1 : far + near;
    shift[x] = (outer.shift[high] ?? 0) + (inner.shift[low] ?? 0);
  }
  return joinInner([...ranks.slice(0, -2), { word, shift, extent }]);
}

const longInner = 64;

/** Without a branch on the element: half of them being zero, no predictor would guess it. */
function fillInner(
  words: Int32Array,
  inner: PackedRank,
  nonZeros: NonZeros | undefined,
  element: number,
  word: number,
  shift: number,
  copies: number,
): void {
  const { extent, word: moves, shift: shifts } = inner;
  for (let x = 0; x < extent; x++) {
    const moved = moves[x] ?? -1;
    if (moved < 0) continue;
    const at = word + moved;
    const one = nonZeros === undefined ? 1 : (nonZeros[element + x] ?? 0);
    words[at] = (words[at] ?? 0) | ((copies & -one) << (shift + (shifts[x] ?? 0)));
  }
}
