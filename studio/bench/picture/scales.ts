// Scales and ticks that several pictures share.

import { machineMark } from "../data/prepare.ts";
import { logTicks } from "../../../src/report/html/plot.ts";
import { elideMiddle } from "../../../src/report/units.ts";

/** `A arrayflex`, as an axis names a machine. */
export const tickLabel = (labels: readonly string[], index: number, width = 18): string =>
  `${machineMark(index)} ${elideMiddle(labels[index] ?? "", width)}`;

/** From a little below the least to a little above the largest; never empty. */
export function logDomain(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [0.1, 10];
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const room = Math.max(1.25, (high / low) ** 0.12);
  return [low / room, high * room];
}

/** A scale from 0 where the values are close to each other, a logarithmic one where they are not. */
export function wideScale(values: readonly number[]): {
  readonly type: "log" | "linear";
  readonly domain: [number, number];
  readonly ticks: (most: number) => { readonly ticks: number | number[] };
} {
  const positive = values.filter((value) => value > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  if (!(high / low > 8)) {
    return { type: "linear", domain: [0, positive.length === 0 ? 1 : high * 1.12], ticks: (most) => ({ ticks: most }) };
  }
  const domain = logDomain(values);
  return { type: "log", domain, ticks: (most) => ({ ticks: spaced(logTicks(domain), most) }) };
}

/**
 * At most `most` of the ticks, evenly. Axes of them give their texts as `text`: Plot drops some of `tickFormat` where a
 * scale is logarithmic.
 */
export const spaced = (ticks: readonly number[], most: number): number[] => {
  const step = Math.ceil(ticks.length / Math.max(2, most));
  return ticks.filter((_, index) => index % step === 0);
};
