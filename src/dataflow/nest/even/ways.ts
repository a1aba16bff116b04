// How many steps of loops lie how far from their first step, or from their last, in words of a rank that they slide in:
// counted for the few words next to the ends alone.

import type { EvenNest, Slide } from "./even-nest.ts";

/** Steps by how far they lie from an end, three times: all, those with reduced loops at their first, and at their last. */
export interface Ways {
  /** Where the second and the third begin. */
  readonly width: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Steps wherever they lie. */
  readonly totals: Float64Array;
}

const width = 16;

export const newWays = (): Ways => ({
  width,
  low: new Float64Array(3 * width),
  high: new Float64Array(3 * width),
  totals: new Float64Array(3),
});

/**
 * Counts the steps of the slide's loops at positions from `from` to before `position`, and of the one there: `kind` is 0
 * where it stays at its first, 1 where it has just moved, 2 where it is to move, 3 where both. `low` and `high` are how far
 * from the first step of all, and from the last (for kinds 2 and 3 the last but one of that loop), they are told apart:
 * below 16.
 */
export function countWays(
  { slotAt, countAt, tileAt, slideOf, reduced, room: { ways } }: EvenNest,
  index: number,
  slide: Slide,
  from: number,
  position: number,
  kind: number,
  low: number,
  high: number,
): void {
  for (let where = 0; where < 3; where++) {
    ways.totals[where] = 1;
    for (let far = 0; far < low; far++) ways.low[where * width + far] = far === 0 ? 1 : 0;
    for (let far = 0; far < high; far++) ways.high[where * width + far] = far === 0 ? 1 : 0;
  }
  const end = kind === 0 ? position : position + 1;
  for (let at = from; at < end; at++) {
    const slot = slotAt[at] ?? 0;
    if (slideOf[slot] !== index) continue;
    const count = countAt[at] ?? 1;
    const stride = (slot === slide.second ? slide.stepY : slide.stepX) * (tileAt[at] ?? 1);
    for (let where = 0; where < 3; where++) {
      const top = at === position && kind >= 2 ? count - 2 : count - 1;
      let least = at === position && (kind & 1) === 1 ? 1 : 0;
      let most = top;
      if (reduced[slot] === 1) {
        if (where === 1) most = 0;
        if (where === 2) least = count - 1;
      }
      ways.totals[where] = (ways.totals[where] ?? 0) * Math.max(0, most - least + 1);
      addSteps(ways.low, where * width, low, stride, least, most);
      addSteps(ways.high, where * width, high, stride, top - most, top - least);
    }
  }
}

/** Adds a loop's steps from `least` to `most` to the ways up to `need`. */
function addSteps(list: Float64Array, from: number, need: number, stride: number, least: number, most: number): void {
  if (need === 0 || (least === 0 && most >= 0 && stride >= need)) return;
  for (let far = need - 1; far >= 0; far--) {
    let ways = 0;
    for (let step = least, rest = far - least * stride; step <= most && rest >= 0; step++, rest -= stride) {
      ways += list[from + rest] ?? 0;
    }
    list[from + far] = ways;
  }
}
