// The table behind a SCALE-Sim topology: its lines and cells with their places, and what its header says the columns are.

import { InputError } from "../base/error.ts";

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

/** What the cells of a column past the dimensions mean. */
type Extra = "sparsity" | "batch" | "untitled" | "ignored";

export interface Header {
  readonly kind: "conv" | "gemm";
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
    for (const part of line.split(",", MAXIMUM_CELLS)) {
      const trimmed = part.trim();
      cells.push({ text: trimmed, column: offset + part.length - part.trimStart().length + 1 });
      if (trimmed !== "") filled = cells.length;
      offset += part.length + 1;
    }
    if (filled > 0) rows.push({ line: i + 1, cells: cells.slice(0, filled) });
  }
  return rows;
}

/** What the columns are; notes in `remarks` which are ignored. Throws InputError where the titles are not SCALE-Sim's. */
export function readHeader(row: Row, file: InFile, remarks: Set<string>): Header {
  const words = row.cells.map((cell) => letters(cell.text));
  const extrasFrom = (from: number): Header["extras"] =>
    row.cells.slice(from).map((cell, i) => {
      const use = extraUse(words[from + i] ?? "", cell.text);
      if (use === "ignored") remarks.add(`column "${cell.text}" is ignored`);
      return { title: cell.text, use };
    });
  const place = (index: number): { line: number; column: number } & InFile => ({
    ...file,
    line: row.line,
    column: (row.cells[index] ?? row.cells.at(-1))?.column ?? 1,
  });
  if (words.slice(1, 4).toSorted().join() === "k,m,n") {
    return { kind: "gemm", titles: words.slice(1, 4).map((word) => word.toUpperCase()), extras: extrasFrom(4) };
  }
  const first = CONV_COLUMNS[0];
  if (row.cells.length > 2 && row.cells.slice(1).every((cell) => /^\d+$/.test(cell.text))) {
    throw new InputError({
      ...place(0),
      message: "the header row is missing",
      found: row.cells.map((cell) => cell.text).join(","),
      expected: HEADERS,
    });
  }
  if (first === undefined || !first.words.includes(words[1] ?? "")) {
    throw new InputError({
      ...place(1),
      message: "neither a conv nor a gemm topology of SCALE-Sim",
      found: row.cells.map((cell) => cell.text).join(","),
      expected: HEADERS,
    });
  }
  for (const [i, { title, words: accepted }] of CONV_COLUMNS.entries()) {
    if (!accepted.includes(words[i + 1] ?? "")) {
      throw new InputError({
        ...place(i + 1),
        message: `wrong title of column ${i + 2}`,
        found: row.cells[i + 1]?.text ?? "end of the row",
        expected: title,
        known: CONV_COLUMNS.map((column) => column.title),
      });
    }
  }
  if (words[1] === "ifmapwidth") {
    remarks.add('column 2 is titled "IFMAP Width"; read as the height, as SCALE-Sim does');
  }
  return {
    kind: "conv",
    titles: CONV_COLUMNS.map((column) => column.title),
    extras: extrasFrom(CONV_COLUMNS.length + 1),
  };
}

const HEADERS = `"Layer name, ${CONV_COLUMNS.map((column) => column.title).join(", ")}" or "Layer, M, N, K"`;

function extraUse(word: string, title: string): Extra {
  if (title === "") return "untitled";
  if (word.startsWith("sparsity")) return "sparsity";
  return word === "batch" || word === "batchsize" ? "batch" : "ignored";
}

export function letters(title: string): string {
  return title.toLowerCase().replace(/[^a-z]/g, "");
}
