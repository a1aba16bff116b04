// Colours of the HTML report. Every chart draws from the Okabe-Ito palette, which readers with any colour vision can
// tell apart; machines and causes start at different places of it so that they are not mistaken for each other.

import type { Activity } from "../../simulate/replay/replay.ts";

// Okabe & Ito, "Color Universal Design", 2008.
const okabeIto = {
  blue: "#0072b2",
  orange: "#e69f00",
  green: "#009e73",
  sky: "#56b4e9",
  vermillion: "#d55e00",
  purple: "#cc79a7",
  yellow: "#f0e442",
  grey: "#8a8f98",
} as const;

const causes = [
  okabeIto.blue,
  okabeIto.orange,
  okabeIto.sky,
  okabeIto.vermillion,
  okabeIto.yellow,
  okabeIto.purple,
  okabeIto.green,
  okabeIto.grey,
] as const;
const machines = [
  okabeIto.grey,
  okabeIto.green,
  okabeIto.purple,
  okabeIto.vermillion,
  okabeIto.sky,
  okabeIto.orange,
  okabeIto.blue,
  okabeIto.yellow,
] as const;
// Yellow, orange, vermillion also grow darker, as a pipeline depth grows; grey and green, the first machines, come last.
const mappings = [
  okabeIto.sky,
  okabeIto.yellow,
  okabeIto.orange,
  okabeIto.vermillion,
  okabeIto.blue,
  okabeIto.purple,
  okabeIto.green,
  okabeIto.grey,
] as const;

/**
 * Colour of the cause at `index` of a cycle stack. After the palette's end its colours come again, half as bright, blue
 * the last of them: on a dark page it is the hardest to see.
 */
export const causeColour = (index: number): string =>
  index < causes.length ? pick(causes, index) : darker(pick(causes, index + 1));
/** Colour of the machine at `index`; the first, the reference, is grey. */
export const machineColour = (index: number): string => pick(machines, index);
/** Colour of the mapping at `index`. */
export const mappingColour = (index: number): string => pick(mappings, index);

/** Colour of an operand: weights, inputs, results. */
export const operandColour = (operand: "A" | "B" | "C"): string =>
  ({ A: okabeIto.blue, B: okabeIto.green, C: okabeIto.vermillion })[operand];

/**
 * Colour of what a part does in a cycle. No operand's colour is among them, since both stand in one box; what zeros cause
 * is yellow, and patterns and signs tell those that share a colour apart.
 */
export const activityColour = (activity: Activity): string =>
  ({
    idle: okabeIto.grey,
    useful: okabeIto.sky,
    zero: okabeIto.yellow,
    skipped: okabeIto.yellow,
    gated: okabeIto.grey,
    stalled: okabeIto.orange,
    loading: okabeIto.purple,
    passing: okabeIto.sky,
  })[activity];

function pick(colours: readonly string[], index: number): string {
  return colours[index % colours.length] ?? okabeIto.grey;
}

function darker(colour: string): string {
  const half = (start: number): string =>
    Math.floor(Number.parseInt(colour.slice(start, start + 2), 16) / 2)
      .toString(16)
      .padStart(2, "0");
  return `#${half(1)}${half(3)}${half(5)}`;
}

/** Black or white, whichever reads better on `colour` (by relative luminance, WCAG 2). */
export function inkOn(colour: string): "#000" | "#fff" {
  const channel = (start: number): number => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  // Contrast with black and with white is equal where (L + 0.05)^2 = 0.05 * 1.05.
  return luminance > 0.179 ? "#000" : "#fff";
}
