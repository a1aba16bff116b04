// The head of a Matrix Market file: its banner, which says what the entries are, and its size line.
// Format: Boisvert, Pozo and Remington, "The Matrix Market Exchange Formats: Initial Design", NISTIR 5935, 1996.

import { InputError } from "../base/error.ts";
import type { Place } from "../base/error.ts";
import { maximumDimension, maximumEntries } from "../tensor/sparse-matrix.ts";

/** What the banner says. */
export interface MatrixMarketBanner {
  /** `coordinate`: an entry a line, with its row and column. `array`: every element, column by column. */
  readonly format: "coordinate" | "array";
  readonly field: "real" | "integer" | "pattern";
  readonly symmetry: "general" | "symmetric" | "skew-symmetric";
}

export interface MatrixMarketHeader extends MatrixMarketBanner {
  readonly rows: number;
  readonly columns: number;
  /** Entries that the file stores: of a symmetric matrix only those of the lower triangle. */
  readonly entries: number;
}

/** A word of a line and the column, from 1, that it begins at. */
interface Word {
  readonly text: string;
  readonly column: number;
}

const formats = ["coordinate", "array"] as const;
const fields = ["real", "integer", "pattern"] as const;
const symmetries = ["general", "symmetric", "skew-symmetric"] as const;

const model = "%%MatrixMarket matrix coordinate real general, or other words in these places";

/** The banner, in letters of either case. Throws InputError at the word that is missing, unknown or unsupported. */
export function parseBanner(line: string, place: Place): MatrixMarketBanner {
  const [first, object, format, field, symmetry, more] = wordsOf(line);
  if (first?.text.toLowerCase() !== "%%matrixmarket") {
    // Collections hand matrices out as .tar.gz; the head of an archive and the banner of its first file are one line.
    if (line.slice(257, 262) === "ustar") {
      throw new InputError({ ...place, message: "a tar archive: unpack the .mtx file that is in it" });
    }
    throw new InputError({ ...place, column: 1, message: "not a Matrix Market file", found: line, expected: model });
  }
  choose("object", object, ["matrix"], line, place);
  const banner = {
    format: choose("format", format, formats, line, place),
    field: choose("field", field, fields, line, place),
    symmetry: choose("symmetry", symmetry, symmetries, line, place),
  };
  if (more !== undefined) throw fault("more words than a banner has", more, "the end of the line", place);
  if (field !== undefined && banner.field === "pattern" && banner.format === "array") {
    throw fault("an array holds every element, so it has no pattern", field, "real or integer", place);
  }
  if (symmetry !== undefined && banner.field === "pattern" && banner.symmetry === "skew-symmetric") {
    throw fault("a pattern has no signs to skew", symmetry, "general or symmetric", place);
  }
  return banner;
}

/** The size line. Throws InputError at the number that is missing, not a whole number, or too large. */
export function parseSizes(line: string, banner: MatrixMarketBanner, place: Place): MatrixMarketHeader {
  const words = wordsOf(line);
  const names = banner.format === "coordinate" ? ["rows", "columns", "entries"] : ["rows", "columns"];
  const more = words[names.length];
  if (more !== undefined) {
    throw fault(`size line of ${banner.format} form with too many numbers`, more, names.join(", "), place);
  }
  const [rows, columns, entries] = names.map((name, index) => {
    const word = words[index];
    const maximum = name === "entries" ? maximumEntries : maximumDimension;
    if (word === undefined) {
      const column = line.trimEnd().length + 1;
      throw fault(`size line without the number of ${name}`, { text: line, column }, names.join(", "), place);
    }
    const size = /^\d+$/.test(word.text) ? Number(word.text) : Number.NaN;
    if (size <= maximum) return size;
    throw fault(`bad number of ${name} in the size line`, word, `an integer from 0 to ${maximum}`, place);
  });
  const sizes = { rows: rows ?? 0, columns: columns ?? 0 };
  const [, second] = words;
  if (banner.symmetry !== "general" && sizes.rows !== sizes.columns && second !== undefined) {
    throw fault(`a ${banner.symmetry} matrix is square`, second, `${sizes.rows} columns, as many as rows`, place);
  }
  return { ...banner, ...sizes, entries: entries ?? storedElements(banner, sizes.rows, sizes.columns) };
}

/** Numbers that array form lists: all, or one triangle of them. */
function storedElements({ symmetry }: MatrixMarketBanner, rows: number, columns: number): number {
  if (symmetry === "general") return rows * columns;
  return (rows * (rows + 1)) / 2 - (symmetry === "symmetric" ? 0 : rows);
}

function choose<T extends string>(
  what: string,
  word: Word | undefined,
  known: readonly T[],
  line: string,
  place: Place,
): T {
  const expected = known.length === 1 ? `${known[0]}` : `one of ${known.join(", ")}`;
  if (word === undefined) {
    throw fault(`banner without its ${what}`, { text: line, column: line.trimEnd().length + 1 }, expected, place);
  }
  const text = word.text.toLowerCase();
  const chosen = known.find((candidate) => candidate === text);
  if (chosen !== undefined) return chosen;
  if (unsupported.includes(text)) throw fault(`unsupported ${what}: ${text}`, word, expected, place);
  throw fault(`unknown ${what}`, word, expected, place, known);
}

/** Words of the format that this reader knows and refuses. */
const unsupported: readonly string[] = ["complex", "hermitian", "vector"];

function fault(
  message: string,
  { text, column }: Word,
  expected: string,
  place: Place,
  known?: readonly string[],
): InputError {
  return new InputError({
    ...place,
    column,
    message,
    found: text,
    expected,
    ...(known === undefined ? {} : { known }),
  });
}

function wordsOf(line: string): readonly Word[] {
  return [...line.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
}
