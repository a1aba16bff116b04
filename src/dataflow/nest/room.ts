// Memory that evaluations of one prepared nest use again and again, one at a time.

import type { NumberTable } from "./number-table.ts";
import { emptyTable, numberTable } from "./number-table.ts";

/** Scratch of one stage; a stage is never inside itself. */
export interface StageRoom {
  readonly states: Int32Array;
  readonly first: Int32Array;
  readonly leaveFirst: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly at: Int32Array;
  readonly arrive: Int32Array;
  readonly leave: Int32Array;
  /** How many steps have which flags: now, and as it is folded with another dimension. */
  readonly spread: Float64Array;
  readonly folded: Float64Array;
  /** Cycles of moves beside and between steps, by two flags; -1 is not known. */
  readonly beside: Float64Array;
  readonly between: Float64Array;
  /** Where durations of tiles, and of all their steps but the first, begin in `durations`. */
  readonly tiles: NumberTable;
  readonly rests: NumberTable;
  /** Likewise words that joint changes read, and that they take away. */
  readonly reads: NumberTable;
  readonly writes: NumberTable;
}

/** Durations found so far: each a tile's cycles, those of them for fills, and those of waiting by stage from 1 on. */
export interface Room {
  readonly stages: readonly StageRoom[];
  durations: Float64Array;
  used: number;
}

export function roomFor(levels: number, dimensions: number): Room {
  const whole = (): Int32Array => new Int32Array(dimensions);
  return {
    stages: Array.from({ length: levels + 1 }, () => ({
      states: whole(),
      first: whole(),
      leaveFirst: whole(),
      start: whole(),
      end: whole(),
      at: whole(),
      arrive: whole(),
      leave: whole(),
      spread: new Float64Array(16),
      folded: new Float64Array(16),
      beside: new Float64Array(4),
      between: new Float64Array(4),
      tiles: numberTable(),
      rests: numberTable(),
      reads: numberTable(),
      writes: numberTable(),
    })),
    durations: new Float64Array(1024),
    used: 0,
  };
}

export function emptyRoom(room: Room): void {
  room.used = 0;
  for (const { tiles, rests, reads, writes } of room.stages) {
    emptyTable(tiles);
    emptyTable(rests);
    emptyTable(reads);
    emptyTable(writes);
  }
}

/** Begin of a new duration of `width` zeros. */
export function newDuration(room: Room, width: number): number {
  const from = room.used;
  room.used = from + width;
  if (room.used > room.durations.length) {
    const longer = new Float64Array(2 * room.used);
    longer.set(room.durations);
    room.durations = longer;
  }
  room.durations.fill(0, from, room.used);
  return from;
}

/** Adds the duration at `part`, `times` over, to that at `sum`. */
export function addDuration({ durations }: Room, sum: number, part: number, times: number, width: number): void {
  for (let index = 0; index < width; index++) {
    durations[sum + index] = (durations[sum + index] ?? 0) + (durations[part + index] ?? 0) * times;
  }
}

/** Adds cycles to one entry of a duration. */
export function addCycles({ durations }: Room, at: number, cycles: number): void {
  durations[at] = (durations[at] ?? 0) + cycles;
}
