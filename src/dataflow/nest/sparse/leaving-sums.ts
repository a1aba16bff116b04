// Sums on their way out of an array: how many units hold parts of the same one, and how long a reduction network and the
// drain behind it take for them.

import type { ReductionTree } from "../../../component/reduction-tree.ts";
import { reductionCycles } from "../../../component/reduction-tree.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import type { AxisReference } from "./lane-nest.ts";

/** Units along one axis: how many hold parts of the same sum, and how many such groups there are. */
export interface AxisReduction {
  readonly parts: number;
  readonly groups: number;
}

export function reductionAlong(problem: NestProblem, schedule: Schedule, axis: AxisReference): AxisReduction {
  const reduced = new Set(reducedDimensions(problem));
  let parts = 1;
  let groups = 1;
  for (const { level, axis: name, dimension, steps } of spatialSteps(problem, schedule)) {
    if (level !== axis.level || name !== axis.axis) continue;
    if (reduced.has(dimension)) parts *= steps;
    else groups *= steps;
  }
  return { parts, groups };
}

/**
 * Cycles in which `points` sums of each unit leave, for `drainCycles` of a machine of lanes: a network along `treeAxis`
 * for each place on the other axes, all at once, and a drain of `width` sums a cycle for all of them behind it, which
 * works while the networks do. The slower one decides. Throws InputError as `reductionCycles`.
 */
export function leavingSums(
  problem: NestProblem,
  schedule: Schedule,
  tree: ReductionTree,
  axes: { readonly tree: AxisReference; readonly lanes: AxisReference },
  width: number,
): (points: number) => number {
  const reduction = reductionAlong(problem, schedule, axes.tree);
  let networks = 1;
  for (const { level, axis, steps } of spatialSteps(problem, schedule)) {
    const taken = [axes.tree, axes.lanes].some((other) => other.level === level && other.axis === axis);
    if (!taken) networks *= steps;
  }
  return (points) =>
    Math.max(
      reductionCycles(tree, { ...reduction, points }),
      Math.ceil((points * reduction.groups * networks) / width),
    );
}

interface SpatialSteps extends AxisReference {
  readonly dimension: number;
  readonly steps: number;
}

/** The loops over units and lanes with their steps in the first piece. */
function spatialSteps(problem: NestProblem, schedule: Schedule): readonly SpatialSteps[] {
  const left = problem.dimensions.map(({ size }) => size);
  const found: SpatialSteps[] = [];
  for (const [level, { temporal, spatial }] of schedule.levels.entries()) {
    for (const { dimension, tile } of temporal) left[dimension] = Math.min(left[dimension] ?? 1, tile);
    for (const { dimension, tile, axis } of spatial) {
      found.push({ level, axis, dimension, steps: Math.ceil((left[dimension] ?? 1) / tile) });
      left[dimension] = Math.min(left[dimension] ?? 1, tile);
    }
  }
  return found;
}
