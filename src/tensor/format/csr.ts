// Compressed sparse rows: for each row a pointer to its first non-zero, for each non-zero its column.
// Tensors are seen as the matrix [first dimension, product of the rest]; a vector is one row.

import { matrixShape } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";
import { packFields, unpackFields } from "./bits.ts";
import { collect, damaged, metadata, requireWidth, scatter, valueBits } from "./encoded.ts";
import type { FormatOperations, NonZeros } from "./encoded.ts";

export interface CsrFormat {
  readonly kind: "csr";
  readonly indexBits: number;
  readonly pointerBits: number;
}

/** (rows + 1) x pointerBits + non-zeros x (indexBits + value width). */
export const csr = (indexBits = 32, pointerBits = 32): CsrFormat => ({ kind: "csr", indexBits, pointerBits });

/** The fibers of a compressed matrix: fiber i holds `indices` and `values` from `pointers[i]` to `pointers[i + 1]`. */
export interface Compressed extends Pick<NonZeros, "values"> {
  readonly pointers: Uint32Array;
  readonly indices: Uint32Array;
}

/** A matrix by rows, in plain arrays for kernels: indices are columns, ascending in each row. */
export function compressRows(tensor: Tensor): Compressed {
  const [rows, columns] = matrixShape(tensor.shape);
  const { positions, values } = collect(tensor);
  const pointers = new Uint32Array(rows + 1);
  const indices = new Uint32Array(positions.length);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const end = start + columns;
    for (; next < positions.length; next++) {
      const position = positions[next] ?? 0;
      if (position >= end) break;
      indices[next] = position - start;
    }
    pointers[row + 1] = next;
  }
  return { pointers, indices, values };
}

/** Throws InputError unless pointers start at 0, end at `stored` and never fall. */
export function requirePointers(pointers: Uint32Array, stored: number): void {
  let before = 0;
  for (const [i, pointer] of pointers.entries()) {
    if (pointer < before || pointer > stored || (i === 0 && pointer !== 0)) {
      throw damaged(`pointers[${i}]`, `${before} to ${stored}`, pointer);
    }
    before = pointer;
  }
  if (before !== stored) throw damaged("pointers", `${stored} at the end`, before);
}

/** Throws InputError unless the indices from `start` to `end` ascend and stay below `limit`. */
export function requireIndices(indices: Uint32Array, start: number, end: number, limit: number): void {
  let before = -1;
  for (let i = start; i < end; i++) {
    const index = indices[i] ?? 0;
    if (index <= before || index >= limit) throw damaged(`indices[${i}]`, `${before + 1} to ${limit - 1}`, index);
    before = index;
  }
}

export const csrOperations: FormatOperations<CsrFormat> = {
  parameters: [
    { name: "indexBits", minimum: 1, maximum: 32, default: 32 },
    { name: "pointerBits", minimum: 1, maximum: 32, default: 32 },
  ],
  create: ([indexBits, pointerBits]) => csr(indexBits, pointerBits),
  valuesOf: ({ indexBits, pointerBits }) => [indexBits, pointerBits],
  encode(tensor, format) {
    const { type, shape } = tensor;
    const { pointers, indices, values } = compressRows(tensor);
    requireWidth("indexBits", format.indexBits, matrixShape(shape)[1] - 1);
    requireWidth("pointerBits", format.pointerBits, values.length);
    return {
      type,
      shape,
      values,
      metadata: { pointers: packFields(pointers, format.pointerBits), indices: packFields(indices, format.indexBits) },
    };
  },
  decode(streams, { indexBits, pointerBits }) {
    const [rows, columns] = matrixShape(streams.shape);
    const stored = streams.values.length;
    const pointers = unpackFields(metadata(streams, "pointers", (rows + 1) * pointerBits), pointerBits, rows + 1);
    const positions = unpackFields(metadata(streams, "indices", stored * indexBits), indexBits, stored);
    requirePointers(pointers, stored);
    for (let row = 0; row < rows; row++) {
      const start = pointers[row] ?? 0;
      const end = pointers[row + 1] ?? 0;
      requireIndices(positions, start, end, columns);
      for (let i = start; i < end; i++) positions[i] = (positions[i] ?? 0) + row * columns;
    }
    return scatter(streams, positions, streams.values);
  },
  sizeBits({ type, shape, nonZeros }, { indexBits, pointerBits }) {
    const [rows, columns] = matrixShape(shape);
    requireWidth("indexBits", indexBits, columns - 1);
    requireWidth("pointerBits", pointerBits, nonZeros);
    return (rows + 1) * pointerBits + nonZeros * indexBits + valueBits(type, nonZeros);
  },
};
