// Results on their way from an array to a memory of wide words, laid out for whoever reads them next: cycles, words
// written, and accesses that the next layer saves or pays. A stepped walk is the reference.

import { InputError } from "../base/error.ts";
import type { Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";

/** Which axis of a plane of results runs fastest: along a row (across columns), or down a column. */
export type LayoutOrder = "rows" | "columns";

export interface LayoutDrain {
  readonly kind: "layoutDrain";
  /** Results that leave the array in a cycle. */
  readonly width: number;
  /** Elements of a memory word. A word holds neighbours along the fastest axis, and each line starts a new one. */
  readonly wordElements: number;
  readonly elementBits: number;
  /** Whether results can be taken from the array in another order than its own. */
  readonly reorders: boolean;
}

/** @throws InputError for counts that are no whole numbers from 1. */
export function layoutDrain(parameters: Omit<LayoutDrain, "kind">): LayoutDrain {
  const { width, wordElements, elementBits } = parameters;
  for (const [path, value] of Object.entries({ width, wordElements, elementBits })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new InputError({
      path,
      message: "impossible drain",
      found: String(value),
      expected: "a whole number from 1",
    });
  }
  return { kind: "layoutDrain", ...parameters };
}

/** A plane of results, such as positions by channels. */
export interface ResultPlane {
  readonly rows: number;
  readonly columns: number;
  /** The order in which the array has its results, and the one in which the next layer reads them. */
  readonly array: LayoutOrder;
  readonly next: LayoutOrder;
}

export interface DrainCounts {
  readonly cycles: number;
  /** Words written, and words that the next layer reads to see every result once. */
  readonly writes: number;
  readonly reads: number;
}

/** Elements of a line, and lines, of a plane laid out in an order. */
const lines = ({ rows, columns }: ResultPlane, order: LayoutOrder): readonly [length: number, count: number] =>
  order === "rows" ? [columns, rows] : [rows, columns];

const words = (drain: LayoutDrain, plane: ResultPlane, order: LayoutOrder): number => {
  const [length, count] = lines(plane, order);
  return count * Math.ceil(length / drain.wordElements);
};

/** The layout in memory: the next layer's where the drain can reorder, else the array's. */
export const layoutOf = ({ reorders }: LayoutDrain, { array, next }: ResultPlane): LayoutOrder =>
  reorders ? next : array;

/**
 * Cycles: results over the width of the drain. A layout that matches the next layer's order is read a whole word at a
 * time; in one that does not every element costs an access, for its neighbour in the next order lies in another word,
 * unless lines are a single element long.
 */
export function drainCounts(drain: LayoutDrain, plane: ResultPlane): DrainCounts {
  const layout = layoutOf(drain, plane);
  const [length] = lines(plane, plane.next);
  const matches = layout === plane.next || length === 1;
  const results = plane.rows * plane.columns;
  return {
    cycles: Math.ceil(results / drain.width),
    writes: words(drain, plane, layout),
    reads: matches ? words(drain, plane, layout) : results,
  };
}

/** Accesses of memory that reordering saves over leaving results in the array's order; negative where it costs. */
export function accessesSaved(drain: LayoutDrain, plane: ResultPlane): number {
  const left = drainCounts({ ...drain, reorders: false }, plane);
  const turned = drainCounts({ ...drain, reorders: true }, plane);
  return left.writes + left.reads - turned.writes - turned.reads;
}

/**
 * The drain one cycle at a time, then the next layer's reads one element at a time: a word counts again whenever it is
 * not the one at hand. Also the addresses in the order of the reads. The reference.
 */
export function steppedDrain(
  drain: LayoutDrain,
  plane: ResultPlane,
): DrainCounts & { readonly seen: readonly (readonly [row: number, column: number])[] } {
  const layout = layoutOf(drain, plane);
  const places = (order: LayoutOrder): (readonly [number, number])[] => {
    const [length, count] = lines(plane, order);
    return Array.from({ length: length * count }, (_, i) => {
      const line = Math.floor(i / length);
      const along = i % length;
      return order === "rows" ? ([line, along] as const) : ([along, line] as const);
    });
  };
  const wordOf = ([row, column]: readonly [number, number]): string => {
    const [line, along] = layout === "rows" ? [row, column] : [column, row];
    return `${line} ${Math.floor(along / drain.wordElements)}`;
  };
  const memory = new Map<string, [number, number][]>();
  const leaving = places(layout);
  let cycles = 0;
  let writes = 0;
  let open = "";
  while (leaving.length > 0) {
    for (const place of leaving.splice(0, drain.width)) {
      const word = wordOf(place);
      if (word !== open) writes++;
      open = word;
      memory.set(word, [...(memory.get(word) ?? []), [place[0], place[1]]]);
    }
    cycles++;
  }
  const seen: (readonly [number, number])[] = [];
  let reads = 0;
  let atHand = "";
  for (const place of places(plane.next)) {
    const word = wordOf(place);
    if (word !== atHand) reads++;
    atHand = word;
    const found = memory.get(word)?.find(([row, column]) => row === place[0] && column === place[1]);
    if (found !== undefined) seen.push(found);
  }
  return { cycles, writes, reads, seen };
}

/** Energy of `collect`, one result latched into the word that is being filled; area of that word for each result a cycle. */
export function layoutDrainCost(drain: LayoutDrain, technology: Technology): ComponentCost {
  const element = technology.register(drain.elementBits);
  return {
    energy: { collect: element },
    squareMillimetres: drain.width * drain.wordElements * element.squareMillimetres,
    tables: [element.table],
    leakageWatts: 0,
  };
}
