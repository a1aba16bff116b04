// The steps of a whole run that bring words of a slide, by where they lie: listed for the loop that moves.

import type { EvenBoundary, EvenNest, Slide } from "./even-nest.ts";
import type { SlideCase, SlideStage } from "./slides.ts";
import { findWords, noSlide, placeOf, reachOf, slideCase, strideOf } from "./slides.ts";
import { countWays } from "./ways.ts";

/** The case of a slide at a boundary when the loop at `position` moves, with its steps; as slideCase. */
export function slideSteps(even: EvenNest, index: number, boundary: EvenBoundary, position: number): SlideCase {
  const found = slideCase(even, index, boundary, position);
  if (found.listed) return found;
  const slide = even.slides[index];
  const stage = even.room.stages[boundary.child]?.[index];
  if (slide === undefined || stage === undefined) return noSlide;
  const { ways } = even.room;
  const end = even.ends[boundary.child] ?? 0;
  const moves = position >= 0 && position < end && strideOf(even, index, position) > 0;
  // Loops inside the one that moves are at their first step.
  const inside = reachOf(even, index, slide, moves ? position + 1 : Math.max(0, position), end);
  const low = slide.padLow;
  const high = Math.max(0, slide.padHigh - inside);
  countWays(even, index, slide, 0, Math.max(0, position), moves ? 1 : 0, low, high);
  found.listed = true;
  found.entries = 0;
  found.sumTaken = 0;
  found.sumTakenAll = 0;
  found.sumKept = 0;
  found.sumKeptAll = 0;
  let times = ways.totals[0] ?? 0;
  let firsts = ways.totals[1] ?? 0;
  let lasts = ways.totals[2] ?? 0;
  for (let side = 0; side < 2; side++) {
    const list = side === 0 ? ways.low : ways.high;
    const need = side === 0 ? low : high;
    for (let far = 0; far < need; far++) {
      const here = list[far] ?? 0;
      if (here === 0) continue;
      const begin = slide.offset + (side === 0 ? far : stage.reach - inside - far);
      if (side === 1 && begin < 0) continue;
      const first = list[ways.width + far] ?? 0;
      const last = list[2 * ways.width + far] ?? 0;
      add(stage, slide, found, placeOf(begin, stage.span, slide.extent), here, first, last);
      times -= here;
      firsts -= first;
      lasts -= last;
    }
  }
  if (times > 0) add(stage, slide, found, 0, times, firsts, lasts);
  return found;
}

/** Adds steps of which so many lie at a place. */
function add(
  stage: SlideStage,
  slide: Slide,
  found: SlideCase,
  place: number,
  times: number,
  firsts: number,
  lasts: number,
): void {
  findWords(stage, slide, found, place);
  const at = found.entries++;
  found.place[at] = place;
  found.times[at] = times;
  found.firsts[at] = firsts;
  found.lasts[at] = lasts;
  found.sumTaken += (found.taken[place] ?? 0) * times;
  found.sumTakenAll += (found.takenAll[place] ?? 0) * times;
  found.sumKept += (found.kept[place] ?? 0) * times;
  found.sumKeptAll += (found.keptAll[place] ?? 0) * times;
}
