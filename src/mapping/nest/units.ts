// How many units a schedule puts to work.

import type { NestProblem } from "./problem.ts";
import type { Loop, Schedule } from "./schedule.ts";

/** Multipliers at work in the first step, when pieces are largest; those that a short last piece leaves out do not count. */
export function unitsInUse({ dimensions }: NestProblem, { levels }: Schedule): number {
  const loops = levels.flatMap(({ temporal, spatial }) => [
    ...temporal.map((loop) => ({ ...loop, sideBySide: false })),
    ...spatial.map((loop) => ({ ...loop, sideBySide: true })),
  ]);
  return dimensions.reduce(
    (units, { size }, dimension) =>
      units *
      pieces(
        size,
        loops.filter((loop) => loop.dimension === dimension),
      ),
    1,
  );
}

/** Units over which `length` positions of one dimension are spread. */
function pieces(length: number, [loop, ...inner]: readonly (Loop & { readonly sideBySide: boolean })[]): number {
  if (loop === undefined) return 1;
  if (!loop.sideBySide || length <= loop.tile) return pieces(Math.min(length, loop.tile), inner);
  const whole = Math.floor(length / loop.tile);
  const rest = length % loop.tile;
  return whole * pieces(loop.tile, inner) + (rest === 0 ? 0 : pieces(rest, inner));
}
