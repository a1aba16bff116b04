// The table behind SCALE-Sim's files: lines and cells with their places, and what a topology's columns are, by their
// titles or, as SCALE-Sim itself reads, by position alone.

import { InputError } from "../../../base/error.ts";

/** Words (letters only, lower case) that a column's title may be made of. The first is shown in errors. */
interface Column {
  readonly title: string;
  readonly words: readonly string[];
}

const titled = (title: string, ...words: readonly string[]): Column => ({ title, words: [letters(title), ...words] });

// Several published files title the height column "IFMAP Width" too; SCALE-Sim goes by position, and so do we.
export const CONV_COLUMNS: readonly Column[] = [
  titled("IFMAP Height", "ifmapwidth", "ifmaph"),
  titled("IFMAP Width", "ifmapw"),
  titled("Filter Height", "filterh"),
  titled("Filter Width", "filterw"),
  titled("Channels", "channel"),
  titled("Num Filter", "numfilters"),
  titled("Strides", "stride"),
];

/** What the cells of a column past the dimensions mean; in one of `ratio` an N:M counts and everything else is ignored. */
type Extra = "sparsity" | "batch" | "untitled" | "ignored" | "ratio";

export type TopologyKind = "conv" | "gemm";

export interface Header {
  readonly kind: TopologyKind;
  /** Titles of the dimensions, in the order of the columns. */
  readonly titles: readonly string[];
  readonly extras: readonly { readonly title: string; readonly use: Extra }[];
}

export interface Cell {
  readonly text: string;
  /** Counts from 1. */
  readonly column: number;
}

export interface Row {
  readonly line: number;
  readonly cells: readonly Cell[];
  /** A comma follows the last cell; SCALE-Sim drops the last cell of a row where none does. */
  readonly closed: boolean;
}

/** The file that a fault is in, where it has a name. */
export interface InFile {
  readonly file?: string;
}

/** Cells past these are not looked at: a line of nothing but commas must not become millions of objects. */
const MAXIMUM_CELLS = 1000;

/** Lines with any text in them, cut into trimmed cells up to the last that is not empty. Never throws. */
export function readRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  const lines = (text.startsWith("\uFEFF") ? text.slice(1) : text).split(/\r\n|\n|\r/);
  for (const [i, line] of lines.entries()) {
    const cells: Cell[] = [];
    let offset = 0;
    let filled = 0;
    // One more than is looked at tells whether a comma follows the last.
    for (const part of line.split(",", MAXIMUM_CELLS + 1)) {
      const trimmed = part.trim();
      cells.push({ text: trimmed, column: offset + part.length - part.trimStart().length + 1 });
      if (trimmed !== "") filled = cells.length;
      offset += part.length + 1;
    }
    if (filled === 0) continue;
    const kept = Math.min(filled, MAXIMUM_CELLS);
    rows.push({ line: i + 1, cells: cells.slice(0, kept), closed: cells.length > kept });
  }
  return rows;
}

/** Which kind of topology the titles are of; undefined where they are of neither. Never throws. */
export function kindOfTitles(row: Row): TopologyKind | undefined {
  const words = wordsOf(row);
  if (words.slice(1, 4).toSorted().join() === "k,m,n") return "gemm";
  return words[1]?.startsWith("ifmap") === true ? "conv" : undefined;
}

/** A row of numbers where titles should be. */
export const looksLikeLayer = (row: Row): boolean =>
  row.cells.length > 2 && row.cells.slice(1).every((cell) => /^\d+$/.test(cell.text));

/** What the columns are; notes in `remarks` which are ignored. Throws InputError where the titles are not SCALE-Sim's. */
export function readHeader(row: Row, file: InFile, remarks: Set<string>): Header {
  const words = wordsOf(row);
  if (kindOfTitles(row) === "gemm") {
    const titles = words.slice(1, 4).map((word) => word.toUpperCase());
    return { kind: "gemm", titles, extras: extrasOf(row, 4, remarks) };
  }
  if (looksLikeLayer(row)) {
    throw new InputError({
      ...placeOf(row, 0, file),
      message: "the header row is missing",
      found: textOf(row),
      expected: HEADERS,
    });
  }
  if (CONV_COLUMNS[0]?.words.includes(words[1] ?? "") !== true) {
    throw new InputError({
      ...placeOf(row, 1, file),
      message: "neither a conv nor a gemm topology of SCALE-Sim",
      found: textOf(row),
      expected: HEADERS,
    });
  }
  for (const [i, { title, words: accepted }] of CONV_COLUMNS.entries()) {
    if (!accepted.includes(words[i + 1] ?? "")) {
      throw new InputError({
        ...placeOf(row, i + 1, file),
        message: `wrong title of column ${i + 2}`,
        found: row.cells[i + 1]?.text ?? "end of the row",
        expected: title,
        known: CONV_COLUMNS.map((column) => column.title),
      });
    }
  }
  remarkOnHeight(words, remarks);
  return { kind: "conv", titles: CONV_TITLES, extras: extrasOf(row, CONV_TITLES.length + 1, remarks) };
}

/**
 * The columns of a topology of a known kind, which SCALE-Sim reads by position whatever their titles; notes in `remarks`
 * which titles say something else. Throws InputError where the titles are of the other kind.
 */
export function readHeaderByPosition(row: Row, kind: TopologyKind, file: InFile, remarks: Set<string>): Header {
  const titles = kind === "conv" ? CONV_TITLES : GEMM_TITLES;
  const other = kindOfTitles(row);
  if (other !== undefined && other !== kind) {
    throw new InputError({
      ...placeOf(row, 1, file),
      message: `the titles are those of a ${other} topology, which is read with -i ${other}`,
      found: textOf(row),
      expected: kind === "conv" ? CONV_HEADER : GEMM_HEADER,
    });
  }
  if (looksLikeLayer(row)) return { kind, titles, extras: [] };
  if (other === undefined) {
    // Titles that are unknown say nothing about the columns past the dimensions either.
    remarks.add(`the titles are not SCALE-Sim's; the columns are read as ${titles.join(", ")}, by position`);
    return { kind, titles, extras: [] };
  }
  const words = wordsOf(row);
  for (const [i, title] of titles.entries()) {
    const accepted = kind === "conv" ? (CONV_COLUMNS[i]?.words ?? []) : [letters(title)];
    const found = row.cells[i + 1]?.text;
    if (accepted.includes(words[i + 1] ?? "")) continue;
    const given = found === undefined ? "has no title" : `is titled "${found}"`;
    remarks.add(`column ${i + 2} ${given}; read as ${title}, by position as SCALE-Sim does`);
  }
  if (kind === "conv") remarkOnHeight(words, remarks);
  // SCALE-Sim takes the last cell of a row for its N:M, whatever the column's title.
  const extras = extrasOf(row, titles.length + 1, remarks);
  return {
    kind,
    titles,
    extras: extras.map((extra) => (extra.use === "ignored" ? { ...extra, use: "ratio" } : extra)),
  };
}

const CONV_TITLES = CONV_COLUMNS.map((column) => column.title);
const GEMM_TITLES = ["M", "N", "K"];
const CONV_HEADER = `"Layer name, ${CONV_TITLES.join(", ")}"`;
const GEMM_HEADER = `"Layer, ${GEMM_TITLES.join(", ")}"`;
const HEADERS = `${CONV_HEADER} or ${GEMM_HEADER}`;

const textOf = (row: Row): string => row.cells.map((cell) => cell.text).join(",");

const wordsOf = (row: Row): readonly string[] => row.cells.map((cell) => letters(cell.text));

/** Place of a cell; of the last one where the row ends before it. */
function placeOf(row: Row, index: number, file: InFile): { line: number; column: number } & InFile {
  return { ...file, line: row.line, column: (row.cells[index] ?? row.cells.at(-1))?.column ?? 1 };
}

function remarkOnHeight(words: readonly string[], remarks: Set<string>): void {
  if (words[1] !== "ifmapwidth") return;
  remarks.add('column 2 is titled "IFMAP Width"; read as the height, as SCALE-Sim does');
}

/** Columns from the cell `from` on, which follow the dimensions. */
function extrasOf(row: Row, from: number, remarks: Set<string>): Header["extras"] {
  return row.cells.slice(from).map(({ text }) => {
    const use = extraUse(letters(text), text);
    if (use === "ignored") remarks.add(`column "${text}" is ignored`);
    return { title: text, use };
  });
}

function extraUse(word: string, title: string): Extra {
  if (title === "") return "untitled";
  if (word.startsWith("sparsity")) return "sparsity";
  return word === "batch" || word === "batchsize" ? "batch" : "ignored";
}

function letters(title: string): string {
  return title.toLowerCase().replace(/[^a-z]/g, "");
}
