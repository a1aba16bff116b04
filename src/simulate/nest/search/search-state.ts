// The state of a search as plain JSON: what was found, the front of cycles against joules, and where each part stands.

import type { Schedule } from "../../../mapping/nest/schedule.ts";
import type { Objective } from "../../machine.ts";
import type { NestCost, NestPrice } from "./search-price.ts";
import { nestScore } from "./search-price.ts";

/** An evaluated schedule. */
export interface Found extends NestCost {
  readonly schedule: Schedule;
}

/** One of the fixed parts into which a search is cut; parts run side by side and are joined in their order. */
export interface PartState {
  /** Schedules looked at, those among them that may run, and evaluations. */
  readonly sampled: number;
  readonly valid: number;
  readonly evaluations: number;
  readonly best: Found | null;
  readonly front: readonly Found[];
  /** Annealing runs that were done. */
  readonly starts: number;
  /** Where the enumeration stands; empty before its begin. */
  readonly position: readonly number[];
  /** Beginnings of schedules that the enumeration has counted, which share it out among the parts. */
  readonly ordinal: number;
  /** Whether the enumeration came to its end. */
  readonly complete: boolean;
}

/** Of what the moves of a seed are: a state of another one would go on to a result that neither comes to. */
export const searchVersion = 2;

export interface SearchState {
  readonly version: typeof searchVersion;
  readonly seed: number;
  readonly phase: "anneal" | "enumerate" | "done";
  /** Rounds done; parts are joined after each. */
  readonly round: number;
  readonly parts: readonly PartState[];
  readonly best: Found | null;
  /** Schedules that no other one found beats in both cycles and joules, by rising cycles. */
  readonly front: readonly Found[];
  /** Whether `best` was proven to be the best of the whole space. */
  readonly proven: boolean;
}

export const emptyPart: PartState = {
  sampled: 0,
  valid: 0,
  evaluations: 0,
  best: null,
  front: [],
  starts: 0,
  position: [],
  ordinal: 0,
  complete: false,
};

/** Compares by the objective's figure, then by what it leaves open: joules where cycles count, otherwise cycles. */
export function compareCosts(price: NestPrice, objective: Objective, a: NestCost, b: NestCost): number {
  const first = nestScore(price, objective, a) - nestScore(price, objective, b);
  if (first !== 0) return first;
  return objective === "cycles" || objective === "seconds" ? a.joules - b.joules : a.cycles - b.cycles;
}

/** `front` with `found`, unless something on it is as good in both; what it beats leaves. */
export function onFront(front: readonly Found[], found: Found): readonly Found[] {
  if (front.some((other) => other.cycles <= found.cycles && other.joules <= found.joules)) return front;
  const kept = front.filter((other) => other.cycles < found.cycles || other.joules < found.joules);
  return [...kept, found].sort((a, b) => a.cycles - b.cycles);
}
