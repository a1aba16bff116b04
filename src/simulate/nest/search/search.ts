// The best schedule of a problem on a hierarchy under constraints: annealing in fixed parts, evaluation of what looks
// best, and branch and bound over the whole space where it is small. Deterministic for a seed, whatever runs the parts.

import { nestScore } from "./search-price.ts";
import type { Found, PartState, SearchState } from "./search-state.ts";
import { compareCosts, emptyPart, onFront, searchVersion } from "./search-state.ts";
import type { PreparedSearch, SearchFrame } from "./search-prepare.ts";
import { annealPart, enumeratePart } from "./search-part.ts";

/** The state before the first round. */
export function startSearch({ effort, enumerates }: SearchFrame): SearchState {
  return {
    version: searchVersion,
    seed: effort.seed,
    phase: effort.starts > 0 ? "anneal" : enumerates ? "enumerate" : "done",
    round: 0,
    parts: Array.from({ length: effort.parts }, () => emptyPart),
    best: null,
    front: [],
    proven: false,
  };
}

/** Runs one part's share of the state's next round. Pure: parts of a round may run anywhere, in any order. */
export function runPart(search: PreparedSearch, state: SearchState, part: number): PartState {
  const steps = partSteps(search, state, part);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** `runPart` in steps, for threads that have to look around: yields how many schedules it has looked at in this round. */
export function* partSteps(
  search: PreparedSearch,
  state: SearchState,
  part: number,
): Generator<number, PartState, undefined> {
  const before = state.parts[part] ?? emptyPart;
  if (state.phase === "anneal") return yield* annealPart(search, before, part, state);
  if (state.phase === "enumerate" && !before.complete) return enumeratePart(search, before, part, state.best);
  return before;
}

/** The state after a round, of the parts in their order. */
export function joinParts(search: SearchFrame, state: SearchState, parts: readonly PartState[]): SearchState {
  const { price, objective } = search.task;
  let { best, front } = state;
  for (const part of parts) {
    if (part.best !== null && (best === null || compareCosts(price, objective, part.best, best) < 0)) best = part.best;
    for (const found of part.front) front = onFront(front, found);
  }
  const round = state.round + 1;
  const complete = parts.every((part) => part.complete);
  const reached = best !== null && nestScore(price, objective, best) <= search.lowerBound * (1 + 1e-8);
  const phase = (): SearchState["phase"] => {
    if (state.phase === "anneal" && round < search.effort.starts) return "anneal";
    return search.enumerates && !complete ? "enumerate" : "done";
  };
  return { ...state, round, parts, best, front, phase: phase(), proven: complete || reached };
}

export interface SearchProgress {
  readonly round: number;
  readonly phase: SearchState["phase"];
  readonly sampled: number;
  readonly valid: number;
  readonly evaluations: number;
  readonly best: Found | null;
}

export function searchProgress({ round, phase, parts, best }: SearchState): SearchProgress {
  const sum = (of: (part: PartState) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    round,
    phase,
    sampled: sum((part) => part.sampled),
    valid: sum((part) => part.valid),
    evaluations: sum((part) => part.evaluations),
    best,
  };
}

/**
 * Searches to the end on this thread, from the beginning or from a saved state of the same task and effort, whose result
 * is that of an uninterrupted search. `progress` gets the state after each round, which may be saved; false stops there.
 */
export function searchSchedule(
  search: PreparedSearch,
  from: SearchState = startSearch(search),
  progress?: (state: SearchState) => boolean,
): SearchState {
  let state = from;
  while (state.phase !== "done") {
    const current = state;
    const parts = current.parts.map((_, part) => runPart(search, current, part));
    state = joinParts(search, current, parts);
    if (progress?.(state) === false) break;
  }
  return state;
}
