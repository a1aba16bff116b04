// What a whole network can trade: its layers' fronts of time against energy put together, layer by layer the schedule that
// a common price of time in energy asks for.

import type { LayerResult } from "../simulate/result.ts";

/** One choice of schedules for all layers. Seconds and joules. */
export interface FrontPoint {
  readonly seconds: number;
  readonly energy: number;
}

/**
 * The convex front of the layers' sums, fastest first: every point is the best choice for some price of a second. Empty
 * where a layer has no front. Mixing the layers' fronts freely would also give points between these, none of them below
 * the line from one to the next.
 */
export function networkFront(layers: readonly LayerResult[]): readonly FrontPoint[] {
  if (layers.length === 0 || layers.some(({ front }) => front === undefined || front.length === 0)) return [];
  const hulls = layers.map(({ front = [] }) => lowerHull(front));
  let { seconds, energy } = hulls.reduce(
    (sum, [first]) => ({ seconds: sum.seconds + (first?.seconds ?? 0), energy: sum.energy + (first?.energy ?? 0) }),
    { seconds: 0, energy: 0 },
  );
  const points: FrontPoint[] = [{ seconds, energy }];
  // Steps along the hulls, those that save most energy for a second first.
  const steps = hulls
    .flatMap((hull) =>
      hull.slice(1).map((point, index) => {
        const before = hull[index] ?? point;
        return { seconds: point.seconds - before.seconds, energy: point.energy - before.energy };
      }),
    )
    .sort((a, b) => a.energy / a.seconds - b.energy / b.seconds);
  for (const step of steps) {
    seconds += step.seconds;
    energy += step.energy;
    points.push({ seconds, energy });
  }
  return points;
}

/** The corners of the lower left hull of points, from the fastest to the one with the least energy. */
function lowerHull(front: readonly FrontPoint[]): readonly FrontPoint[] {
  const sorted = front.toSorted((a, b) => a.seconds - b.seconds || a.energy - b.energy);
  const hull: FrontPoint[] = [];
  for (const point of sorted) {
    const last = hull.at(-1);
    if (last !== undefined && point.energy >= last.energy) continue;
    while (hull.length > 1 && isAbove(hull.at(-2), hull.at(-1), point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

/** Whether the middle point lies on or above the line between its neighbours. */
function isAbove(a: FrontPoint | undefined, b: FrontPoint | undefined, c: FrontPoint): boolean {
  if (a === undefined || b === undefined) return false;
  return (b.energy - a.energy) * (c.seconds - a.seconds) >= (c.energy - a.energy) * (b.seconds - a.seconds);
}
