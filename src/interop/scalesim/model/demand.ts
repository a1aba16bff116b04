// Which words of an operand the array asks for, cycle by cycle, straight from the address tables.

import type { Operand, Product, Stationary, Streamed } from "./operands.ts";
import type { ScalesimConfiguration } from "../scalesim.ts";

/** Position of a fold: SCALE-Sim executes row folds inside column folds. */
export interface Fold {
  readonly row: number;
  readonly column: number;
}

/** Requests of one operand. Cycles are those of the fold, from 0. */
export interface Demand {
  /** Array lanes, and words that each asks for at once. */
  readonly lanes: number;
  readonly width: number;
  /** Cycles in which a fold may ask for something: from `first` to before `end`. */
  readonly span: (fold: Fold) => { readonly first: number; readonly end: number };
  /**
   * Writes what a fold asks for in a cycle into `buffer`, in the order of lanes, nulls left out; the number of words.
   * Words outside the image are still in it. `buffer` holds `lanes * width` addresses.
   */
  readonly line: (fold: Fold, cycle: number, buffer: Int32Array) => number;
  /** The same with every lane in its place, -1 where it asks for nothing; words outside the image count as nothing. */
  readonly row: (fold: Fold, cycle: number, buffer: Int32Array) => void;
}

export function demandOf(operand: Operand): Demand {
  return operand.kind === "streamed" ? streamedDemand(operand) : stationaryDemand(operand);
}

function streamedDemand(operand: Streamed): Demand {
  const { lanesBy, lanesPerFold, lanes, width, start, laneAddress, elementAddress } = operand;
  const { outside } = operand.space;
  const elements = elementAddress.length;
  const usedLanes = (fold: Fold): number => Math.min(lanesPerFold, lanes - fold[lanesBy] * lanesPerFold);
  return {
    lanes: lanesPerFold,
    width,
    span: (fold) => ({ first: start, end: start + elements + usedLanes(fold) - 1 }),
    line: (fold, cycle, buffer) => {
      const base = fold[lanesBy] * lanesPerFold;
      const step = cycle - start;
      const from = Math.max(0, step - elements + 1);
      const to = Math.min(usedLanes(fold) - 1, step);
      let count = 0;
      if (width === 1) {
        // Both indices stay inside their tables: from and to are cut to them.
        for (let lane = from; lane <= to; lane++) {
          buffer[count++] = (laneAddress[base + lane] ?? 0) + (elementAddress[step - lane] ?? 0);
        }
        return count;
      }
      for (let lane = from; lane <= to; lane++) {
        const element = elementAddress[step - lane] ?? 0;
        for (let word = 0; word < width; word++) {
          const address = laneAddress[(base + lane) * width + word] ?? -1;
          if (address >= 0) buffer[count++] = address + element;
        }
      }
      return count;
    },
    row: (fold, cycle, buffer) => {
      buffer.fill(-1);
      const base = fold[lanesBy] * lanesPerFold;
      const step = cycle - start;
      for (let lane = 0; lane < usedLanes(fold); lane++) {
        const element = elementAddress[step - lane];
        if (element === undefined) continue;
        for (let word = 0; word < width; word++) {
          const address = laneAddress[(base + lane) * width + word] ?? -1;
          if (address < 0 || outside?.(address + element) === true) continue;
          buffer[lane * width + word] = address + element;
        }
      }
    },
  };
}

function stationaryDemand(operand: Stationary): Demand {
  const { rows, columns, rowsPerFold, columnsPerFold, rowAddress, columnAddress, slots } = operand;
  const { outside } = operand.space;
  const addressOf = (row: number, column: number): number => {
    if (slots === undefined) return (rowAddress[row] ?? 0) + (columnAddress[column] ?? 0);
    const slot = slots[row * columns + column] ?? -1;
    return slot < 0 ? -1 : slot + (columnAddress[column] ?? 0);
  };
  const rowOf = (fold: Fold, cycle: number): number => (fold.row + 1) * rowsPerFold - 1 - cycle;
  return {
    lanes: columnsPerFold,
    width: 1,
    span: (fold) => ({ first: Math.max(0, (fold.row + 1) * rowsPerFold - rows), end: rowsPerFold }),
    line: (fold, cycle, buffer) => {
      const row = rowOf(fold, cycle);
      const first = fold.column * columnsPerFold;
      const end = Math.min(first + columnsPerFold, columns);
      let count = 0;
      if (slots === undefined) {
        const base = rowAddress[row] ?? 0;
        for (let column = first; column < end; column++) buffer[count++] = base + (columnAddress[column] ?? 0);
        return count;
      }
      for (let column = first; column < end; column++) {
        const address = addressOf(row, column);
        if (address >= 0) buffer[count++] = address;
      }
      return count;
    },
    row: (fold, cycle, buffer) => {
      buffer.fill(-1);
      const row = rowOf(fold, cycle);
      if (cycle >= rowsPerFold || row >= rows) return;
      const first = fold.column * columnsPerFold;
      for (let column = first; column < Math.min(first + columnsPerFold, columns); column++) {
        const address = addressOf(row, column);
        if (address >= 0 && outside?.(address) !== true) buffer[column - first] = address;
      }
    },
  };
}

/** Ofmap words that a fold writes: column `c` writes element `e` at cycle `start + c + e`; all is over before `end`. */
export interface Writes {
  readonly start: number;
  readonly end: number;
  readonly columns: number;
  readonly elements: number;
}

export function writesOf(product: Product, configuration: ScalesimConfiguration, fold: Fold): Writes {
  const { arrayHeight, arrayWidth, dataflow } = configuration;
  const columns = Math.min(arrayWidth, product.columns - fold.column * arrayWidth);
  const used = Math.min(arrayHeight, product.rows - fold.row * arrayHeight);
  const elements = dataflow === "os" ? used : product.stream;
  // Output stationary, the bottom row leaves first; rows that are not used leave as nulls before it.
  const start = dataflow === "os" ? product.stream - 1 + arrayHeight - used : 2 * arrayHeight - 1;
  return { start, end: start + columns + elements - 1, columns, elements };
}

/** Words that leave in a cycle of a fold. */
export function writesAt(writes: Writes, cycle: number): number {
  const step = cycle - writes.start;
  const last = Math.min(writes.columns - 1, step);
  const first = Math.max(0, step - writes.elements + 1);
  return last < first ? 0 : last - first + 1;
}

/** Address of every fold, in the order in which SCALE-Sim executes them. */
export function* foldsOf(product: Product): Generator<Fold> {
  for (let column = 0; column < product.columnFolds; column++) {
    for (let row = 0; row < product.rowFolds; row++) yield { row, column };
  }
}

/** Cycle of a fold, by its place, of the first or the last line that asks for a word inside the image. */
export function outermostRequest(
  demand: Demand,
  operand: Operand,
  product: Product,
  which: "first" | "last",
): { readonly fold: number; readonly cycle: number } {
  const { rowFolds, columnFolds } = product;
  const buffer = new Int32Array(demand.lanes * demand.width);
  const { outside } = operand.space;
  const folds = rowFolds * columnFolds;
  for (let step = 0; step < folds; step++) {
    const index = which === "first" ? step : folds - 1 - step;
    const fold = { row: index % rowFolds, column: Math.floor(index / rowFolds) };
    const { first, end } = demand.span(fold);
    for (let t = first; t < end; t++) {
      const cycle = which === "first" ? t : first + end - 1 - t;
      const count = demand.line(fold, cycle, buffer);
      for (let i = 0; i < count; i++) {
        if (outside?.(buffer[i] ?? 0) !== true) return { fold: index, cycle };
      }
    }
  }
  return { fold: 0, cycle: 0 };
}
