// Which units have work in a step of the nest, how many of their lanes, and how many positions of a bank: ragged pieces
// leave some without.

import type { LaneLoop, LaneNest } from "./lane-nest.ts";

/** What the units of a nest have to do in the step at hand. */
export interface UnitPieces {
  /** Units with work, ascending: the first `count` entries. */
  readonly active: Int32Array;
  count(): number;
  /** The steps of some loops have changed; `changed` lists their places in the nest. True if `active` is another list. */
  move(changed: readonly number[]): boolean;
  /** Lanes with work of all units with work together. */
  lanes(): number;
  /** Positions that the banks of a unit's first lane cover in this round. */
  positions(unit: number): number;
}

/** One dimension: its loops with the place of each in the nest's list, and the choices of its loops over units. */
interface Along {
  readonly size: number;
  readonly loops: readonly { readonly loop: LaneLoop; readonly index: number }[];
  readonly combinations: number;
  /** Step of each loop over units, by combination. */
  readonly unitSteps: readonly Int32Array[];
  /** Combination of each unit. */
  readonly of: Int32Array;
  /** By combination: lanes and positions with work; 0 lanes is no work. */
  readonly lanes: Int32Array;
  readonly positions: Int32Array;
  /** Every piece divides, so that nothing ever changes. */
  readonly even: boolean;
}

/** Steps of all loops over time are read from `steps`, by place in `nest.loops`. */
export function unitPieces(nest: LaneNest, steps: Int32Array): UnitPieces {
  const along = nest.problem.dimensions.map((_, dimension) => alongOf(nest, dimension));
  const active = Int32Array.from({ length: nest.units }, (_, unit) => unit);
  const laneAlong = nest.laneDimension === undefined ? undefined : along[nest.laneDimension];
  const bankAlong = along[nest.channel];
  let count = nest.units;

  const measure = (dimension: Along): void => {
    for (let choice = 0; choice < dimension.combinations; choice++) {
      dimension.lanes[choice] = countSteps(dimension, steps, choice, "lane");
      dimension.positions[choice] = countSteps(dimension, steps, choice, "bank");
    }
  };
  const collect = (): void => {
    count = 0;
    const uneven = along.filter(({ even, combinations }) => !even && combinations > 1);
    for (let unit = 0; unit < nest.units; unit++) {
      let works = true;
      for (const dimension of uneven) if (dimension.lanes[dimension.of[unit] ?? 0] === 0) works = false;
      if (works) active[count++] = unit;
    }
  };
  for (const dimension of along) measure(dimension);
  collect();
  return {
    active,
    count: () => count,
    move(changed) {
      let moved = false;
      for (const index of changed) {
        const dimension = along[nest.loops[index]?.dimension ?? -1];
        if (dimension === undefined || dimension.even) continue;
        const before = dimension.combinations > 1 ? dimension.lanes.slice() : undefined;
        measure(dimension);
        if (before?.some((lanes, choice) => (lanes === 0) !== (dimension.lanes[choice] === 0)) === true) moved = true;
      }
      if (moved) collect();
      return moved;
    },
    lanes() {
      if (laneAlong === undefined) return count;
      if (laneAlong.even) return count * (laneAlong.lanes[0] ?? 0);
      let total = 0;
      for (let i = 0; i < count; i++) total += laneAlong.lanes[laneAlong.of[active[i] ?? 0] ?? 0] ?? 0;
      return total;
    },
    positions: (unit) => bankAlong?.positions[bankAlong.of[unit] ?? 0] ?? 1,
  };
}

function alongOf(nest: LaneNest, dimension: number): Along {
  const loops = nest.loops.flatMap((loop, index) => (loop.dimension === dimension ? [{ loop, index }] : []));
  const own = loops.filter(({ loop }) => loop.place === "unit");
  const combinations = own.reduce((product, { loop }) => product * loop.steps, 1);
  const unitLoops = nest.loops.filter(({ place }) => place === "unit");
  const size = nest.problem.dimensions[dimension]?.size ?? 1;
  let left = size;
  let even = true;
  for (const { loop } of loops) {
    if (left % loop.tile !== 0) even = false;
    left = Math.min(left, loop.tile);
  }
  const of = new Int32Array(nest.units);
  for (let unit = 0; unit < nest.units; unit++) {
    let rest = unit;
    let weight = 1;
    for (const loop of unitLoops.toReversed()) {
      const step = rest % loop.steps;
      rest = Math.floor(rest / loop.steps);
      if (loop.dimension !== dimension) continue;
      of[unit] = (of[unit] ?? 0) + step * weight;
      weight *= loop.steps;
    }
  }
  const unitSteps = own.map((_, place) => {
    const inner = own.slice(place + 1).reduce((product, { loop }) => product * loop.steps, 1);
    return Int32Array.from(
      { length: combinations },
      (_, choice) => Math.floor(choice / inner) % (own[place]?.loop.steps ?? 1),
    );
  });
  return {
    size,
    loops,
    combinations,
    unitSteps,
    of,
    lanes: new Int32Array(combinations),
    positions: new Int32Array(combinations),
    even,
  };
}

/** Steps of the loop over `place` that leave something, with the other loops where they stand; 1 without such a loop. */
function countSteps(along: Along, steps: Int32Array, choice: number, place: "lane" | "bank"): number {
  const { loops } = along;
  let own = 1;
  for (let i = 0; i < loops.length; i++) if (loops[i]?.loop.place === place) own = loops[i]?.loop.steps ?? 1;
  let count = 0;
  for (let step = 0; step < own; step++) {
    let left = along.size;
    let unitLoop = 0;
    for (let i = 0; i < loops.length; i++) {
      const entry = loops[i];
      if (entry === undefined) break;
      const { loop, index } = entry;
      let at = 0;
      if (loop.place === place) at = step;
      else if (loop.place === "unit") at = along.unitSteps[unitLoop]?.[choice] ?? 0;
      else if (loop.place === "time") at = steps[index] ?? 0;
      if (loop.place === "unit") unitLoop++;
      left = Math.min(loop.tile, left - at * loop.tile);
    }
    if (left <= 0) break;
    count++;
  }
  return count;
}
