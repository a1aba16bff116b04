// Compressed sparse columns: for each column a pointer to its first non-zero, for each non-zero its row.
// Tensors are seen as the matrix [first dimension, product of the rest]; a vector is one row.

import { matrixShape, wordsOf, zeros } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";
import { packFields, unpackFields } from "./bits.ts";
import { compressRows, requireIndices, requirePointers } from "./csr.ts";
import type { Compressed } from "./csr.ts";
import { metadata, requireWidth, scatter, valueBits } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface CscFormat {
  readonly kind: "csc";
  readonly indexBits: number;
  readonly pointerBits: number;
}

/** (columns + 1) x pointerBits + non-zeros x (indexBits + value width). */
export const csc = (indexBits = 32, pointerBits = 32): CscFormat => ({ kind: "csc", indexBits, pointerBits });

/** A matrix by columns, in plain arrays for kernels: indices are rows, ascending in each column. */
export function compressColumns(tensor: Tensor): Compressed {
  const [rows, columns] = matrixShape(tensor.shape);
  const byRow = compressRows(tensor);
  const count = byRow.indices.length;
  const pointers = new Uint32Array(columns + 1);
  for (let i = 0; i < count; i++) {
    const after = (byRow.indices[i] ?? 0) + 1;
    pointers[after] = (pointers[after] ?? 0) + 1;
  }
  for (let column = 0; column < columns; column++) {
    pointers[column + 1] = (pointers[column + 1] ?? 0) + (pointers[column] ?? 0);
  }
  const next = pointers.slice(0, columns);
  const indices = new Uint32Array(count);
  const values = zeros(tensor.type, count);
  const from = wordsOf(byRow.values);
  const to = wordsOf(values);
  for (let row = 0; row < rows; row++) {
    const end = byRow.pointers[row + 1] ?? 0;
    for (let i = byRow.pointers[row] ?? 0; i < end; i++) {
      const column = byRow.indices[i] ?? 0;
      const slot = next[column] ?? 0;
      next[column] = slot + 1;
      indices[slot] = row;
      to[slot] = from[i] ?? 0;
    }
  }
  return { pointers, indices, values };
}

export const cscOperations: FormatOperations<CscFormat> = {
  parameters: [
    { name: "indexBits", minimum: 1, maximum: 32, default: 32 },
    { name: "pointerBits", minimum: 1, maximum: 32, default: 32 },
  ],
  create: ([indexBits, pointerBits]) => csc(indexBits, pointerBits),
  valuesOf: ({ indexBits, pointerBits }) => [indexBits, pointerBits],
  encode(tensor, format) {
    const { type, shape } = tensor;
    const { pointers, indices, values } = compressColumns(tensor);
    requireWidth("indexBits", format.indexBits, matrixShape(shape)[0] - 1);
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
    const pointers = unpackFields(metadata(streams, "pointers", (columns + 1) * pointerBits), pointerBits, columns + 1);
    const positions = unpackFields(metadata(streams, "indices", stored * indexBits), indexBits, stored);
    requirePointers(pointers, stored);
    for (let column = 0; column < columns; column++) {
      const start = pointers[column] ?? 0;
      const end = pointers[column + 1] ?? 0;
      requireIndices(positions, start, end, rows);
      for (let i = start; i < end; i++) positions[i] = (positions[i] ?? 0) * columns + column;
    }
    return scatter(streams, positions, streams.values);
  },
  sizeBits({ type, shape, nonZeros }, { indexBits, pointerBits }) {
    const [rows, columns] = matrixShape(shape);
    requireWidth("indexBits", indexBits, rows - 1);
    requireWidth("pointerBits", pointerBits, nonZeros);
    return (columns + 1) * pointerBits + nonZeros * indexBits + valueBits(type, nonZeros);
  },
};
