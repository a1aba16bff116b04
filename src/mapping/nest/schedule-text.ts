// A schedule as the YAML text of a schedule file, so that one that was found by search can be kept, changed and run.

import type { NestProblem } from "./problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "./schedule.ts";

/**
 * The list of a schedule's levels, each line indented by `indent` spaces; what `scheduleFor` in the command line's input
 * reads gives the same schedule. Undefined where that form cannot say it: loops of one axis stand together there, which
 * would change the order of cuts of a dimension that lies on several axes in turn.
 */
export function scheduleText(
  problem: NestProblem,
  hierarchy: Hierarchy,
  schedule: Schedule,
  indent = 2,
): string | undefined {
  const margin = " ".repeat(indent);
  const loopText = ({ dimension, tile }: Loop): string => {
    const name = problem.dimensions[dimension]?.name ?? "";
    return tile === 1 ? name : `${name} by ${tile}`;
  };
  const lines: string[] = [];
  for (const [index, { name, axes }] of hierarchy.levels.entries()) {
    const { temporal = [], spatial = [] } = schedule.levels[index] ?? {};
    const grouped = [...new Set(spatial.map(({ axis }) => axis))].map((axis) => ({
      axis,
      loops: spatial.filter((loop) => loop.axis === axis),
    }));
    const together = grouped.flatMap(({ loops }) => loops);
    if (!sameCuts(spatial, together) || axes.some((axis) => ["at", "loops", "bypass"].includes(axis.name))) {
      return undefined;
    }
    const bypass = schedule.bypass[index] ?? [];
    lines.push(`${margin}- at: ${JSON.stringify(name)}`);
    if (temporal.length > 0) lines.push(`${margin}  loops: [${temporal.map(loopText).join(", ")}]`);
    for (const { axis, loops } of grouped) {
      lines.push(`${margin}  ${JSON.stringify(axis)}: [${loops.map(loopText).join(", ")}]`);
    }
    if (bypass.length > 0) lines.push(`${margin}  bypass: [${bypass.join(", ")}]`);
  }
  return `${lines.join("\n").replace(/"([A-Za-z][\w-]*)"/g, (quoted, word: string) => (reserved.test(word) ? quoted : word))}\n`;
}

/** Words that YAML reads as something else than text. */
const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** Whether every dimension is cut in the same order. */
function sameCuts(before: readonly SpatialLoop[], after: readonly SpatialLoop[]): boolean {
  return before.every(({ dimension }) => {
    const cuts = (loops: readonly SpatialLoop[]): string =>
      loops
        .filter((loop) => loop.dimension === dimension)
        .map(({ tile, axis }) => `${axis} ${tile}`)
        .join();
    return cuts(before) === cuts(after);
  });
}
