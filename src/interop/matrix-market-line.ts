// Indices and values on a line of a Matrix Market file, each read where it stands or refused with its line and column.

import { InputError } from "../base/error.ts";
import { noNumber, scanInteger, scanReal } from "./matrix-market-number.ts";

/** Where the reader is: `lineStart` is the position of the line in the bytes at hand. */
export interface Position {
  readonly file: string;
  line: number;
  lineStart: number;
}

/** Reads a number at `at` to `out[0]` and returns where it ends; a separator follows. Throws InputError. */
export type Scan = (position: Position, bytes: Uint8Array, at: number, out: Float64Array) => number;

export const lineFeed = 0x0a;
export const percentSign = 0x25;

/** Space, tab or carriage return. */
export const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

const isSeparator = (byte: number): boolean => isBlank(byte) || byte === lineFeed;

/** The error for the word that begins at `at`, or for the want of one. */
export function faultAt(
  { file, line, lineStart }: Position,
  bytes: Uint8Array,
  at: number,
  message: string,
  expected: string,
): InputError {
  const found = wordAt(bytes, at);
  const column = at - lineStart + 1;
  return new InputError({ file, line, column, message, ...(found === "" ? {} : { found }), expected });
}

/** Position of the next byte that is not blank. */
export function skipBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isBlank(bytes[at] ?? 0)) at++;
  return at;
}

/** A whole number of any sign to `out[0]`, for `badIndex` to judge; `noNumber` where there is none. */
export function scanIndex(bytes: Uint8Array, at: number, out: Float64Array): number {
  const end = scanInteger(bytes, at, out);
  return end !== noNumber && isSeparator(bytes[end] ?? 0) ? end : noNumber;
}

/** The error for an index, of `axis`, that is not a whole number from 1 to `limit`. */
export function badIndex(position: Position, bytes: Uint8Array, at: number, axis: string, limit: number): InputError {
  const word = wordAt(bytes, at);
  const message =
    word === ""
      ? `entry without its ${axis}`
      : /^[+-]?0+$/.test(word)
        ? `${axis} 0: Matrix Market counts from 1`
        : /^[+-]?\d+$/.test(word)
          ? `${axis} outside the matrix`
          : `${axis} is not a whole number`;
  return faultAt(position, bytes, at, message, limit === 0 ? "no entries in an empty matrix" : `1 to ${limit}`);
}

/** A finite real number. */
export const scanRealValue: Scan = (position, bytes, at, out) => {
  const end = scanReal(bytes, at, out);
  if (end === noNumber || !isSeparator(bytes[end] ?? 0)) {
    const finite = !/^[+-]?(?:nan|inf|infinity)$/i.test(wordAt(bytes, at));
    throw badValue(position, bytes, at, finite ? "not a number" : "value is not finite", "a finite number");
  }
  if (Number.isFinite(out[0] ?? 0)) return end;
  throw faultAt(position, bytes, at, "number too large", "at most 1.7977e308, the largest double");
};

/** An integer that a double holds exactly. */
export const scanIntegerValue: Scan = (position, bytes, at, out) => {
  const end = scanInteger(bytes, at, out);
  if (end === noNumber || !isSeparator(bytes[end] ?? 0)) {
    throw badValue(position, bytes, at, "not an integer", "an integer, as the banner says");
  }
  if (Number.isSafeInteger(out[0] ?? 0)) return end;
  throw faultAt(position, bytes, at, "integer too large to be held exactly", "within +-(2^53 - 1)");
};

function badValue(position: Position, bytes: Uint8Array, at: number, message: string, expected: string): InputError {
  const missing = wordAt(bytes, at) === "";
  return faultAt(position, bytes, at, missing ? "entry without its value" : message, expected);
}

/** The word that begins at `at`, or as much of it as an error shows; empty at the end of a line. */
function wordAt(bytes: Uint8Array, at: number): string {
  let end = at;
  while (end < bytes.length && end - at < 80 && !isSeparator(bytes[end] ?? 0)) end++;
  return new TextDecoder().decode(bytes.subarray(at, end));
}
