// One row of a SCALE-Sim topology as numbers, for both readers: the one that makes a network of it and the one that
// reads exactly what SCALE-Sim would. Every fault has its line, column and field.

import { InputError } from "../../../base/error.ts";
import { MAXIMUM_DIMENSION } from "../../../workload/shapes.ts";
import type { Cell, Header, InFile, Row } from "./topology-header.ts";
import { CONV_COLUMNS } from "./topology-header.ts";

/** `kept` of every `block` weights. */
export interface RowSparsity {
  readonly kept: number;
  readonly block: number;
}

export interface TopologyRow {
  readonly line: number;
  readonly name: string;
  /** In the order of the header's titles. */
  readonly sizes: readonly number[];
  readonly sparsity?: RowSparsity;
  /** Of a batch column. */
  readonly batch?: number;
}

/** What rows give reason to say; a Set where one mention is enough however many rows repeat it. */
export interface RowNotes {
  readonly remarks: Set<string>;
  readonly titles: string[];
  readonly comments: string[];
}

export const newRowNotes = (): RowNotes => ({ remarks: new Set(), titles: [], comments: [] });

export const rowWarnings = (notes: RowNotes): readonly string[] => [
  ...notes.remarks,
  ...listed("rows with only a name are skipped", notes.titles),
  ...listed("comments after the last column are ignored", notes.comments),
];

/** One warning for any number of like things, none for none; the first eight are named. */
export function listed(text: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length > 8 ? ` and ${items.length - 8} more` : "";
  return [`${text}: ${items.slice(0, 8).join(", ")}${more}`];
}

/** Where a row is. */
export type RowPlace = InFile & { readonly line: number };

/** A row's numbers; undefined, with a note, for a row with only a name. Throws InputError with line, column and field. */
export function readTopologyRow(row: Row, header: Header, file: InFile, notes: RowNotes): TopologyRow | undefined {
  const [nameCell] = row.cells;
  if (nameCell === undefined) return undefined;
  const place = { ...file, line: row.line };
  const name = nameCell.text;
  if (name === "") {
    throw new InputError({
      ...place,
      column: nameCell.column,
      message: "the row has no name",
      expected: "a layer name in the first column",
    });
  }
  if (row.cells.length === 1) {
    notes.titles.push(`"${name}" (line ${row.line})`);
    return undefined;
  }
  const sizes = header.titles.map((title, i) => readSize(row, i + 1, title, place));
  const extra = readExtras(row, header, place, notes);
  if (header.kind === "conv") {
    // Height and width of the filter against those of the image.
    requireFits(sizes[2] ?? 0, sizes[0] ?? 0, 3, row, place);
    requireFits(sizes[3] ?? 0, sizes[1] ?? 0, 4, row, place);
  }
  return { line: row.line, name, sizes, ...extra };
}

/** Bounds of an integer cell. */
interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

const DIMENSION: Bounds = { minimum: 1, maximum: MAXIMUM_DIMENSION };

/** The integer in cell `index` of a row. Throws InputError with line, column and title. */
export function readSize(row: Row, index: number, title: string, place: RowPlace, bounds = DIMENSION): number {
  const cell = row.cells[index];
  if (cell === undefined) {
    const last = row.cells.at(-1);
    throw new InputError({
      ...place,
      column: (last?.column ?? 1) + (last?.text.length ?? 0),
      path: title,
      message: "the row ends too early",
      found: `${row.cells.length} cells`,
      expected: `a ${title} in cell ${index + 1}`,
    });
  }
  const { minimum, maximum } = bounds;
  const value = /^\d{1,10}$/.test(cell.text) ? Number(cell.text) : Number.NaN;
  if (!(value >= minimum && value <= maximum)) {
    const symbolic = /^[A-Za-z]\w*$/.test(cell.text);
    throw new InputError({
      ...place,
      column: cell.column,
      path: title,
      message: cell.text === "" ? "empty cell" : symbolic ? "symbolic size" : "bad size",
      ...(cell.text === "" ? {} : { found: cell.text }),
      expected: symbolic
        ? `a number in its place (${minimum} to ${maximum})`
        : `an integer from ${minimum} to ${maximum}`,
    });
  }
  return value;
}

function readExtras(
  row: Row,
  header: Header,
  place: RowPlace,
  notes: RowNotes,
): Pick<TopologyRow, "sparsity" | "batch"> {
  const found: { sparsity?: RowSparsity; batch?: number } = {};
  for (let index = header.titles.length + 1; index < row.cells.length; index++) {
    const cell = row.cells[index];
    if (cell === undefined || cell.text === "") continue;
    const { use, title } = header.extras[index - header.titles.length - 1] ?? { use: "untitled", title: "" };
    const ratio = /^\d+\s*:\s*\d+$/.test(cell.text);
    if (use === "ignored" || (use === "ratio" && !ratio)) continue;
    if (use === "batch") {
      found.batch = readSize(row, index, title, place);
    } else if (use === "sparsity" || ratio) {
      found.sparsity = readSparsity(cell, place);
    } else if (cell.text.startsWith("#")) {
      notes.comments.push(`"${cell.text}" (line ${row.line})`);
    } else {
      throw new InputError({
        ...place,
        column: cell.column,
        message: "a cell past the last titled column",
        found: cell.text,
        expected: `${header.titles.length + 1} cells, or a Sparsity N:M`,
      });
    }
  }
  return found;
}

/** `N:M`: N of every M weights are kept. */
function readSparsity(cell: Cell, place: RowPlace): RowSparsity {
  const match = /^(\d{1,9})\s*:\s*(\d{1,9})$/.exec(cell.text);
  const kept = Number(match?.[1] ?? 0);
  const block = Number(match?.[2] ?? 0);
  if (kept < 1 || block < kept) {
    throw new InputError({
      ...place,
      column: cell.column,
      path: "Sparsity",
      message: "bad sparsity",
      found: cell.text,
      expected: "N:M with 1 <= N <= M",
    });
  }
  return { kept, block };
}

function requireFits(kernel: number, size: number, index: number, row: Row, place: RowPlace): void {
  if (kernel <= size) return;
  const title = CONV_COLUMNS[index - 1]?.title ?? "";
  throw new InputError({
    ...place,
    column: row.cells[index]?.column ?? 1,
    path: title,
    message: "the filter is larger than the image",
    found: String(kernel),
    expected: `at most ${size}`,
  });
}
