// The lines behind the head of a Matrix Market file, from bytes to growing arrays: no string or object per entry.
// matrix-market-header.ts reads the head; matrix-market.ts makes the matrix of what is stored here.

import { InputError } from "../base/error.ts";
import { integers, reals } from "../tensor/sparse-matrix.ts";
import type { MatrixMarketHeader } from "./matrix-market-header.ts";
import {
  badIndex,
  faultAt,
  lineFeed,
  percentSign,
  scanIndex,
  scanIntegerValue,
  scanRealValue,
  skipBlanks,
} from "./matrix-market-line.ts";
import type { Position } from "./matrix-market-line.ts";
import { noNumber } from "./matrix-market-number.ts";

/** Entries as the file lists them, counted from 0; of a symmetric matrix only its triangle. */
export interface Entries {
  readonly row: Uint32Array;
  readonly column: Uint32Array;
  readonly value?: Float64Array;
  readonly warnings: readonly string[];
  /** The line that an entry stands on, in coordinate form. */
  lineOf(entry: number): number;
}

export interface EntryScanner {
  /** Takes the lines from `start` to `end`, where the last one ends with its line feed. Throws InputError. */
  scan(bytes: Uint8Array, start: number, end: number): void;
  /** Throws InputError unless there were as many entries as the size line says. */
  finish(): Entries;
}

/** Reads one entry, in coordinate or in array form. */
interface EntryReader {
  /** Stores the entry that begins at `at`; returns where it ends. */
  take(bytes: Uint8Array, at: number): number;
  finish(): Entries;
}

/** A scanner for the lines behind the size line; `firstLine` is the number of the first of them, from 1. */
export function entryScanner(header: MatrixMarketHeader, file: string, firstLine: number): EntryScanner {
  const position: Position = { file, line: firstLine, lineStart: 0 };
  const reader = header.format === "coordinate" ? coordinateReader(header, position) : arrayReader(header, position);
  const expected = header.entries;
  let taken = 0;
  let surplusLine: number | undefined;
  return {
    scan(bytes, start, end) {
      for (let at = start; at < end; position.line++) {
        position.lineStart = at;
        at = skipBlanks(bytes, at);
        const byte = bytes[at];
        if (byte === percentSign) at = bytes.indexOf(lineFeed, at);
        else if (byte !== lineFeed && taken < expected) {
          at = skipBlanks(bytes, reader.take(bytes, at));
          if (bytes[at] !== lineFeed) throw faultAt(position, bytes, at, "more than an entry", "the end of the line");
          taken++;
        } else if (byte !== lineFeed) {
          surplusLine ??= position.line;
          taken++;
          at = bytes.indexOf(lineFeed, at);
        }
        at++;
      }
    },
    finish() {
      if (taken === expected) return reader.finish();
      throw new InputError({
        file,
        line: surplusLine ?? position.line - 1,
        message: taken < expected ? "too few entries" : "too many entries",
        found: String(taken),
        expected: `${expected}, as the size line says`,
      });
    },
  };
}

function coordinateReader(header: MatrixMarketHeader, position: Position): EntryReader {
  const { field, symmetry, rows, columns } = header;
  const store = entryStore(field !== "pattern", header.entries);
  const scanValue = field === "integer" ? scanIntegerValue : scanRealValue;
  const number = new Float64Array(1);
  const lines = lineRecord();
  // A graph whose size line is one short may count its vertices from 2: that shows only at the end.
  const mayCountFromTwo = field === "pattern" && symmetry === "general" && rows === columns;
  let beyond: InputError | undefined;
  let beyondLine = 0;

  const index = (bytes: Uint8Array, at: number, axis: string, limit: number): number => {
    const end = scanIndex(bytes, at, number);
    const found = number[0] ?? 0;
    if (end !== noNumber && found >= 1 && found <= limit) return end;
    const error = badIndex(position, bytes, at, axis, limit);
    if (end === noNumber || found !== limit + 1 || !mayCountFromTwo) throw error;
    if (beyond === undefined) beyondLine = position.line;
    beyond ??= error;
    return end;
  };

  return {
    take(bytes, start) {
      let at = index(bytes, start, "row", rows);
      const row = (number[0] ?? 0) - 1;
      const columnStart = skipBlanks(bytes, at);
      at = index(bytes, columnStart, "column", columns);
      const column = (number[0] ?? 0) - 1;
      if (symmetry !== "general" && column > row) {
        const expected = `at most ${row + 1}: only the lower triangle is stored`;
        throw faultAt(position, bytes, columnStart, `entry above the diagonal of a ${symmetry} matrix`, expected);
      }
      if (field !== "pattern") {
        const valueStart = skipBlanks(bytes, at);
        at = scanValue(position, bytes, valueStart, number);
        if (symmetry === "skew-symmetric" && row === column && number[0] !== 0) {
          throw faultAt(position, bytes, valueStart, "diagonal of a skew-symmetric matrix", "0, or no entry");
        }
      }
      lines.note(store.size(), position.line);
      store.add(row, column, number[0] ?? 0);
      return at;
    },
    finish() {
      const { lineOf } = lines;
      const stored = store.stored();
      if (beyond === undefined) return { ...stored, lineOf, warnings: [] };
      const { row, column } = stored;
      if (row.length < rows || row.includes(0) || column.includes(0)) throw beyond;
      for (let i = 0; i < row.length; i++) {
        row[i] = (row[i] ?? 0) - 1;
        column[i] = (column[i] ?? 0) - 1;
      }
      const warning =
        `${position.file}:${beyondLine}: rows and columns count from 2: ${rows + 1} occurs in this ${rows} x ` +
        `${columns} matrix and 1 nowhere; each was read as one less`;
      return { row, column, lineOf, warnings: [warning] };
    },
  };
}

/** Every element column by column, of a symmetric matrix those of the lower triangle. Zeros are not stored. */
function arrayReader({ field, symmetry, rows }: MatrixMarketHeader, position: Position): EntryReader {
  const store = entryStore(true, Number.POSITIVE_INFINITY);
  const scanValue = field === "integer" ? scanIntegerValue : scanRealValue;
  const number = new Float64Array(1);
  const firstRow = (column: number) => (symmetry === "general" ? 0 : symmetry === "symmetric" ? column : column + 1);
  let column = 0;
  let row = firstRow(column);
  return {
    take(bytes, at) {
      const end = scanValue(position, bytes, at, number);
      const value = number[0] ?? 0;
      if (value !== 0) store.add(row, column, value);
      if (++row === rows) row = firstRow(++column);
      return end;
    },
    finish: () => ({ ...store.stored(), warnings: [], lineOf: () => position.line }),
  };
}

/** Arrays that grow with their entries, to `limit` at most: a size line alone claims no memory. */
function entryStore(valued: boolean, limit: number) {
  let capacity = Math.min(limit, 1024);
  let row = integers(capacity);
  let column = integers(capacity);
  let value = reals(valued ? capacity : 0);
  let count = 0;
  const grow = () => {
    capacity = Math.min(limit, 2 * capacity);
    const [oldRow, oldColumn, oldValue] = [row, column, value];
    row = integers(capacity);
    row.set(oldRow);
    column = integers(capacity);
    column.set(oldColumn);
    value = reals(valued ? capacity : 0);
    value.set(oldValue);
  };
  return {
    size: () => count,
    add(r: number, c: number, v: number) {
      if (count === capacity) grow();
      row[count] = r;
      column[count] = c;
      if (valued) value[count] = v;
      count++;
    },
    stored: () => ({
      row: row.subarray(0, count),
      column: column.subarray(0, count),
      ...(valued ? { value: value.subarray(0, count) } : {}),
    }),
  };
}

/** Which line an entry stood on, kept only where comments and blank lines put lines and entries out of step. */
function lineRecord() {
  const entries: number[] = [];
  const leads: number[] = [];
  let lead = Number.NaN;
  return {
    note(entry: number, line: number) {
      if (line - entry === lead) return;
      lead = line - entry;
      entries.push(entry);
      leads.push(lead);
    },
    lineOf: (entry: number) => entry + (leads[entries.findLastIndex((from) => from <= entry)] ?? 0),
  };
}
