// The processing element of column-element.ts one cycle at a time, with its values: what the closed form must equal.

import type { Compressed } from "../tensor/format/csr.ts";
import type { ColumnCounts, ColumnElement, StoredColumns } from "./column-element.ts";

export interface SteppedColumns extends ColumnCounts {
  /** Partial sums by position and output, wrapped to the scratchpad's width. */
  readonly sums: Int32Array;
  /** Cycles between the first and the last multiplication in which none took place. */
  readonly bubbles: number;
}

/** An input with its column, waiting to be multiplied. */
interface Waiting {
  readonly position: number;
  readonly value: number;
  next: number;
  readonly end: number;
}

/** Runs all positions of `inputs` against the columns; `rows` is the number of outputs of a position. */
export function stepColumnElement(
  element: ColumnElement,
  weights: StoredColumns,
  inputs: Compressed,
  rows: number,
): SteppedColumns {
  const { simdWidth, lookAhead, partialSum } = element;
  const positions = inputs.pointers.length - 1;
  const sums = new Int32Array(positions * rows);
  const wrap = (sum: number) => (sum << (32 - partialSum.bits)) >> (32 - partialSum.bits);
  const counts = {
    inputRead: 0,
    weightAddressRead: 0,
    weightRead: 0,
    partialSum: 0,
    multiplyAccumulate: 0,
    gatedMac: 0,
  };
  const queue: Waiting[] = [];
  let current: Waiting | undefined;
  let position = 0;
  let input = 0;
  let first = -1;
  let last = -1;
  let busy = 0;
  for (let cycle = 0; input < inputs.indices.length || queue.length > 0 || current !== undefined; cycle++) {
    // The multipliers take what was decoded in an earlier cycle.
    current ??= queue.shift();
    if (current !== undefined) {
      if (first < 0) first = cycle;
      last = cycle;
      busy++;
      counts.weightRead++;
      for (let lane = 0; lane < simdWidth; lane++) {
        const at = current.next + lane;
        const weight = at < current.end ? (weights.values[at] ?? 0) : 0;
        if (weight === 0) {
          counts.gatedMac++;
          continue;
        }
        const sum = current.position * rows + (weights.indices[at] ?? 0);
        sums[sum] = wrap((sums[sum] ?? 0) + current.value * weight);
        counts.multiplyAccumulate++;
        counts.partialSum++;
      }
      current.next += simdWidth;
      if (current.next >= current.end) current = undefined;
    }
    // One input is decoded: its column's two addresses say whether there is anything to multiply.
    if (input < inputs.indices.length) {
      while (input >= (inputs.pointers[position + 1] ?? 0)) position++;
      const column = inputs.indices[input] ?? 0;
      const [start, end] = [weights.pointers[column] ?? 0, weights.pointers[column + 1] ?? 0];
      if (start === end || queue.length < lookAhead) {
        counts.inputRead++;
        counts.weightAddressRead += 2;
        if (start < end) queue.push({ position, value: inputs.values[input] ?? 0, next: start, end });
        input++;
      }
    }
  }
  const cycles = first < 0 ? 0 : last - first + 1;
  return { cycles, bubbles: cycles - busy, sums, ...counts };
}
