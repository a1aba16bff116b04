// What every film is recorded with: flat arrays for the frames, moves in any order, and rows of the timeline from what
// each cycle said.

import type { Activity, Replay, ReplayLink, ReplayPart, ReplayRow } from "./replay.ts";

/** The boxes of a picture and the ways between them. */
export interface Picture {
  readonly parts: readonly ReplayPart[];
  readonly links: readonly ReplayLink[];
}

const place: Readonly<Record<Activity, number>> = {
  idle: 0,
  useful: 1,
  zero: 2,
  skipped: 3,
  gated: 4,
  stalled: 5,
  loading: 6,
  passing: 7,
};

/** Frames of a picture that are being recorded; what lies outside the film, or belongs to no part (-1), is dropped. */
export interface Recording {
  readonly cycles: number;
  act(cycle: number, part: number, activity: Activity): void;
  /** True where a part has said what it does in the cycle, and is not idle. */
  busy(cycle: number, part: number): boolean;
  show(cycle: number, part: number, slot: number, value: number): void;
  /** What a slot of a part shows. */
  shown(cycle: number, part: number, slot: number): number;
  move(cycle: number, link: number, value: number, coordinate?: number): void;
  /** The film's first `cycles` cycles as the contract has them. */
  frames(cycles: number): Pick<Replay, "activity" | "values" | "moves">;
}

/** Starts a film: all parts idle, all slots empty. */
export function record({ parts }: Picture, cycles: number): Recording {
  const slotStart = new Uint32Array(parts.length + 1);
  parts.forEach(({ slots }, part) => {
    slotStart[part + 1] = (slotStart[part] ?? 0) + slots.length;
  });
  const slots = slotStart[parts.length] ?? 0;
  const activity = new Uint8Array(cycles * parts.length);
  const values = new Float64Array(cycles * slots).fill(NaN);
  const moveCycle: number[] = [];
  const moveLink: number[] = [];
  const moveValue: number[] = [];
  const moveCoordinate: number[] = [];
  const within = (cycle: number): boolean => cycle >= 0 && cycle < cycles;
  return {
    cycles,
    act(cycle, part, what) {
      if (within(cycle) && part >= 0) activity[cycle * parts.length + part] = place[what];
    },
    busy: (cycle, part) => within(cycle) && activity[cycle * parts.length + part] !== 0,
    show(cycle, part, slot, value) {
      if (within(cycle)) values[cycle * slots + (slotStart[part] ?? 0) + slot] = value;
    },
    shown: (cycle, part, slot) => values[cycle * slots + (slotStart[part] ?? 0) + slot] ?? NaN,
    move(cycle, link, value, coordinate = NaN) {
      if (!within(cycle) || link < 0) return;
      moveCycle.push(cycle);
      moveLink.push(link);
      moveValue.push(value);
      moveCoordinate.push(coordinate);
    },
    frames(shown) {
      return {
        activity: activity.slice(0, shown * parts.length),
        values: values.slice(0, shown * slots),
        moves: sorted(shown, moveCycle, moveLink, moveValue, moveCoordinate),
      };
    },
  };
}

/** Moves by cycle, those of a cycle in the order in which they were recorded. */
function sorted(
  cycles: number,
  cycle: readonly number[],
  link: readonly number[],
  value: readonly number[],
  coordinate: readonly number[],
): Replay["moves"] {
  const start = new Uint32Array(cycles + 1);
  for (const at of cycle) if (at < cycles) start[at + 1] = (start[at + 1] ?? 0) + 1;
  for (let at = 0; at < cycles; at++) start[at + 1] = (start[at + 1] ?? 0) + (start[at] ?? 0);
  const next = start.slice();
  const total = start[cycles] ?? 0;
  const links = new Uint32Array(total);
  const values = new Float64Array(total);
  const coordinates = new Float64Array(total);
  for (let i = 0; i < cycle.length; i++) {
    const at = cycle[i] ?? 0;
    if (at >= cycles) continue;
    const to = next[at] ?? 0;
    next[at] = to + 1;
    links[to] = link[i] ?? 0;
    values[to] = value[i] ?? 0;
    coordinates[to] = coordinate[i] ?? NaN;
  }
  const hasCoordinates = coordinates.some((at) => !Number.isNaN(at));
  return { start, link: links, value: values, ...(hasCoordinates ? { coordinate: coordinates } : {}) };
}

/** What a row of the timeline says of one cycle. */
export interface RowState {
  readonly activity: Activity;
  readonly label: string;
}

/** A row from what each cycle says, equal neighbours as one segment; undefined leaves a gap. */
export function timelineRow(name: string, cycles: number, at: (cycle: number) => RowState | undefined): ReplayRow {
  const segments: ReplayRow["segments"][number][] = [];
  let start = 0;
  let state: RowState | undefined;
  for (let cycle = 0; cycle <= cycles; cycle++) {
    const next = cycle < cycles ? at(cycle) : undefined;
    if (cycle > 0 && cycle < cycles && next?.activity === state?.activity && next?.label === state?.label) continue;
    if (state !== undefined) segments.push({ start, end: cycle, ...state });
    start = cycle;
    state = next;
  }
  return { name, segments };
}
