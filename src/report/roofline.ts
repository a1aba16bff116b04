// The roofline of a run as figures: each layer's work per byte and speed, and the roof above them (Williams, Waterman,
// Patterson, CACM 52(4), 2009).

import type { LayerResult, RunResult } from "../simulate/result.ts";
import { farthestBytes } from "./runs.ts";

/** A layer with both work and off-chip traffic. */
export interface RoofPoint {
  readonly layer: LayerResult;
  /** Multiply-accumulates that were not skipped, per byte of traffic of the farthest memory. */
  readonly intensity: number;
  /** Multiply-accumulates that were not skipped, a second: with those that were, a layer could stand above the roof. */
  readonly rate: number;
  readonly seconds: number;
}

/** The layers that a roofline can show. */
export const roofPoints = (run: RunResult): readonly RoofPoint[] =>
  run.layers.flatMap((layer) => {
    const bytes = farthestBytes(layer.traffic);
    const work = layer.macs.dense - layer.macs.skipped;
    if (!(bytes > 0 && layer.seconds > 0 && work > 0)) return [];
    return [{ layer, intensity: work / bytes, rate: work / layer.seconds, seconds: layer.seconds }];
  });

/** Corners of min(peak, intensity x bandwidth) inside the domain. */
export function roof(
  run: RunResult,
  [left, right]: readonly [number, number],
  [bottom]: readonly [number, number],
): [number, number][] {
  const { macsPerSecond: peak, bytesPerSecond } = run.peak;
  if (typeof bytesPerSecond !== "number" || bytesPerSecond <= 0) {
    return [
      [left, peak],
      [right, peak],
    ];
  }
  const start = Math.max(left, bottom / bytesPerSecond);
  const ridge = peak / bytesPerSecond;
  return ridge <= start
    ? [
        [start, peak],
        [right, peak],
      ]
    : [
        [start, start * bytesPerSecond],
        [ridge, peak],
        [right, peak],
      ];
}
