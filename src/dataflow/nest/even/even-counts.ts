// Words that an even schedule moves at a boundary over its whole run: those of a piece times the steps that bring one.

import type { BoundaryCounts } from "../evaluation.ts";
import { countsOf } from "../boundary-counts.ts";
import type { EvenBoundary, EvenNest } from "./even-nest.ts";
import { slideSteps } from "./slide-steps.ts";
import { noSlide } from "./slides.ts";

/** Sums over the run, as read at the parent and over all units of the child. */
const sums = new Float64Array(2);

/** Steps of all temporal loops before `position`. */
export function stepsBefore({ countAt }: EvenNest, position: number): number {
  let steps = 1;
  for (let at = 0; at < position; at++) steps *= countAt[at] ?? 1;
  return steps;
}

/** Counts of a boundary of the schedule that is bound; `results` are the words of the result. */
export function evenCounts(even: EvenNest, boundary: EvenBoundary, results: number): BoundaryCounts {
  const { levels, loops, spread } = even;
  const { operand, parent, child, above, all, lastHas } = boundary;
  if (boundary.slides) slideSums(even, boundary);
  else {
    const steps = stepsBefore(even, child === levels ? loops : lastHas + 1);
    sums[0] = above * steps;
    sums[1] = all * steps;
  }
  const distinct = operand === 2 ? distinctResults(even, parent, results) : 0;
  return countsOf(boundary, sums[0] ?? 0, sums[1] ?? 0, distinct, child < levels && spread[parent] !== 1);
}

/** Each unit of the parent sees all words of its part of the result: once for every unit that adds to the same sum. */
function distinctResults(even: EvenNest, parent: number, results: number): number {
  let distinct = results;
  for (let at = 0; at < even.spatials && (even.spatialLevel[at] ?? 0) < parent; at++) {
    if (even.reduced[even.spatialSlot[at] ?? 0] === 1) distinct *= even.spatialCount[at] ?? 1;
  }
  return distinct;
}

/** Sums of an operand that slides. */
function slideSums(even: EvenNest, boundary: EvenBoundary): void {
  const { levels, loops, slides, slideOf, slotAt, countAt } = even;
  const { child, above, all, lastAlone, lastHas } = boundary;
  const two = slides.length > 1;
  let plain = 1;
  if (child === levels) {
    for (let at = 0; at < loops; at++) if ((slideOf[slotAt[at] ?? 0] ?? -1) < 0) plain *= countAt[at] ?? 1;
    const x = slideSteps(even, 0, boundary, loops);
    const y = two ? slideSteps(even, 1, boundary, loops) : noSlide;
    sums[0] = above * plain * x.sumTaken * y.sumTaken;
    sums[1] = all * plain * x.sumTakenAll * y.sumTakenAll;
    return;
  }
  let taken = 0;
  let delivered = 0;
  for (let position = -1; position <= lastHas; position++) {
    const x = slideSteps(even, 0, boundary, position);
    const y = two ? slideSteps(even, 1, boundary, position) : noSlide;
    const count = position < 0 ? 1 : (countAt[position] ?? 1);
    const alone = position < 0 || (slideOf[slotAt[position] ?? 0] ?? -1) < 0;
    const moved = position < 0 || !alone ? plain : plain * (count - 1);
    const whole = position <= lastAlone;
    taken += above * moved * (x.sumTaken * y.sumTaken - (whole ? 0 : x.sumKept * y.sumKept));
    delivered += all * moved * (x.sumTakenAll * y.sumTakenAll - (whole ? 0 : x.sumKeptAll * y.sumKeptAll));
    if (alone) plain *= count;
  }
  sums[0] = taken;
  sums[1] = delivered;
}
