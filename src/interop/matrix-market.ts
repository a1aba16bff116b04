// Matrix Market files (.mtx) to sparse matrices: a parser that is fed bytes in pieces of any size, so that no file need
// lie in memory whole. Files on disk: matrix-market-file.ts. Format: see matrix-market-header.ts.
//
// Coordinate and array form; real, integer and pattern; general, symmetric and skew-symmetric, whose other triangle is
// filled in. Entries of coordinate form stay entries, zeros included: published counts go by the pattern as stored. Of
// array form, which lists every element, the zeros are left out. Entries at one place are summed, with a warning. Graphs
// in circulation count their vertices from 2 under a size line that is one short: a square general pattern with at least
// as many entries as rows, an index just beyond the last and none that is 1 is read as one less, with a warning.

import { InputError } from "../base/error.ts";
import { integers, reals, requireEntries, sparseFromCoordinates, transpose } from "../tensor/sparse-matrix.ts";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import { entryScanner } from "./matrix-market-entries.ts";
import type { Entries, EntryScanner } from "./matrix-market-entries.ts";
import { parseBanner, parseSizes } from "./matrix-market-header.ts";
import type { MatrixMarketBanner, MatrixMarketHeader } from "./matrix-market-header.ts";
import { lineFeed } from "./matrix-market-line.ts";

export type { MatrixMarketHeader } from "./matrix-market-header.ts";

export interface MatrixMarket {
  readonly matrix: SparseMatrix;
  /** What was read in another way than the file says it, one sentence each. */
  readonly warnings: readonly string[];
  readonly header: MatrixMarketHeader;
}

export interface MatrixMarketParser {
  /** Takes the next bytes of the file; they are not kept. Throws InputError at the first fault. */
  push(chunk: Uint8Array): void;
  /** The matrix, once all bytes are in. Throws InputError for a file that ends too early or too late. */
  finish(): MatrixMarket;
}

/** Longest line that is read. The format allows 1024 characters. */
const maximumLine = 2 ** 20;

/** A parser for one file, named `file` in errors. */
export function matrixMarketParser(file: string): MatrixMarketParser {
  /** What came behind the last line feed. */
  let rest: Uint8Array = new Uint8Array();
  let lines = 0;
  let banner: MatrixMarketBanner | undefined;
  let header: MatrixMarketHeader | undefined;
  let scanner: EntryScanner | undefined;

  const takeHead = (bytes: Uint8Array): void => {
    lines++;
    // A byte order mark, which some editors put first, is dropped by the decoder.
    const line = new TextDecoder().decode(bytes).trimEnd();
    const place = { file, line: lines };
    if (banner === undefined) banner = parseBanner(line, place);
    else if (line.trim() !== "" && !line.trimStart().startsWith("%")) {
      header = parseSizes(line, banner, place);
      scanner = entryScanner(header, file, lines + 1);
    }
  };

  /** Whole lines. */
  const take = (bytes: Uint8Array, start: number, end: number): void => {
    for (let at = start; at < end;) {
      if (scanner !== undefined) {
        scanner.scan(bytes, at, end);
        return;
      }
      const next = bytes.indexOf(lineFeed, at) + 1;
      takeHead(bytes.subarray(at, next));
      at = next;
    }
  };

  const keep = (bytes: Uint8Array): void => {
    if (rest.length + bytes.length > maximumLine) {
      // What is no text at all has long lines too: its banner tells more.
      if (banner === undefined) takeHead(joined(rest, bytes).subarray(0, 80));
      throw new InputError({ file, message: `a line is longer than ${maximumLine} bytes` });
    }
    rest = joined(rest, bytes);
  };

  return {
    push(chunk) {
      let start = 0;
      if (rest.length > 0) {
        start = chunk.indexOf(lineFeed) + 1;
        keep(chunk.subarray(0, start === 0 ? chunk.length : start));
        if (start === 0) return;
        const line = rest;
        rest = new Uint8Array();
        take(line, 0, line.length);
      }
      const end = chunk.lastIndexOf(lineFeed) + 1;
      if (end > start) take(chunk, start, end);
      keep(chunk.subarray(Math.max(start, end)));
    },
    finish() {
      if (rest.length > 0) take(joined(rest, Uint8Array.of(lineFeed)), 0, rest.length + 1);
      rest = new Uint8Array();
      if (header !== undefined && scanner !== undefined) return assembled(header, scanner.finish(), file);
      if (banner === undefined) throw new InputError({ file, message: "not a Matrix Market file: it is empty" });
      throw new InputError({ file, line: lines, message: "the file ends before its size line" });
    },
  };
}

/** The matrix of a whole file that is not compressed. Throws InputError as the parser. */
export function parseMatrixMarket(bytes: Uint8Array, file: string): MatrixMarket {
  const parser = matrixMarketParser(file);
  parser.push(bytes);
  return parser.finish();
}

/** First byte of gzip; no text begins with it. */
const gzipByte = 0x1f;

/**
 * The matrix of a file that comes in pieces, plain or compressed with gzip (told by its first byte), of any size: memory
 * grows with the matrix, not with the file. Throws InputError as the parser, and whatever the pieces and `inflate` throw.
 */
export async function readMatrixMarketPieces(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
  inflate: (pieces: AsyncIterable<Uint8Array>, file: string) => AsyncIterable<Uint8Array>,
): Promise<MatrixMarket> {
  const parser = matrixMarketParser(file);
  const rest = pieces[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done === true) return parser.finish();
  const whole = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => rest };
  })();
  const text = first.value[0] === gzipByte ? inflate(whole, file) : whole;
  for await (const piece of text) parser.push(piece);
  return parser.finish();
}

function assembled(header: MatrixMarketHeader, entries: Entries, file: string): MatrixMarket {
  const { row, column, value } = entries;
  const gathered = sparseFromCoordinates(header.rows, header.columns, row, column, value);
  const warnings = [...entries.warnings];
  const { matrix: stored, duplicates, firstDuplicate } = gathered;
  if (firstDuplicate !== undefined) {
    requireSums(stored, header, file);
    const [r, c] = [(row[firstDuplicate] ?? 0) + 1, (column[firstDuplicate] ?? 0) + 1];
    const entriesRepeat =
      duplicates === 1 ? "an entry repeats an earlier place" : `${duplicates} entries repeat earlier places`;
    const done = value === undefined ? "each place counts once" : "values at one place were summed";
    warnings.push(`${file}:${entries.lineOf(firstDuplicate)}: ${entriesRepeat}, first row ${r}, column ${c}; ${done}`);
  }
  const matrix = header.symmetry === "general" ? stored : mirrored(stored, header.symmetry === "skew-symmetric");
  return { matrix, warnings, header };
}

/** Throws InputError where the sum of duplicates leaves the numbers that a double holds, exactly in integer files. */
function requireSums(
  { rowStart, column, value }: SparseMatrix,
  { rows, field }: MatrixMarketHeader,
  file: string,
): void {
  if (value === undefined) return;
  for (let r = 0; r < rows; r++) {
    const end = rowStart[r + 1] ?? 0;
    for (let i = rowStart[r] ?? 0; i < end; i++) {
      const sum = value[i] ?? 0;
      if (field === "integer" ? Number.isSafeInteger(sum) : Number.isFinite(sum)) continue;
      throw new InputError({
        file,
        message: `entries at row ${r + 1}, column ${(column[i] ?? 0) + 1} sum to a number that is too large`,
        found: String(sum),
        expected: field === "integer" ? "within +-(2^53 - 1)" : "a finite number",
      });
    }
  }
}

/** A lower triangle and, above the diagonal, its transpose, negated for a skew-symmetric matrix. */
function mirrored(lower: SparseMatrix, negated: boolean): SparseMatrix {
  const { rows, columns } = lower;
  const upper = transpose(lower);
  const rowStart = integers(rows + 1);
  let entries = 0;
  for (let r = 0; r < rows; r++) {
    entries += (lower.rowStart[r + 1] ?? 0) - (lower.rowStart[r] ?? 0);
    entries += (upper.rowStart[r + 1] ?? 0) - aboveDiagonal(upper, r);
    requireEntries(entries);
    rowStart[r + 1] = entries;
  }
  const column = integers(entries);
  const value = lower.value === undefined ? undefined : reals(entries);
  for (let r = 0; r < rows; r++) {
    // Columns of the lower triangle end where those above the diagonal begin.
    const [start, end] = [lower.rowStart[r] ?? 0, lower.rowStart[r + 1] ?? 0];
    const [above, last] = [aboveDiagonal(upper, r), upper.rowStart[r + 1] ?? 0];
    let at = rowStart[r] ?? 0;
    for (let i = start; i < end; i++, at++) {
      column[at] = lower.column[i] ?? 0;
      if (value !== undefined) value[at] = lower.value?.[i] ?? 0;
    }
    for (let i = above; i < last; i++, at++) {
      column[at] = upper.column[i] ?? 0;
      const mirror = upper.value?.[i] ?? 0;
      if (value !== undefined) value[at] = negated ? 0 - mirror : mirror;
    }
  }
  return value === undefined ? { rows, columns, rowStart, column } : { rows, columns, rowStart, column, value };
}

/** First entry of row r of an upper triangle that is not on the diagonal. */
function aboveDiagonal({ rowStart, column }: SparseMatrix, r: number): number {
  const start = rowStart[r] ?? 0;
  return start < (rowStart[r + 1] ?? 0) && column[start] === r ? start + 1 : start;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
