// Coordinate list: row and column of each non-zero, row-major order.
// Tensors are seen as the matrix [first dimension, product of the rest]; a vector is one row.

import { matrixShape } from "../tensor.ts";
import { packFields, unpackFields } from "./bits.ts";
import { compressRows } from "./csr.ts";
import { damaged, metadata, requireWidth, scatter, valueBits } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface CooFormat {
  readonly kind: "coo";
  /** Width of each of the two coordinates. */
  readonly indexBits: number;
}

/** non-zeros x (2 x indexBits + value width). */
export const coo = (indexBits = 32): CooFormat => ({ kind: "coo", indexBits });

export const cooOperations: FormatOperations<CooFormat> = {
  parameters: [{ name: "indexBits", minimum: 1, maximum: 32, default: 32 }],
  create: ([indexBits]) => coo(indexBits),
  valuesOf: ({ indexBits }) => [indexBits],
  encode(tensor, { indexBits }) {
    const { type, shape } = tensor;
    const [rows, columns] = matrixShape(shape);
    requireWidth("indexBits", indexBits, Math.max(rows, columns) - 1);
    const { pointers, indices, values } = compressRows(tensor);
    const rowOf = new Uint32Array(values.length);
    for (let row = 0; row < rows; row++) rowOf.fill(row, pointers[row], pointers[row + 1]);
    return {
      type,
      shape,
      values,
      metadata: { rows: packFields(rowOf, indexBits), columns: packFields(indices, indexBits) },
    };
  },
  decode(streams, { indexBits }) {
    const [rows, columns] = matrixShape(streams.shape);
    const stored = streams.values.length;
    const positions = unpackFields(metadata(streams, "rows", stored * indexBits), indexBits, stored);
    const columnOf = unpackFields(metadata(streams, "columns", stored * indexBits), indexBits, stored);
    let before = -1;
    for (let i = 0; i < stored; i++) {
      const row = positions[i] ?? 0;
      const column = columnOf[i] ?? 0;
      if (row >= rows) throw damaged(`rows[${i}]`, `below ${rows}`, row);
      if (column >= columns) throw damaged(`columns[${i}]`, `below ${columns}`, column);
      const position = row * columns + column;
      if (position <= before) throw damaged(`columns[${i}]`, "coordinates in ascending order", column);
      positions[i] = position;
      before = position;
    }
    return scatter(streams, positions, streams.values);
  },
  sizeBits({ type, shape, nonZeros }, { indexBits }) {
    requireWidth("indexBits", indexBits, Math.max(...matrixShape(shape)) - 1);
    return nonZeros * 2 * indexBits + valueBits(type, nonZeros);
  },
};
