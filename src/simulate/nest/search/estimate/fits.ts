// Whether the tiles of a point of a search's space fit their memories and its loops the axes: asked of every schedule that
// a search looks at.

import type { NestSpace, Point } from "../search-space.ts";
import type { rankTable } from "../search-tables.ts";
import { flatMemories } from "../search-tables.ts";

/** Whether every tile fits its memory and no axis takes more steps than it has units. Tiles must be aligned. */
export function fitsOf(space: NestSpace, ranks: ReturnType<typeof rankTable>): (point: Point) => boolean {
  const { count, slots, sizes, temporal } = space;
  const slotCount = slots.length;
  const { start: rankStart, first: rankFirst, second: rankSecond, tables } = ranks;
  const { A, B, partial } = space.hierarchy.wordBytes;
  const wordBytes = [A, B, partial] as const;
  const bounded = flatMemories(space).filter((memory) => memory.bytes < Infinity);
  const isSpatial = Uint8Array.from(slots, ({ axis }) => Number(axis >= 0));
  const units = Float64Array.from(slots, (slot) => slot.units);
  const most = Int32Array.from(slots, ({ single }) => (single ? 1 : count));

  const words = (operand: number, tiles: Int32Array, level: number): number => {
    const base = ((temporal[level] ?? 0) - 1) * count;
    let product = 1;
    for (let rank = rankStart[operand] ?? 0; rank < (rankStart[operand + 1] ?? 0); rank++) {
      const a = rankFirst[rank] ?? 0;
      const table = tables[rank];
      const length = base < 0 ? (sizes[a] ?? 1) : (tiles[base + a] ?? 1);
      if (table === undefined) {
        product *= length;
        continue;
      }
      const b = rankSecond[rank] ?? -1;
      product *= table.most(length, b < 0 ? 1 : base < 0 ? (sizes[b] ?? 1) : (tiles[base + b] ?? 1));
    }
    return product;
  };

  return ({ tiles, bypass }: Point): boolean => {
    for (let slot = 0; slot < slotCount; slot++) {
      if (isSpatial[slot] === 0) continue;
      let used = 1;
      let dimensions = 0;
      for (let d = 0; d < count; d++) {
        const outer = tiles[(slot - 1) * count + d] ?? 1;
        const tile = tiles[slot * count + d] ?? 1;
        if (outer === tile) continue;
        used *= Math.ceil(outer / tile);
        dimensions += 1;
      }
      if (used > (units[slot] ?? 1) || dimensions > (most[slot] ?? 1)) return false;
    }
    const masks = space.bypasses[bypass];
    for (let m = 0; m < bounded.length; m++) {
      const memory = bounded[m];
      if (memory === undefined) continue;
      const { level, bytes: there } = memory;
      const kept = memory.mask & ~(masks?.[level] ?? 0);
      let needed = 0;
      for (let operand = 0; operand < 3; operand++) {
        if (((kept >> operand) & 1) === 1) needed += words(operand, tiles, level) * (wordBytes[operand] ?? 1);
      }
      if (needed > there) return false;
    }
    return true;
  };
}
