// Text tables that fit a width: numbers aligned right, long names cut in the middle, and, when that is not enough,
// the least important columns left out and named below. Used by every command that prints rows.

import { elideMiddle, printable } from "./units.ts";

export interface Column {
  readonly title: string;
  /** Printed below the title in brackets. */
  readonly unit?: string;
  /** Neighbouring columns with the same group share a heading above. */
  readonly group?: string;
  readonly align?: "left" | "right";
  /** The column may be cut in the middle down to this width. */
  readonly minimum?: number;
  /** The column may be left out; the highest number goes first. */
  readonly drop?: number;
}

/** Text, or text with a painted form of the same width (escape sequences) that is used where nothing is cut. */
export type Cell = string | { readonly text: string; readonly painted: string };

/** Width used where the output is not a terminal: nothing is lost in a file, and it still fits a wide screen. */
export const defaultWidth = 120;

const gap = "  ";

export interface TableOptions {
  readonly colour?: boolean;
  /** What to say after the names of columns left out; default "widen the terminal to see them". */
  readonly hint?: string;
}

/**
 * The table as lines, each at most `width` wide, ended by a line feed. Control characters in cells are replaced. A
 * table that cannot fit even so has its cells cut.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width = defaultWidth,
  options: TableOptions = {},
): string {
  const natural = columns.map((column, index) => naturalWidth(column, index, rows));
  const { kept, widths } = fit(columns, natural, Math.max(width, 8));
  const dim = options.colour === true ? dimmed : (text: string): string => text;
  const lines: string[] = [];
  if (kept.some((index) => columns[index]?.group !== undefined)) lines.push(dim(groupLine(columns, kept, widths)));
  const header = (text: (column: Column) => string): string =>
    kept
      .map((index, at) => pad(text(columns[index] ?? { title: "" }), widths[at] ?? 0, columns[index]?.align))
      .join(gap)
      .trimEnd();
  lines.push(header((column) => printable(column.title)));
  if (kept.some((index) => columns[index]?.unit !== undefined)) {
    lines.push(dim(header((column) => (column.unit === undefined || column.unit === "" ? "" : `[${column.unit}]`))));
  }
  lines.push(dim(widths.map((size) => "─".repeat(size)).join(gap)));
  for (const row of rows) {
    lines.push(
      kept
        .map((index, at) => pad(row[index] ?? "", widths[at] ?? 0, columns[index]?.align))
        .join(gap)
        .trimEnd(),
    );
  }
  const left = columns
    .filter((_, index) => !kept.includes(index))
    .map((column) => (column.group === undefined ? column.title : `${column.group} ${column.title}`));
  if (left.length > 0) {
    lines.push(
      ...wrap(
        `Left out for width: ${left.join(", ")}; ${options.hint ?? "widen the terminal to see them"}.`,
        width,
      ).map(dim),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Text of one column a code unit: Latin letters, signs, and the lines and blocks that tables are drawn with. */
const narrow = /^[\u0020-\u02ff\u2500-\u259f]*$/;

/** Columns that `text` takes in a terminal: wide East Asian characters two, combining marks none. */
export function displayWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character.codePointAt(0) ?? 0);
  return width;
}

/** `text` broken at blanks into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function characterWidth(code: number): number {
  if (code < 0x300) return 1;
  if (code < 0x370 || (code >= 0x200b && code <= 0x200d) || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

function dimmed(text: string): string {
  return text === "" ? text : `\u001b[2m${text}\u001b[22m`;
}

function cellText(cell: Cell): string {
  return printable(typeof cell === "string" ? cell : cell.text);
}

function naturalWidth(column: Column, index: number, rows: readonly (readonly Cell[])[]): number {
  let width = Math.max(
    displayWidth(column.title),
    column.unit === undefined || column.unit === "" ? 0 : displayWidth(column.unit) + 2,
  );
  for (const row of rows) width = Math.max(width, displayWidth(cellText(row[index] ?? "")));
  return width;
}

/** Columns that stay and their widths: names are cut first, then columns left out, then anything cut. */
function fit(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): { kept: readonly number[]; widths: readonly number[] } {
  let kept = columns.map((_, index) => index);
  for (;;) {
    const floor = (index: number): number => Math.min(natural[index] ?? 0, columns[index]?.minimum ?? Infinity);
    const widths = shrink(
      kept.map((index) => natural[index] ?? 0),
      kept.map(floor),
      width,
    );
    if (totalWidth(widths) <= width) return { kept, widths };
    let victim: number | undefined;
    for (const index of kept) {
      const rank = columns[index]?.drop;
      if (rank !== undefined && (victim === undefined || rank >= (columns[victim]?.drop ?? 0))) victim = index;
    }
    if (victim === undefined) {
      return {
        kept,
        widths: shrink(
          widths,
          widths.map(() => 1),
          width,
        ),
      };
    }
    const gone = victim;
    kept = kept.filter((index) => index !== gone);
  }
}

/** Takes the excess over `width` from the widest columns, one character at a time, none below its floor. */
function shrink(widths: readonly number[], floors: readonly number[], width: number): readonly number[] {
  const result = [...widths];
  for (let excess = totalWidth(result) - width; excess > 0; excess--) {
    let widest = -1;
    result.forEach((size, index) => {
      if (size > (floors[index] ?? 0) && (widest < 0 || size > (result[widest] ?? 0))) widest = index;
    });
    if (widest < 0) break;
    result[widest] = (result[widest] ?? 0) - 1;
  }
  return result;
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, size) => sum + size, 0) + gap.length * Math.max(0, widths.length - 1);
}

function pad(cell: Cell, width: number, align: Column["align"] = "left"): string {
  const text = cellText(cell);
  const shown = cut(text, width);
  const blanks = " ".repeat(Math.max(0, width - displayWidth(shown)));
  const body = typeof cell !== "string" && shown === text ? cell.painted : shown;
  return align === "right" ? blanks + body : body + blanks;
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let shown = elideMiddle(text, width);
  for (let size = width - 1; size > 0 && displayWidth(shown) > width; size--) shown = elideMiddle(text, size);
  return shown;
}

function groupLine(columns: readonly Column[], kept: readonly number[], widths: readonly number[]): string {
  let line = "";
  for (let at = 0; at < kept.length;) {
    const group = columns[kept[at] ?? 0]?.group;
    let size = widths[at] ?? 0;
    let next = at + 1;
    if (group !== undefined) {
      for (; next < kept.length && columns[kept[next] ?? 0]?.group === group; next++) {
        size += gap.length + (widths[next] ?? 0);
      }
    }
    const title = cut(printable(group ?? ""), Math.max(0, size - 2));
    const spare = size - displayWidth(title) - 2;
    const left = Math.floor(spare / 2);
    const body =
      group === undefined || spare < 0 ? " ".repeat(size) : `${"─".repeat(left)} ${title} ${"─".repeat(spare - left)}`;
    line += (at === 0 ? "" : gap) + body;
    at = next;
  }
  return line.trimEnd();
}
