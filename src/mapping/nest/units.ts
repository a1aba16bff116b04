// How many units a schedule puts to work.

import type { NestProblem } from "./problem.ts";
import type { Schedule } from "./schedule.ts";

/** Multipliers at work at most: the product of the largest step counts of all spatial loops. */
export function unitsInUse({ dimensions }: NestProblem, { levels }: Schedule): number {
  const left = dimensions.map(({ size }) => size);
  let units = 1;
  for (const { temporal, spatial } of levels) {
    for (const { dimension, tile } of temporal) left[dimension] = Math.min(left[dimension] ?? 1, tile);
    for (const { dimension, tile } of spatial) {
      units *= Math.ceil((left[dimension] ?? 1) / tile);
      left[dimension] = Math.min(left[dimension] ?? 1, tile);
    }
  }
  return units;
}
