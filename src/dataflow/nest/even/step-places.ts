// The steps of one level's loops inside a tile by where their pieces lie in a slide, now and at the next step. A tile is
// given by its first word, NaN for one clear of padding, in which no step meets any.

import type { EvenNest } from "./even-nest.ts";
import { reachOf, strideOf } from "./slides.ts";
import { countWays } from "./ways.ts";

/** Steps that are alike, by number. */
export interface StepPlaces {
  entries: number;
  /** First word of the step's piece and of the next one's; NaN clear of padding. */
  readonly now: Float64Array;
  readonly next: Float64Array;
  /** All steps; those with the reduced loops among them at their first; at their last. */
  readonly times: Float64Array;
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
}

const most = 32;

export const newPlaces = (): StepPlaces => ({
  entries: 0,
  now: new Float64Array(most),
  next: new Float64Array(most),
  times: new Float64Array(most),
  firsts: new Float64Array(most),
  lasts: new Float64Array(most),
});

/** The first word of a tile held at a level, NaN where it is clear of padding. */
export function settled({ slides, levelSpans }: EvenNest, index: number, level: number, begin: number): number {
  const extent = slides[index]?.extent ?? 0;
  return begin < 0 || begin + (levelSpans[2 * level + index] ?? 0) > extent ? begin : Number.NaN;
}

/**
 * The steps of the slide's loops at positions from `from` to before `position`, and of the one there by `kind` as for
 * countWays, in a tile of a level that begins at a word: their pieces begin `now` and `next` words further.
 */
export function findPlaces(
  even: EvenNest,
  index: number,
  level: number,
  begin: number,
  from: number,
  position: number,
  kind: number,
  now: number,
  next: number,
  found: StepPlaces,
): void {
  const slide = even.slides[index];
  if (slide === undefined) {
    found.entries = 0;
    add(found, Number.NaN, Number.NaN, 1, 1, 1);
    return;
  }
  const { ways } = even.room;
  let low = 0;
  let high = 0;
  let top = 0;
  if (!Number.isNaN(begin)) {
    top = reachOf(even, index, slide, from, kind === 0 ? position : position + 1);
    if (kind >= 2) top -= strideOf(even, index, position);
    low = Math.max(0, -begin - Math.min(now, next));
    const span = even.levelSpans[2 * level + 2 + index] ?? 0;
    high = Math.max(0, begin + top + Math.max(now, next) + span - slide.extent);
  }
  countWays(even, index, slide, from, position, kind, low, high);
  found.entries = 0;
  let times = ways.totals[0] ?? 0;
  let firsts = ways.totals[1] ?? 0;
  let lasts = ways.totals[2] ?? 0;
  for (let side = 0; side < 2; side++) {
    const list = side === 0 ? ways.low : ways.high;
    const need = side === 0 ? low : high;
    for (let far = 0; far < need; far++) {
      const here = list[far] ?? 0;
      const at = side === 0 ? far : top - far;
      if (here === 0 || (side === 1 && at < low)) continue;
      const first = list[ways.width + far] ?? 0;
      const last = list[2 * ways.width + far] ?? 0;
      const after = settled(even, index, level + 1, begin + at + now);
      add(found, after, settled(even, index, level + 1, begin + at + next), here, first, last);
      times -= here;
      firsts -= first;
      lasts -= last;
    }
  }
  if (times > 0) add(found, Number.NaN, Number.NaN, times, firsts, lasts);
}

function add(found: StepPlaces, now: number, next: number, times: number, firsts: number, lasts: number): void {
  const at = found.entries++;
  found.now[at] = now;
  found.next[at] = next;
  found.times[at] = times;
  found.firsts[at] = firsts;
  found.lasts[at] = lasts;
}
