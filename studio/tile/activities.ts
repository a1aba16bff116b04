// How activities look, and what they mean: a colour, a pattern and a sign each, so that no two differ by colour alone.

import type { Activity, ReplayPart } from "../../src/simulate/replay/replay.ts";
import { activityColour } from "../../src/report/html/palette.ts";

export interface ActivityLook {
  readonly colour: string;
  /** A sign for boxes and the legend. */
  readonly mark: string;
  /** What is drawn over the colour; `plain` for nothing. */
  readonly pattern: "plain" | "dots" | "rising" | "falling" | "across" | "upright" | "cross";
  readonly meaning: string;
}

export const looks: Readonly<Record<Activity, ActivityLook>> = {
  idle: { colour: activityColour("idle"), mark: "", pattern: "plain", meaning: "nothing to do" },
  useful: {
    colour: activityColour("useful"),
    mark: "×",
    pattern: "plain",
    meaning: "works on values that are not zero",
  },
  zero: {
    colour: activityColour("zero"),
    mark: "0",
    pattern: "dots",
    meaning: "multiplies by a zero: time and energy for nothing",
  },
  skipped: { colour: activityColour("skipped"), mark: "»", pattern: "rising", meaning: "work passed over in no time" },
  gated: {
    colour: activityColour("gated"),
    mark: "=",
    pattern: "upright",
    meaning: "waits the time of a zero, but does not switch",
  },
  stalled: {
    colour: activityColour("stalled"),
    mark: "!",
    pattern: "cross",
    meaning: "has work, but an input or room for the result is missing",
  },
  loading: {
    colour: activityColour("loading"),
    mark: "↓",
    pattern: "across",
    meaning: "takes in a value that will rest",
  },
  passing: { colour: activityColour("passing"), mark: "→", pattern: "falling", meaning: "only hands a value on" },
};

/** Activities from the best to the worst use of a cycle, as stacks and legends list them. */
export const activityOrder: readonly Activity[] = [
  "useful",
  "skipped",
  "zero",
  "gated",
  "passing",
  "loading",
  "stalled",
  "idle",
];

/** What boxes of a kind are, for the legend. */
export const kindWords: Readonly<Record<ReplayPart["kind"], string>> = {
  unit: "unit that computes",
  register: "register",
  bit: "bit",
  queue: "queue",
  adder: "adder or merger",
  memory: "memory",
  network: "network",
};

/** The pattern's place in a picture's definitions; `prefix` keeps pictures of one page apart. */
export const patternName = (prefix: string, activity: Activity): string => `${prefix}-${activity}`;
