// Where the cycles of a film go: how many parts do what in each cycle, and what a part did in all of them.

import type { Activity, Replay } from "../../src/simulate/replay/replay.ts";
import { activities } from "../../src/simulate/replay/replay.ts";

/** What a frame of the film is. */
export const frameWord = ({ frame }: Replay): "cycle" | "step" => frame ?? "cycle";

export interface Shares {
  /** Parts that were counted. */
  readonly parts: number;
  /** What they are, such as "units and adders". */
  readonly counted: string;
  /** [cycles][activities], how many of the counted parts. */
  readonly counts: Uint16Array;
}

/** What the working parts do in each cycle: units and adders, or all parts of a film that has neither. */
export function sharesOf({ parts, cycles, activity }: Replay): Shares {
  const kinds = parts.map(({ kind }) => kind);
  const has = (wanted: string): boolean => kinds.some((kind) => kind === wanted);
  const works = kinds.map((kind) => kind === "unit" || kind === "adder");
  const all = !works.includes(true);
  const counts = new Uint16Array(cycles * activities.length);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let part = 0; part < parts.length; part++) {
      if (!all && works[part] !== true) continue;
      const at = cycle * activities.length + (activity[cycle * parts.length + part] ?? 0);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  return {
    parts: all ? parts.length : works.filter(Boolean).length,
    counted: all ? "parts" : has("unit") ? (has("adder") ? "units and adders" : "units") : "adders",
    counts,
  };
}

/** Part-cycles of each activity in the whole film, in the order of `activities`. */
export function totalsOf({ counts }: Shares): readonly number[] {
  const totals = activities.map(() => 0);
  counts.forEach((count, at) => {
    const place = at % activities.length;
    totals[place] = (totals[place] ?? 0) + count;
  });
  return totals;
}

/** Neighbouring cycles of the same activity. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly activity: Activity;
}

/** What a part does over the whole film. */
export function historyOf({ parts, cycles, activity }: Replay, part: number): readonly Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const before = activity[(cycle - 1) * parts.length + part] ?? 0;
    if (cycle < cycles && activity[cycle * parts.length + part] === before) continue;
    runs.push({ start, end: cycle, activity: activities[before] ?? "idle" });
    start = cycle;
  }
  return runs;
}

/** The last of ascending `starts` that is at or before `cycle`; -1 where there is none. */
export function latest(starts: readonly number[], cycle: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= cycle) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What every part does in every cycle, as rows of a table: frames counted from 1 down, parts across. */
export function activityRows(replay: Replay): readonly (readonly (string | number)[])[] {
  const { parts, cycles, activity } = replay;
  return [
    [frameWord(replay), ...parts.map(({ name }) => name)],
    ...Array.from({ length: cycles }, (_, cycle) => [
      cycle + 1,
      ...parts.map((_, part) => activities[activity[cycle * parts.length + part] ?? 0] ?? "idle"),
    ]),
  ];
}
