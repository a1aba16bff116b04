// The fixed order in which SCALE-Sim's USER mode fetches an operand from the DRAM: along the skew of the lanes, row by
// row, or as a custom layout says.

import { InputError } from "../../../base/error.ts";
import { diagonalOfEntry, entriesBefore } from "./anti-diagonal.ts";
import { filterLayoutOrder, ifmapLayoutOrder } from "./layout-order.ts";
import type { Operand, Stationary } from "./operands.ts";
import type { ScalesimLayer, ScalesimLayout } from "../scalesim.ts";

/** The order in which an operand is fetched. */
export interface FetchOrder {
  /** Words and nulls, which fill DRAM lines both. */
  readonly entries: number;
  readonly words: number;
  /** The next word's address; after the last the first again. */
  readonly next: () => number;
  /** Address of entry `index`, -1 for a null. */
  readonly at: (index: number) => number;
}

/** Anti-diagonals of the folds' tables, one under the other, to follow the skew of the lanes; or columns, row by row. */
export function fetchOrder(operand: Operand, prefetchWindow?: Int32Array): FetchOrder {
  if (operand.kind === "stationary") return rowMajorOrder(operand);
  const { lanesPerFold, elementAddress } = operand;
  const laneAddress = prefetchWindow ?? operand.laneAddress;
  const { outside } = operand.space;
  const elements = elementAddress.length;
  const lanes = laneAddress.length;
  const rows = Math.ceil(lanes / lanesPerFold) * elements;
  let diagonal = 0;
  let row = 0;
  let column = 0;
  let fold = 0;
  let element = 0;
  const step = (): void => {
    row--;
    column++;
    element--;
    if (row >= 0 && column < lanesPerFold) {
      if (element < 0) {
        element = elements - 1;
        fold--;
      }
      return;
    }
    diagonal = diagonal + 1 === rows + lanesPerFold - 1 ? 0 : diagonal + 1;
    row = Math.min(diagonal, rows - 1);
    column = diagonal - row;
    fold = Math.floor(row / elements);
    element = row - fold * elements;
  };
  const next = (): number => {
    for (;;) {
      const lane = fold * lanesPerFold + column;
      const address = lane < lanes ? (laneAddress[lane] ?? 0) + (elementAddress[element] ?? 0) : -1;
      step();
      if (address >= 0 && outside?.(address) !== true) return address;
    }
  };
  const at = (index: number): number => {
    const onDiagonal = diagonalOfEntry(index, rows, lanesPerFold);
    const atRow = Math.min(onDiagonal, rows - 1) - (index - entriesBefore(onDiagonal, rows, lanesPerFold));
    const lane = Math.floor(atRow / elements) * lanesPerFold + onDiagonal - atRow;
    if (lane >= lanes) return -1;
    const address = (laneAddress[lane] ?? 0) + (elementAddress[atRow % elements] ?? 0);
    return outside?.(address) === true ? -1 : address;
  };
  const words = outside === undefined ? lanes * elements : countInside(laneAddress, elementAddress, outside);
  return { entries: rows * lanesPerFold, words, next, at };
}

function rowMajorOrder(operand: Stationary): FetchOrder {
  const { rows, columns, columnsPerFold, rowAddress, columnAddress, slots } = operand;
  const { outside } = operand.space;
  const folds = Math.ceil(columns / columnsPerFold);
  const entries = folds * rows * columnsPerFold;
  const at = (index: number): number => {
    const line = Math.floor(index / columnsPerFold);
    const row = line % rows;
    const column = Math.floor(line / rows) * columnsPerFold + (index % columnsPerFold);
    if (column >= columns) return -1;
    const rowWord = slots === undefined ? (rowAddress[row] ?? 0) : (slots[row * columns + column] ?? -1);
    const address = rowWord < 0 ? -1 : rowWord + (columnAddress[column] ?? 0);
    return outside?.(address) === true ? -1 : address;
  };
  let index = 0;
  const next = (): number => {
    for (;;) {
      const address = at(index);
      index = index + 1 === entries ? 0 : index + 1;
      if (address >= 0) return address;
    }
  };
  const words =
    slots === undefined
      ? outside === undefined
        ? rows * columns
        : countInside(rowAddress, columnAddress, outside)
      : slots.reduce((filled, slot) => (slot < 0 ? filled : filled + 1), 0);
  return { entries, words, next, at };
}

/**
 * The order of a custom layout, of which a line is `bandwidth` words. Throws InputError where the layout does not fit
 * the line, or there is none.
 */
export function layoutOrder(
  layer: ScalesimLayer,
  name: "ifmap" | "filter",
  operand: Operand,
  layout: ScalesimLayout | undefined,
  bandwidth: number,
): FetchOrder {
  if (layout === undefined) {
    throw new InputError({
      path: name === "ifmap" ? "layout.IfmapCustomLayout" : "layout.FilterCustomLayout",
      message: "a custom layout needs a layout file",
      found: "True",
      expected: "-l with a layout file, or False",
    });
  }
  const order =
    name === "ifmap" ? ifmapLayoutOrder(layer, layout, bandwidth) : filterLayoutOrder(layer, layout, bandwidth);
  const { enlarge } = operand.space;
  const at = (entry: number): number => {
    const word = order[entry] ?? -1;
    return word < 0 || enlarge === undefined ? word : enlarge(word);
  };
  let index = 0;
  const next = (): number => {
    for (;;) {
      const address = at(index);
      index = index + 1 === order.length ? 0 : index + 1;
      if (address >= 0) return address;
    }
  };
  return {
    entries: order.length,
    words: order.reduce((filled, word) => (word < 0 ? filled : filled + 1), 0),
    next,
    at,
  };
}

function countInside(first: Int32Array, second: Int32Array, outside: (address: number) => boolean): number {
  let inside = 0;
  for (const a of first) for (const b of second) if (!outside(a + b)) inside++;
  return inside;
}
