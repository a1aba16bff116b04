// Every schedule of a small problem, by plain recursion over loops: the reference for a search, sharing no code with it.

import type { NestProblem, OperandKey } from "../../src/mapping/nest/problem.ts";
import { operandKeys } from "../../src/mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule, ScheduleLevel, SpatialLoop } from "../../src/mapping/nest/schedule.ts";

/**
 * Calls `visit` for each schedule with at most one loop of a dimension in a level's time and one along each axis, in
 * every order of the loops in time; whether it may run is not asked.
 */
export function everySchedule(
  { dimensions }: NestProblem,
  hierarchy: Hierarchy,
  bypasses: readonly Schedule["bypass"][],
  visit: (schedule: Schedule) => void,
): void {
  const depth = hierarchy.levels.length;
  const below = (l: number, rest: readonly number[], levels: readonly ScheduleLevel[]): void => {
    if (l === depth) {
      if (rest.some((left) => left > 1)) return;
      for (const bypass of bypasses) visit({ levels, bypass });
      return;
    }
    cutsOf(rest, (temporal, inTime) => {
      spread(l, inTime, 0, [], (spatial, left) => {
        for (const order of ordersOf(temporal)) below(l + 1, left, [...levels, { temporal: order, spatial }]);
      });
    });
  };
  const spread = (
    l: number,
    rest: readonly number[],
    index: number,
    before: readonly SpatialLoop[],
    then: (spatial: readonly SpatialLoop[], rest: readonly number[]) => void,
  ): void => {
    const axis = hierarchy.levels[l]?.axes[index];
    if (axis === undefined) {
      then(before, rest);
      return;
    }
    cutsOf(rest, (loops, left) => {
      const units = loops.reduce((product, loop) => product * Math.ceil((rest[loop.dimension] ?? 1) / loop.tile), 1);
      if (units > axis.units) return;
      spread(l, left, index + 1, [...before, ...loops.map((loop) => ({ ...loop, axis: axis.name }))], then);
    });
  };
  below(
    0,
    dimensions.map(({ size }) => size),
    [],
  );
}

/** Every way to cut each dimension once or not at all. */
function cutsOf(rest: readonly number[], visit: (loops: readonly Loop[], left: readonly number[]) => void): void {
  const next = (dimension: number, loops: readonly Loop[], left: readonly number[]): void => {
    const size = rest[dimension];
    if (size === undefined) {
      visit(loops, left);
      return;
    }
    next(dimension + 1, loops, [...left, size]);
    for (let tile = 1; tile < size; tile++) next(dimension + 1, [...loops, { dimension, tile }], [...left, tile]);
  };
  next(0, [], []);
}

function ordersOf(loops: readonly Loop[]): readonly (readonly Loop[])[] {
  if (loops.length < 2) return [loops];
  return loops.flatMap((loop, i) => ordersOf(loops.filter((_, j) => j !== i)).map((rest) => [loop, ...rest]));
}

/** Every choice of operands that pass a level by, among those that the level could keep. */
export function everyBypass({ levels }: Hierarchy): readonly Schedule["bypass"][] {
  let choices: readonly (readonly (readonly OperandKey[])[])[] = [[[]]];
  for (const { memories } of levels.slice(1)) {
    const keys = operandKeys.filter((key) => memories.some((memory) => memory.operands.includes(key)));
    const subsets = keys.reduce<readonly (readonly OperandKey[])[]>(
      (sets, key) => sets.flatMap((set) => [set, [...set, key]]),
      [[]],
    );
    choices = choices.flatMap((choice) => subsets.map((subset) => [...choice, subset]));
  }
  return choices;
}
