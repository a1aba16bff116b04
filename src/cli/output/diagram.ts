// The block diagram of a machine in text: one line a path, memories from far to near, boxes joined by arrows, with the
// boxes that operands share drawn once.

import { displayWidth } from "../../report/table.ts";

/** One operand's way, from far to near. */
export interface DrawnPath {
  readonly operand: string;
  readonly stations: readonly string[];
  /** The operand leaves the array: its arrows point away from it. */
  readonly outward: boolean;
}

interface Box {
  readonly name: string;
  readonly lines: readonly string[];
  readonly first: number;
  readonly last: number;
}

const rowsPerPath = 4;

/**
 * The diagram, each line ended by a line feed. `detail` gives the second line of a station's box. Boxes stand in
 * columns by their distance from the far memory; a box that several paths pass in the same column spans their lines.
 */
export function blockDiagram(paths: readonly DrawnPath[], detail: (station: string) => string): string {
  const depth = Math.max(0, ...paths.map(({ stations }) => stations.length));
  // Paths end in the same array, so that shorter ones skip the middle: the last station goes to the last column.
  const columnOf = (path: DrawnPath, index: number): number =>
    index === path.stations.length - 1
      ? depth - 1
      : path.stations.length === depth || index === 0
        ? index
        : depth - path.stations.length + index;
  const columns = Array.from({ length: depth }, (_, column) => boxesOf(paths, column, columnOf, detail));
  const height = paths.length * rowsPerPath - 1;
  const lines: string[] = Array.from({ length: height }, () => "");
  columns.forEach((boxes, column) => {
    const width = Math.max(0, ...boxes.flatMap((box) => box.lines.map((line) => displayWidth(line)))) + 4;
    for (let row = 0; row < height; row++) {
      const box = boxes.find(({ first, last }) => row >= first && row <= last);
      const passing = box === undefined ? pathThrough(paths, column, row, columnOf) : undefined;
      lines[row] += box === undefined ? (passing === undefined ? " " : "─").repeat(width) : boxLine(box, row, width);
      if (column < depth - 1) lines[row] += link(paths, column, row, columnOf);
    }
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function boxesOf(
  paths: readonly DrawnPath[],
  column: number,
  columnOf: (path: DrawnPath, index: number) => number,
  detail: (station: string) => string,
): readonly Box[] {
  const boxes: Box[] = [];
  paths.forEach((path, row) => {
    const index = path.stations.findIndex((_, at) => columnOf(path, at) === column);
    const name = path.stations[index];
    if (name === undefined) return;
    const previous = boxes.at(-1);
    const first = row * rowsPerPath;
    // One box for neighbours; a station that comes back further down is drawn again.
    if (previous?.name === name && previous.last === first - 2) {
      boxes[boxes.length - 1] = { ...previous, last: first + rowsPerPath - 2 };
    } else {
      boxes.push({
        name,
        lines: [name, detail(name)].filter((line) => line !== ""),
        first,
        last: first + rowsPerPath - 2,
      });
    }
  });
  return boxes.map((box) =>
    box.lines.length > box.last - box.first - 1 ? { ...box, lines: [box.lines.join(" ")] } : box,
  );
}

function boxLine(box: Box, row: number, width: number): string {
  if (row === box.first) return `┌${"─".repeat(width - 2)}┐`;
  if (row === box.last) return `└${"─".repeat(width - 2)}┘`;
  const start = box.first + Math.ceil((box.last - box.first + 1 - box.lines.length) / 2);
  const text = box.lines[row - start] ?? "";
  const spare = width - 2 - displayWidth(text);
  const left = Math.floor(spare / 2);
  return `│${" ".repeat(left)}${text}${" ".repeat(spare - left)}│`;
}

/** The path whose middle line this is, where it passes the column without a box. */
function pathThrough(
  paths: readonly DrawnPath[],
  column: number,
  row: number,
  columnOf: (path: DrawnPath, index: number) => number,
): DrawnPath | undefined {
  const path = paths[Math.floor(row / rowsPerPath)];
  if (path === undefined || row % rowsPerPath !== 1) return undefined;
  return column > columnOf(path, 0) && column < columnOf(path, path.stations.length - 1) ? path : undefined;
}

function link(
  paths: readonly DrawnPath[],
  column: number,
  row: number,
  columnOf: (path: DrawnPath, index: number) => number,
): string {
  const path = paths[Math.floor(row / rowsPerPath)];
  const blank = " ".repeat(7);
  if (path === undefined || row % rowsPerPath !== 1) return blank;
  const first = columnOf(path, 0);
  const last = columnOf(path, path.stations.length - 1);
  if (column < first || column >= last) return blank;
  const leaves = path.stations.some((_, index) => columnOf(path, index) === column);
  const arrives = path.stations.some((_, index) => columnOf(path, index) === column + 1);
  const label = leaves ? ` ${path.operand} ` : "───";
  return path.outward ? `${leaves ? "◄" : "─"}─${label}──` : `──${label}─${arrives ? "►" : "─"}`;
}
