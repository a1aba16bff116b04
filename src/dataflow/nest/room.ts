// Memory that evaluations of one prepared nest use again and again, one at a time.

import type { NumberTable } from "./chain/number-table.ts";
import { emptyTable, numberTable } from "./chain/number-table.ts";

import type { Stage } from "./chain/chain.ts";
import type { BoundaryTables } from "./tables.ts";

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
  readonly chains: Stage[];
}

/** Durations found so far: each a tile's cycles, those of them for fills, and those of waiting by stage from 1 on. */
export interface Room {
  readonly stages: readonly StageRoom[];
  durations: Float64Array;
  used: number;
  /** A joint change. */
  readonly places: Int32Array;
  /** What a Timing says of the schedule at hand. */
  readonly own: number[][];
  readonly plain: boolean[];
  readonly tables: BoundaryTables[][];
  /** Those of `stages`, one after the other. */
  readonly chains: readonly (readonly Stage[])[];
  cases: Int32Array;
  readonly sizes: Int32Array;
}

export function roomFor(levels: number, dimensions: number): Room {
  const whole = (): Int32Array => new Int32Array(dimensions);
  const stages = Array.from({ length: levels + 1 }, (): StageRoom => ({
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
    chains: [],
  }));
  return {
    stages,
    places: whole(),
    own: Array.from({ length: levels }, () => []),
    plain: Array.from({ length: levels }, () => true),
    tables: Array.from({ length: levels + 1 }, () => []),
    chains: stages.map(({ chains }) => chains),
    cases: new Int32Array(64),
    sizes: new Int32Array((levels + 1) * dimensions),
    durations: new Float64Array(1024),
    used: 0,
  };
}

export function emptyRoom(room: Room): void {
  room.used = 0;
  room.plain.fill(true);
  for (const list of room.own) list.length = 0;
  for (const list of room.tables) list.length = 0;
  for (const { tiles, rests, reads, writes, chains } of room.stages) {
    chains.length = 0;
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
  const { durations, used } = room;
  for (let at = from; at < used; at++) durations[at] = 0;
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
