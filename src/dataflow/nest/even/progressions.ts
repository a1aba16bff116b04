// Sets of words that are sums of arithmetic progressions, as pieces and units of a loop nest cut out of a rank: how many
// words there are, and how many of them lie below a bound.

/** Progressions to be added up; `settle` makes a run of words without gaps of the small ones, and copies of it. */
export interface Progressions {
  /** Words between neighbours of the run, and words of it. */
  grain: number;
  run: number;
  /** Copies, the nearest first: how far apart, and how many. */
  readonly strides: Float64Array;
  readonly counts: Float64Array;
  copies: number;
}

/** Progressions that a set takes at most: two of its piece, and one for every spatial loop. */
export const mostProgressions = 32;

export const progressions = (): Progressions => ({
  grain: 1,
  run: 1,
  strides: new Float64Array(mostProgressions),
  counts: new Float64Array(mostProgressions),
  copies: 0,
});

/** A set of one word. */
export function clearProgressions(set: Progressions): void {
  set.grain = 1;
  set.run = 1;
  set.copies = 0;
}

/** Adds 0, stride, ... (count - 1) * stride to every word. */
export function addProgression(set: Progressions, stride: number, count: number): void {
  if (count === 1) return;
  const { strides, counts } = set;
  let at = set.copies++;
  for (; at > 0 && (strides[at - 1] ?? 0) > stride; at--) {
    strides[at] = strides[at - 1] ?? 0;
    counts[at] = counts[at - 1] ?? 0;
  }
  strides[at] = stride;
  counts[at] = count;
}

/** Finds run and copies of the progressions added so far: false where copies would overlap and leave gaps at once. */
export function settle(set: Progressions): boolean {
  const { strides, counts } = set;
  const all = set.copies;
  if (all === 0) return true;
  let grain = strides[0] ?? 1;
  for (let at = 1; at < all && grain > 1; at++) grain = commonDivisor(grain, strides[at] ?? 1);
  let run = 1;
  let at = 0;
  for (; at < all && (strides[at] ?? 0) <= run * grain; at++) {
    run += (((counts[at] ?? 1) - 1) * (strides[at] ?? 0)) / grain;
  }
  set.grain = grain;
  set.run = run;
  set.copies = all - at;
  let reach = (run - 1) * grain;
  for (let copy = 0; at < all; at++, copy++) {
    const stride = strides[at] ?? 0;
    const count = counts[at] ?? 1;
    if (stride <= reach) return false;
    strides[copy] = stride;
    counts[copy] = count;
    reach += (count - 1) * stride;
  }
  return true;
}

/** Counts the words of a settled set once for each of `count` copies, `stride` apart, wherever they lie. */
export function addCopies(set: Progressions, stride: number, count: number): void {
  if (count === 1) return;
  const at = set.copies++;
  set.strides[at] = stride;
  set.counts[at] = count;
}

/** Words of a settled set, those of copies counted anew. */
export function wordsOf({ run, counts, copies }: Progressions): number {
  let words = run;
  for (let copy = 0; copy < copies; copy++) words *= counts[copy] ?? 1;
  return words;
}

/** Words of a settled set that lie below a bound; its first word is 0. Quick for small bounds. */
export function wordsBelow(set: Progressions, bound: number): number {
  return bound <= 0 ? 0 : below(set, bound, set.copies);
}

function below(set: Progressions, bound: number, copies: number): number {
  if (copies === 0) return Math.min(set.run, Math.ceil(bound / set.grain));
  const stride = set.strides[copies - 1] ?? 1;
  const count = set.counts[copies - 1] ?? 1;
  let words = 0;
  for (let copy = 0, rest = bound; copy < count && rest > 0; copy++, rest -= stride) {
    words += below(set, rest, copies - 1);
  }
  return words;
}

export function commonDivisor(one: number, other: number): number {
  let large = one;
  let small = other;
  while (small > 0) {
    const rest = large % small;
    large = small;
    small = rest;
  }
  return large;
}
