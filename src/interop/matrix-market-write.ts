// Sparse matrices to Matrix Market files, in coordinate general form.

import { InputError } from "../base/error.ts";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";

/** The longest line: two indices of nine digits and a double of 24 characters. */
const longestLine = 2 * 10 + 25;

/**
 * The bytes of a .mtx file, row by row: pattern without values; integer where every value is one that a double holds
 * exactly; else real, with the fewest digits that read back as the same double. Throws InputError for a value that is
 * not finite, which the format cannot hold, or for a file that does not fit into memory.
 */
export function writeMatrixMarket(matrix: SparseMatrix): Uint8Array {
  const { rows, columns, rowStart, column } = matrix;
  const field = fieldOf(matrix);
  const head = `%%MatrixMarket matrix coordinate ${field} general\n${rows} ${columns} ${column.length}\n`;
  let bytes = new TextEncoder().encode(head);
  let used = bytes.length;
  bytes = resized(bytes, used + 16 * column.length);
  for (let r = 0; r < rows; r++) {
    const end = rowStart[r + 1] ?? 0;
    for (let i = rowStart[r] ?? 0; i < end; i++) {
      if (used + longestLine > bytes.length) bytes = resized(bytes, 2 * bytes.length + longestLine);
      used = writeInteger(bytes, used, r + 1);
      bytes[used++] = 0x20;
      used = writeInteger(bytes, used, (column[i] ?? 0) + 1);
      if (matrix.value !== undefined) {
        bytes[used++] = 0x20;
        used = writeValue(bytes, used, matrix.value[i] ?? 0);
      }
      bytes[used++] = 0x0a;
    }
  }
  return bytes.subarray(0, used);
}

/** Throws InputError for a value that is not finite. */
function fieldOf({ rows, rowStart, column, value }: SparseMatrix): "pattern" | "integer" | "real" {
  if (value === undefined) return "pattern";
  let integers = true;
  for (let r = 0; r < rows; r++) {
    const end = rowStart[r + 1] ?? 0;
    for (let i = rowStart[r] ?? 0; i < end; i++) {
      const number = value[i] ?? 0;
      if (!Number.isFinite(number)) {
        const path = `value at row ${r + 1}, column ${(column[i] ?? 0) + 1}`;
        throw new InputError({ path, message: "Matrix Market holds finite numbers only", found: String(number) });
      }
      integers &&= Number.isSafeInteger(number) && !Object.is(number, -0);
    }
  }
  return integers ? "integer" : "real";
}

function writeValue(bytes: Uint8Array, start: number, value: number): number {
  const small = value >= 0 && value < 2 ** 31 && Number.isInteger(value) && !Object.is(value, -0);
  if (small) return writeInteger(bytes, start, value);
  const text = Object.is(value, -0) ? "-0" : String(value);
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
  return start + text.length;
}

/** A whole number below 2^31, without a string. */
function writeInteger(bytes: Uint8Array, start: number, value: number): number {
  let end = start + 1;
  for (let rest = value; rest >= 10; end++) rest = (rest / 10) | 0;
  let rest = value | 0;
  for (let at = end - 1; at >= start; at--) {
    const tenth = (rest / 10) | 0;
    bytes[at] = 0x30 + rest - 10 * tenth;
    rest = tenth;
  }
  return end;
}

function resized(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  try {
    const larger = new Uint8Array(length);
    larger.set(bytes);
    return larger;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError({ message: "Matrix Market file does not fit into memory", found: `${length} bytes` });
  }
}
