// What a schedule's time is made of at one stage: the bytes that joint changes send through the ports of its memories.

import type { Stage } from "./chain/chain.ts";
import type { Boundary, Bound } from "./evaluate.ts";
import { enterNumber, numberAt } from "./chain/number-table.ts";
import type { Ports } from "./ports.ts";
import { clearPorts, portTime } from "./ports.ts";
import type { Room } from "./room.ts";
import { addCycles, newDuration } from "./room.ts";
import type { BoundaryTables } from "./tables.ts";
import { leftWords, newWords } from "./tables.ts";

/** All that the time of one schedule needs. */
export interface Timing {
  readonly bound: Bound;
  readonly levels: number;
  readonly dims: number;
  readonly stages: readonly (readonly Stage[])[];
  readonly tables: readonly (readonly BoundaryTables[])[];
  readonly ports: Ports;
  readonly stepCycles: number;
  /** Whether transfers at the datapath are rounded to cycles. */
  readonly whole: boolean;
  readonly ragged: boolean;
  /** By temporal loop and dimension: the case that the loop moves. */
  readonly cases: Int32Array;
  /** Positions of the temporal loops of each level. */
  readonly own: readonly (readonly number[])[];
  /** Whether each dimension has at most one temporal loop in the level. */
  readonly plain: readonly boolean[];
  /** Cycles of a datapath step where all take the same. */
  readonly sameStep: boolean;
  /** Whether all moves run beside the work. */
  readonly beside: boolean;
  readonly room: Room;
  /** By stage and dimension: number of changes. */
  readonly sizes: Int32Array;
  /** Numbers of a duration. */
  readonly width: number;
}

/** The step of the datapath in a joint state. */
export function datapath(timing: Timing, change: Int32Array, firstTime: boolean): number {
  const { ports, levels, tables, stepCycles } = timing;
  clearPorts(ports);
  for (const table of tables[levels] ?? []) {
    const words = newWords(table, change, false, false);
    if (table.operand < 2 || !firstTime) {
      ports.read[table.parentMemory] = (ports.read[table.parentMemory] ?? 0) + words * table.width;
    }
    if (table.operand === 2) {
      ports.written[table.parentMemory] = (ports.written[table.parentMemory] ?? 0) + words * table.width;
    }
  }
  const result = newDuration(timing.room, timing.width);
  const transfer = portTime(ports, 0, timing.whole);
  addCycles(timing.room, result, Math.max(stepCycles, transfer));
  addCycles(timing.room, result + levels + 1, Math.max(0, transfer - stepCycles));
  return result;
}

/** Number of a joint change or state of a stage; `sizes` of the numbers of each dimension. */
export function jointKey({ sizes, dims }: Timing, stage: number, change: Int32Array): number {
  let key = 0;
  for (let slot = 0; slot < dims; slot++) key = key * (sizes[stage * dims + slot] ?? 1) + (change[slot] ?? 0);
  return key;
}

/** Adds what a joint change reads above the stage: tiles of inputs, and partial sums unless it is their first time. */
export function addReads(timing: Timing, stage: number, change: Int32Array, firstTime: boolean, split: boolean): void {
  const { ports, room } = timing;
  const tables = timing.tables[stage] ?? [];
  if (tables.length === 0) return;
  const known = room.stages[stage]?.reads;
  if (known === undefined) return;
  const key = jointKey(timing, stage, change);
  let at = numberAt(known, key);
  if (at < 0) {
    at = newDuration(room, 2 * tables.length);
    for (let index = 0; index < tables.length; index++) {
      const table = tables[index];
      if (table === undefined) continue;
      const words = newWords(table, change, true, false);
      room.durations[at + 2 * index] = words;
      room.durations[at + 2 * index + 1] =
        table.operand === 2 || words === 0 ? words : newWords(table, change, true, true);
    }
    enterNumber(known, key, at);
  }
  const { durations } = room;
  for (let index = 0; index < tables.length; index++) {
    const table = tables[index];
    if (table === undefined || (table.operand === 2 && firstTime)) continue;
    const { group, parentMemory, childMemory, width } = table;
    const from = split ? group : 0;
    ports.read[from + parentMemory] = (ports.read[from + parentMemory] ?? 0) + (durations[at + 2 * index] ?? 0) * width;
    ports.written[from + childMemory] =
      (ports.written[from + childMemory] ?? 0) + (durations[at + 2 * index + 1] ?? 0) * width;
  }
}

/** The farthest level whose results the loop at `position` moves on; else the stage, whose units act alone. */
function moverOf(boundaries: readonly Boundary[], stage: number, position: number): number {
  for (const { operand, parent, fence } of boundaries) {
    if (operand === 2 && parent > 0 && parent < stage && position <= fence) return parent;
  }
  return stage;
}

/** Adds what a joint change gives back to above the stage; `final` where no sum goes on. */
export function addWrites(
  timing: Timing,
  stage: number,
  change: Int32Array,
  final: boolean,
  position: number,
  split: boolean,
): void {
  const { ports, room } = timing;
  const table = timing.tables[stage]?.find(({ operand }) => operand === 2);
  if (table === undefined) return;
  const mover = timing.ragged ? moverOf(timing.bound.boundaries, stage, position) : stage;
  const known = room.stages[stage]?.writes;
  if (known === undefined) return;
  const key = jointKey(timing, stage, change) * 16 + mover;
  let at = numberAt(known, key);
  if (at < 0) {
    at = newDuration(room, 2);
    room.durations[at] = leftWords(table, change, mover, false, true);
    room.durations[at + 1] = leftWords(table, change, mover, true, true);
    enterNumber(known, key, at);
  }
  const { parentMemory, childMemory, width, finalWidth, finalGivenWidth } = table;
  const from = split ? table.group : 0;
  const words = room.durations[at] ?? 0;
  const given = room.durations[at + 1] ?? 0;
  ports.written[from + parentMemory] = (ports.written[from + parentMemory] ?? 0) + words * (final ? finalWidth : width);
  ports.read[from + childMemory] = (ports.read[from + childMemory] ?? 0) + given * (final ? finalGivenWidth : width);
}
