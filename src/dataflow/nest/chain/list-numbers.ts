// Numbers for lists of whole numbers, such as the pieces of all units at a step: the same number for the same list.

import type { Pieces } from "./chain.ts";

/** Lists of whole numbers, each held once and numbered as it came. */
export interface Lists {
  values: Int32Array;
  readonly starts: number[];
  /** By hash, the numbers of the lists that have it. */
  readonly byHash: Map<number, number[]>;
}

export const noLists = (): Lists => ({ values: new Int32Array(64), starts: [0], byHash: new Map() });

/** The number of the first `length` values of `list`; one more than any before where it is new. */
function numberOf(lists: Lists, list: Int32Array, length: number): number {
  const { starts, byHash } = lists;
  let hash = length;
  for (let at = 0; at < length; at++) hash = (Math.imul(hash, 31) + (list[at] ?? 0)) | 0;
  let same = byHash.get(hash);
  if (same === undefined) {
    same = [];
    byHash.set(hash, same);
  }
  for (const known of same) {
    const start = starts[known] ?? 0;
    if ((starts[known + 1] ?? 0) - start !== length) continue;
    let at = 0;
    while (at < length && list[at] === lists.values[start + at]) at++;
    if (at === length) return known;
  }
  const number = starts.length - 1;
  const start = starts[number] ?? 0;
  if (start + length > lists.values.length) {
    const longer = new Int32Array(2 * (start + length));
    longer.set(lists.values);
    lists.values = longer;
  }
  for (let at = 0; at < length; at++) lists.values[start + at] = list[at] ?? 0;
  starts.push(start + length);
  same.push(number);
  return number;
}

/** The key at hand: one list, written piece by piece and then looked up. */
let parts = new Int32Array(1024);
let top = 0;

function reserve(more: number): void {
  if (top + more <= parts.length) return;
  const longer = new Int32Array(2 * (top + more));
  longer.set(parts);
  parts = longer;
}

/** Begins a new key with these numbers. */
export function startKey(...values: readonly number[]): void {
  top = 0;
  for (const value of values) parts[top++] = value;
}

/** Adds the length of each unit's piece, and where it begins after `base` where that matters. */
export function writePieces({ begin, length }: Pieces, base: number, positional: boolean): void {
  reserve(2 * begin.length);
  for (let unit = 0; unit < begin.length; unit++) {
    const size = length[unit] ?? 0;
    if (size === 0) parts[top++] = -1;
    else {
      if (positional) parts[top++] = (begin[unit] ?? 0) - base;
      parts[top++] = size;
    }
  }
}

/** Adds where each unit's piece begins after `base`, and its length. */
export function writeAll({ begin, length }: Pieces, base: number): void {
  reserve(2 * begin.length);
  for (let unit = 0; unit < begin.length; unit++) {
    parts[top++] = (begin[unit] ?? 0) - base;
    parts[top++] = length[unit] ?? 0;
  }
}

/** Adds for each unit whether its pieces begin at the same place. */
export function writeKept(pieces: Pieces, next: Pieces): void {
  reserve(pieces.begin.length);
  for (let unit = 0; unit < pieces.begin.length; unit++) {
    parts[top++] = pieces.begin[unit] === next.begin[unit] ? 1 : 0;
  }
}

/** The number of the key at hand. */
export const keyNumber = (lists: Lists): number => numberOf(lists, parts, top);
