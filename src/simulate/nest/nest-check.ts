// The order in which a schedule sums a result: every reduction step of a loop nest once, so that values can be carried
// through it output by output.

import type { NestProblem } from "../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../mapping/nest/problem.ts";
import type { Loop, Schedule } from "../../mapping/nest/schedule.ts";

/**
 * Rows k of the lowered product in the order in which the nest comes to them, spatial steps one after the other. The
 * reduction index counts the reduced dimensions in the problem's order, the last one fastest: input channel, kernel row,
 * kernel column of a convolution.
 */
export function reductionOrder(problem: NestProblem, schedule: Schedule): Int32Array {
  const reduced = reducedDimensions(problem);
  const loops: Loop[] = schedule.levels
    .flatMap(({ temporal, spatial }) => [...temporal, ...spatial])
    .filter(({ dimension }) => reduced.includes(dimension));
  const weight = new Map<number, number>();
  let total = 1;
  for (const dimension of reduced.toReversed()) {
    weight.set(dimension, total);
    total *= problem.dimensions[dimension]?.size ?? 1;
  }
  const order = new Int32Array(total);
  let visited = 0;
  const start = problem.dimensions.map(() => 0);
  const length = problem.dimensions.map(({ size }) => size);
  const walk = (depth: number): void => {
    const loop = loops[depth];
    if (loop === undefined) {
      let k = 0;
      for (const dimension of reduced) k += (start[dimension] ?? 0) * (weight.get(dimension) ?? 0);
      order[visited++] = k;
      return;
    }
    const { dimension, tile } = loop;
    const from = start[dimension] ?? 0;
    const extent = length[dimension] ?? 0;
    for (let done = 0; done < extent; done += tile) {
      start[dimension] = from + done;
      length[dimension] = Math.min(tile, extent - done);
      walk(depth + 1);
    }
    start[dimension] = from;
    length[dimension] = extent;
  };
  walk(0);
  if (visited !== total) throw new Error(`a schedule that sums ${visited} of ${total} products`);
  return order;
}
