// Reads SCALE-Sim's layout files: for each layer how ifmap and filter are blocked and in which order blocks and what is in
// them lie in memory.

import { InputError } from "../../../base/error.ts";
import type { ScalesimLayout } from "../scalesim.ts";
import type { InFile, Row } from "./topology-header.ts";
import { kindOfTitles, looksLikeLayer, readRows } from "./topology-header.ts";
import type { RowPlace } from "./topology-rows.ts";
import { readSize } from "./topology-rows.ts";
import { isDepthwise } from "./topology.ts";

/** Titles of the columns after the name, for errors; SCALE-Sim goes by position. */
const COLUMNS: readonly string[] = [
  ...["IFMAP Height", "IFMAP Width", "Filter Height", "Filter Width", "Channel", "Num Filter"].map(
    (dimension) => `${dimension} Intraline Factor`,
  ),
  ...["Intraline Order", "Interline Order"].flatMap((order) =>
    ["IFMAP Height", "IFMAP Width", "Channel"].map((dimension) => `${dimension} ${order}`),
  ),
  ...["Intraline Order", "Interline Order"].flatMap((order) =>
    ["Num Filter", "Channel", "Filter Height", "Filter Width"].map((dimension) => `${dimension} ${order}`),
  ),
];

/**
 * The rows of a layout file, in order; none for a header alone. SCALE-Sim uses the first for every layer, so that rows
 * are not matched with layers here. A name with `DP` in it gets the channel factor 1, as there. Rows that end without a
 * comma, which SCALE-Sim would cut short, are read whole.
 *
 * The factors are in the order in which SCALE-Sim uses them: ifmap height, width, channel; filter number, channel, height,
 * width. Whether they fill a line of the memory is for the configuration to say.
 * Throws InputError with file, line, column and title for a row that is not a name and 20 integers, factors below 1, and
 * orders that are no permutation: 0 to 2 and 3 to 5 of the ifmap's, 0 to 3 and 4 to 7 of the filter's dimensions.
 */
export function readScalesimLayouts(text: string, options: InFile): readonly ScalesimLayout[] {
  const file = options.file === undefined ? {} : { file: options.file };
  const [header, ...rows] = readRows(text);
  if (header === undefined) throw new InputError({ ...file, message: "empty layout file", expected: "a header row" });
  checkHeader(header, file);
  return rows.map((row) => readLayout(row, { ...file, line: row.line }));
}

function checkHeader(header: Row, file: InFile): void {
  const found = header.cells.map((cell) => cell.text).join(",");
  const place = { ...file, line: header.line, column: header.cells[0]?.column ?? 1 };
  const expected = `a header such as "Layer name, ${COLUMNS.slice(0, 2).join(", ")}, ...", ${COLUMNS.length + 1} columns`;
  if (looksLikeLayer(header)) throw new InputError({ ...place, message: "the header row is missing", found, expected });
  if (kindOfTitles(header) !== undefined && !/factor/i.test(header.cells[1]?.text ?? "")) {
    throw new InputError({ ...place, message: "a topology, not a layout", found, expected });
  }
}

function readLayout(row: Row, place: RowPlace): ScalesimLayout {
  const [nameCell] = row.cells;
  const name = nameCell?.text ?? "";
  if (name === "") {
    throw new InputError({
      ...place,
      column: nameCell?.column ?? 1,
      message: "the row has no name",
      expected: "a layer name in the first column",
    });
  }
  const [ifmapHeight, ifmapWidth, filterHeight, filterWidth, channelFactor, filters] = [
    factor(row, 1, place),
    factor(row, 2, place),
    factor(row, 3, place),
    factor(row, 4, place),
    factor(row, 5, place),
    factor(row, 6, place),
  ];
  const channels = isDepthwise(name) ? 1 : channelFactor;
  const layout = {
    name,
    ifmap: {
      factors: [ifmapHeight, ifmapWidth, channels] as const,
      intraOrder: threeOf(row, 7, 0, place),
      interOrder: threeOf(row, 10, 3, place),
    },
    filter: {
      factors: [filters, channels, filterHeight, filterWidth] as const,
      intraOrder: fourOf(row, 13, 0, place),
      interOrder: fourOf(row, 17, 4, place),
    },
  };
  const extra = row.cells.slice(COLUMNS.length + 1).find((cell) => cell.text !== "");
  if (extra !== undefined) {
    throw new InputError({
      ...place,
      column: extra.column,
      message: "a cell past the last column",
      found: extra.text,
      expected: `${COLUMNS.length + 1} cells`,
    });
  }
  return layout;
}

const titleOf = (index: number): string => COLUMNS[index - 1] ?? "";

const factor = (row: Row, index: number, place: RowPlace): number => readSize(row, index, titleOf(index), place);

/** Numbers of dimensions in the cells from `index` on, each once: `count` of them from `first` up. */
function order(row: Row, index: number, first: number, count: number, place: RowPlace): readonly number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const title = titleOf(index + i);
    const value = readSize(row, index + i, title, place, { minimum: first, maximum: first + count - 1 });
    if (found.includes(value)) {
      throw new InputError({
        ...place,
        column: row.cells[index + i]?.column ?? 1,
        path: title,
        message: "not a permutation: the number is there twice",
        found: String(value),
        expected: `each of ${first} to ${first + count - 1} once in columns ${index + 1} to ${index + count}`,
      });
    }
    found.push(value);
  }
  return found;
}

function threeOf(row: Row, index: number, first: number, place: RowPlace): readonly [number, number, number] {
  const [a = 0, b = 0, c = 0] = order(row, index, first, 3, place);
  return [a, b, c];
}

function fourOf(row: Row, index: number, first: number, place: RowPlace): readonly [number, number, number, number] {
  const [a = 0, b = 0, c = 0, d = 0] = order(row, index, first, 4, place);
  return [a, b, c, d];
}
