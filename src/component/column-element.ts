// A processing element that multiplies compressed inputs with compressed columns of weights: a zero input costs no cycle,
// a non-zero one as many as its column has words of weights (Chen, Yang, Emer and Sze, JETCAS 2019).

import { InputError } from "../base/error.ts";
import type { Compressed } from "../tensor/format/csr.ts";
import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { multiplyAccumulateArea, multiplyAccumulateEnergy } from "./multiply-accumulate.ts";

/** A scratchpad of the element. */
export interface Scratchpad {
  readonly words: number;
  readonly bits: number;
}

export interface ColumnElement {
  readonly kind: "columnElement";
  /** Equal elements side by side. */
  readonly instances: number;
  /** Weights of one word, multiplied by the same input in one cycle. */
  readonly simdWidth: number;
  /** Bits that count the zeros before a stored value; a longer run stores a zero. */
  readonly countBits: number;
  /** Inputs with a column that wait decoded while an earlier one is multiplied. */
  readonly lookAhead: number;
  readonly inputAddress: Scratchpad;
  /** A value and its count in each word. */
  readonly inputData: Scratchpad;
  readonly weightAddress: Scratchpad;
  /** `simdWidth` weights with their counts in each word; a column begins with a word of its own. */
  readonly weightData: Scratchpad;
  readonly partialSum: Scratchpad;
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
}

/** @throws InputError for an element without multipliers, scratchpads or a queue. */
export function columnElement(parameters: Omit<ColumnElement, "kind">): ColumnElement {
  const require = (path: string, value: number): void => {
    if (Number.isInteger(value) && value >= 1) return;
    throw new InputError({
      path,
      message: "impossible processing element",
      found: String(value),
      expected: "a whole number from 1",
    });
  };
  for (const path of ["instances", "simdWidth", "countBits", "lookAhead"] as const) require(path, parameters[path]);
  for (const path of ["inputAddress", "inputData", "weightAddress", "weightData", "partialSum"] as const) {
    require(`${path}.words`, parameters[path].words);
    require(`${path}.bits`, parameters[path].bits);
  }
  return { kind: "columnElement", ...parameters };
}

/** Columns as they are stored: `indices` and `values` hold zeros where a run was too long for its count. */
export interface StoredColumns {
  readonly pointers: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float64Array;
}

/** What the element stores of columns of non-zeros, rows ascending. */
export function storedColumns({ countBits }: ColumnElement, columns: Compressed): StoredColumns {
  const reach = 2 ** countBits;
  const pointers = new Uint32Array(columns.pointers.length);
  const indices: number[] = [];
  const values: number[] = [];
  for (let column = 0; column + 1 < pointers.length; column++) {
    const end = columns.pointers[column + 1] ?? 0;
    let after = 0;
    for (let i = columns.pointers[column] ?? 0; i < end; i++) {
      const row = columns.indices[i] ?? 0;
      for (; row - after >= reach; after += reach) {
        indices.push(after + reach - 1);
        values.push(0);
      }
      indices.push(row);
      values.push(columns.values[i] ?? 0);
      after = row + 1;
    }
    pointers[column + 1] = indices.length;
  }
  return { pointers, indices: Uint32Array.from(indices), values: Float64Array.from(values) };
}

/** Words of weights that stored columns take: each column begins with a word of its own. */
export function weightWords({ simdWidth }: ColumnElement, { pointers }: Pick<StoredColumns, "pointers">): number {
  let words = 0;
  for (let column = 0; column + 1 < pointers.length; column++) {
    words += Math.ceil(((pointers[column + 1] ?? 0) - (pointers[column] ?? 0)) / simdWidth);
  }
  return words;
}

/** What of a tile does not fit the scratchpads, as a clause; undefined where all of it fits. `rows` are outputs. */
export function columnElementMisfit(
  element: ColumnElement,
  columns: Pick<StoredColumns, "pointers">,
  rows: number,
): string | undefined {
  const count = columns.pointers.length - 1;
  const words = weightWords(element, columns);
  const { weightAddress, weightData, partialSum, inputData } = element;
  if (rows > partialSum.words) return `${rows} outputs in ${partialSum.words} partial sums`;
  if (count > weightAddress.words) return `${count} columns in ${weightAddress.words} addresses`;
  if (count > inputData.words) return `${count} inputs in ${inputData.words} words`;
  if (words > weightData.words) return `${words} words of weights in ${weightData.words}`;
  return undefined;
}

/** What one element does with its tile: cycles, and the events that cost energy. */
export interface ColumnCounts {
  /** Cycles from the first multiplication to the last one. */
  readonly cycles: number;
  readonly inputRead: number;
  readonly weightAddressRead: number;
  readonly weightRead: number;
  /** Partial sums read, and as many written. */
  readonly partialSum: number;
  /** Multiplications of two non-zeros. */
  readonly multiplyAccumulate: number;
  /** Multipliers that wait: padding of odd columns, and zeros stored for long runs. */
  readonly gatedMac: number;
}

/**
 * Sum over the columns of the non-zero inputs that select it times the words of the column. `inputs` are rows of one
 * position each, whose indices are columns. Equals the stepped element where `columnElementExact` holds, and is a lower
 * bound elsewhere.
 */
export function columnElementCounts(element: ColumnElement, weights: StoredColumns, inputs: Compressed): ColumnCounts {
  const { simdWidth } = element;
  const { pointers, values } = weights;
  const selected = new Float64Array(pointers.length - 1);
  for (let i = 0; i < inputs.indices.length; i++) {
    const column = inputs.indices[i] ?? 0;
    selected[column] = (selected[column] ?? 0) + 1;
  }
  let words = 0;
  let products = 0;
  for (let column = 0; column < selected.length; column++) {
    const times = selected[column] ?? 0;
    const [start, end] = [pointers[column] ?? 0, pointers[column + 1] ?? 0];
    let nonZeros = 0;
    for (let i = start; i < end; i++) if (values[i] !== 0) nonZeros++;
    words += times * Math.ceil((end - start) / simdWidth);
    products += times * nonZeros;
  }
  return {
    cycles: words,
    inputRead: inputs.indices.length,
    weightAddressRead: 2 * inputs.indices.length,
    weightRead: words,
    partialSum: products,
    multiplyAccumulate: products,
    gatedMac: words * simdWidth - products,
  };
}

/** True where no non-zero input selects an empty column: finding that out takes a cycle that may not be hidden. */
export function columnElementExact({ pointers }: StoredColumns, inputs: Compressed): boolean {
  for (let i = 0; i < inputs.indices.length; i++) {
    const column = inputs.indices[i] ?? 0;
    if (pointers[column] === pointers[column + 1]) return false;
  }
  return true;
}

/**
 * Cycles from the first multiplication to the last one for any tile, those that wait for an input with a column
 * included: one input is decoded in a cycle, and up to `lookAhead` with a column wait.
 */
export function columnElementCycles(element: ColumnElement, { pointers }: StoredColumns, inputs: Compressed): number {
  const { simdWidth, lookAhead } = element;
  // Cycles in which the last `lookAhead` inputs began to be multiplied, in a ring.
  const begun = new Float64Array(lookAhead).fill(-Infinity);
  let decoded = -1;
  let first = -1;
  let free = 0;
  let started = 0;
  for (let i = 0; i < inputs.indices.length; i++) {
    const column = inputs.indices[i] ?? 0;
    const words = Math.ceil(((pointers[column + 1] ?? 0) - (pointers[column] ?? 0)) / simdWidth);
    decoded++;
    if (words === 0) continue;
    // A place is free once the input `lookAhead` before has begun.
    decoded = Math.max(decoded, begun[started % lookAhead] ?? 0);
    const begin = Math.max(free, decoded + 1);
    begun[started % lookAhead] = begin;
    if (first < 0) first = begin;
    free = begin + words;
    started++;
  }
  return first < 0 ? 0 : free - first;
}

/**
 * Events as in `ColumnCounts`, and `inputWrite`, `weightWrite` for words that fill the scratchpads. Scratchpads are priced
 * as small arrays. Area of scratchpads and multipliers of all instances.
 */
export function columnElementCost(element: ColumnElement, technology: Technology): ComponentCost {
  const { instances, simdWidth, operand, accumulator } = element;
  const pad = ({ words, bits }: Scratchpad) => technology.sram((words * bits) / 8, bits);
  const [inputAddress, inputData] = [pad(element.inputAddress), pad(element.inputData)];
  const [weightAddress, weightData] = [pad(element.weightAddress), pad(element.weightData)];
  const partialSum = pad(element.partialSum);
  const multiplyAccumulate = multiplyAccumulateEnergy({ operand, accumulator }, technology);
  const area = multiplyAccumulateArea({ operand, accumulator }, technology);
  const pads = [inputAddress, inputData, weightAddress, weightData, partialSum];
  const { table } = weightData;
  return {
    energy: {
      inputRead: { joules: inputData.readJoules, table },
      inputWrite: { joules: inputData.writeJoules, table },
      weightAddressRead: { joules: weightAddress.readJoules, table },
      weightRead: { joules: weightData.readJoules, table },
      weightWrite: { joules: weightData.writeJoules, table },
      partialSum: { joules: partialSum.readJoules + partialSum.writeJoules, table },
      multiplyAccumulate,
      gatedMac: { joules: gatedShare * multiplyAccumulate.joules, table: multiplyAccumulate.table },
    },
    squareMillimetres:
      instances *
      (simdWidth * area.squareMillimetres + pads.reduce((sum, { squareMillimetres }) => sum + squareMillimetres, 0)),
    tables: [...new Set([...pads.map((one) => one.table), ...area.tables])],
    leakageWatts: instances * pads.reduce((sum, { leakageWatts }) => sum + leakageWatts, 0),
  };
}

/** As for the units of an array: see unit-array.ts. */
const gatedShare = 0.066 / 2.2;
