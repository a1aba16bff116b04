// Where the boxes of a machine go: columns by distance from the far memory, rows by operand, one box for a component
// that several operands pass. Pure.

import type { MachinePage } from "../engine/api.ts";

export interface PlacedBox {
  readonly name: string;
  readonly column: number;
  /** First and last row that it covers; operands A, B, C are rows 0, 1, 2. */
  readonly first: number;
  readonly last: number;
}

export interface PlacedLink {
  readonly operand: "A" | "B" | "C";
  readonly row: number;
  readonly from: PlacedBox;
  readonly to: PlacedBox;
}

export interface Diagram {
  readonly columns: number;
  readonly boxes: readonly PlacedBox[];
  readonly links: readonly PlacedLink[];
  /** Components that no operand passes: what works beside the paths. */
  readonly beside: readonly string[];
}

/** Places the stations of all paths, and names the components that are on none. */
export function diagramOf({ paths, boxes: components }: Pick<MachinePage, "paths" | "boxes">): Diagram {
  const columns = columnsOf(paths.map(({ stations }) => stations));
  const rowsOf = new Map<string, number[]>();
  paths.forEach(({ stations }, row) => {
    for (const station of stations) rowsOf.set(station, [...(rowsOf.get(station) ?? []), row]);
  });
  const boxes: PlacedBox[] = [];
  for (const [name, rows] of rowsOf) {
    const column = columns.get(name) ?? 0;
    // A box covers a row between two of its own only where no other box stands.
    const occupied = (row: number): boolean =>
      [...rowsOf].some(([other, others]) => other !== name && columns.get(other) === column && others.includes(row));
    let first = rows[0] ?? 0;
    rows.forEach((row, index) => {
      const next = rows[index + 1];
      const joined =
        next !== undefined && Array.from({ length: next - row - 1 }, (_, i) => row + 1 + i).every((r) => !occupied(r));
      if (joined) return;
      boxes.push({ name, column, first, last: row });
      if (next !== undefined) first = next;
    });
  }
  const boxAt = (name: string, row: number): PlacedBox | undefined =>
    boxes.find((box) => box.name === name && box.first <= row && row <= box.last);
  const links = paths.flatMap(({ operand, stations }, row) =>
    stations.slice(1).flatMap((station, index): PlacedLink[] => {
      const from = boxAt(stations[index] ?? "", row);
      const to = boxAt(station, row);
      return from === undefined || to === undefined ? [] : [{ operand, row, from, to }];
    }),
  );
  return {
    columns: Math.max(0, ...columns.values()) + 1,
    boxes,
    links,
    beside: components.map(({ name }) => name).filter((name) => !rowsOf.has(name)),
  };
}

/** Longest way from the far end; stations that end a path stand in the last column. */
function columnsOf(paths: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  const stations = new Set(paths.flat());
  // As many passes as there are stations settle the longest way, as no path returns to a station.
  for (let pass = 0; pass < stations.size; pass++) {
    for (const path of paths) {
      path.forEach((station, index) => {
        const before = index === 0 ? -1 : (columns.get(path[index - 1] ?? "") ?? 0);
        columns.set(station, Math.max(columns.get(station) ?? 0, before + 1));
      });
    }
  }
  const last = Math.max(0, ...columns.values());
  for (const path of paths) {
    const end = path.at(-1);
    if (end !== undefined) columns.set(end, last);
  }
  return columns;
}
