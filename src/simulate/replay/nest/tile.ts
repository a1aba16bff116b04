// One tile of a loop nest as a nest of its own: the outer loops stand still at one turn each, and what is left is small
// enough to be walked step by step. Words know where they lie in the whole operands.

import { InputError } from "../../../base/error.ts";
import type { NestProblem, OperandKey, Rank } from "../../../mapping/nest/problem.ts";
import type { Loop, Schedule } from "../../../mapping/nest/schedule.ts";

/** An outer loop that stands still. */
export interface StillLoop {
  readonly level: number;
  readonly dimension: number;
  readonly tile: number;
  /** Turns that it takes, and the one that the film is in. */
  readonly steps: number;
  readonly index: number;
  /** Coordinates of the dimension that the turn covers. */
  readonly from: number;
  readonly length: number;
  /** Whether a loop around it turns: the tile is then a slice of the turns of that loop. */
  readonly inside: boolean;
}

/** A tile as a nest. */
export interface NestTile {
  readonly problem: NestProblem;
  readonly schedule: Schedule;
  readonly still: readonly StillLoop[];
  /** Tiles of this size in the layer, by what the outer loops take at most. */
  readonly tiles: number;
  /** First coordinate of the tile in each rank of each operand. */
  readonly base: Readonly<Record<OperandKey, readonly number[]>>;
  /** Steps of the tile's temporal loops, and units in use. */
  readonly steps: number;
  readonly units: number;
}

interface Size {
  readonly steps: number;
  readonly units: number;
}

/** Steps and units of a nest of these sizes, at most. */
function sizeOf(sizes: readonly number[], { levels }: Schedule): Size {
  const left = [...sizes];
  let steps = 1;
  let units = 1;
  const turn = ({ dimension, tile }: Loop): number => {
    const around = left[dimension] ?? 1;
    left[dimension] = Math.min(around, tile);
    return Math.ceil(around / tile);
  };
  for (const { temporal, spatial } of levels) {
    for (const loop of temporal) steps *= turn(loop);
    for (const loop of spatial) units *= turn(loop);
  }
  return { steps, units };
}

/**
 * The tile of a layer that `tile` counts: as many of the outermost loops stand still as it takes for the rest to have
 * `mostSteps` steps and `mostProducts` multiplications at most. A loop inside of units that split its dimension turns
 * all the same, because the tile would be in pieces; the next one inside of it stands still then. Throws InputError where there is no such tile, or none is so small.
 */
export function nestTile(
  problem: NestProblem,
  schedule: Schedule,
  tile: number,
  mostSteps: number,
  mostProducts: number,
): NestTile {
  const whole = problem.dimensions.map(({ size }) => size);
  const sizes = [...whole];
  const levels = schedule.levels.map(({ temporal, spatial }) => ({ temporal: [...temporal], spatial }));
  const stopped: { level: number; loop: Loop; steps: number; inside: boolean }[] = [];
  const within = (): boolean => {
    const { steps, units } = sizeOf(sizes, { ...schedule, levels });
    return steps <= mostSteps && steps * units <= mostProducts;
  };
  const split = new Set<number>();
  let turning = false;
  for (const [level, { temporal, spatial }] of schedule.levels.entries()) {
    for (const loop of temporal) {
      const around = sizes[loop.dimension] ?? 1;
      const steps = Math.ceil(around / loop.tile);
      if (within() || split.has(loop.dimension)) {
        turning ||= steps > 1;
        continue;
      }
      const left = levels[level]?.temporal ?? [];
      left.splice(left.indexOf(loop), 1);
      stopped.push({ level, loop, steps, inside: turning });
      sizes[loop.dimension] = Math.min(around, loop.tile);
    }
    for (const { dimension } of spatial) split.add(dimension);
  }
  const size = sizeOf(sizes, { ...schedule, levels });
  if (size.steps * size.units > mostProducts) {
    throw new InputError({
      path: "tile",
      message: "the smallest tile of the schedule is too large to be walked step by step",
      found: `${size.steps} steps on ${size.units} units`,
      expected: `at most ${mostProducts} multiplications: a smaller layer or machine, or a schedule with more of its loops outside`,
    });
  }
  const tiles = stopped.reduce((product, { steps }) => product * steps, 1);
  if (!Number.isInteger(tile) || tile < 0 || tile >= tiles) {
    throw new InputError({
      path: "tile",
      message: "the layer has no such tile",
      found: String(tile),
      expected: `a whole number from 0 to ${tiles - 1}`,
    });
  }
  const start = whole.map(() => 0);
  const length = [...whole];
  let rest = tile;
  let inner = tiles;
  const still = stopped.map(({ level, loop: { dimension, tile: covered }, steps, inside }): StillLoop => {
    inner /= steps;
    const around = length[dimension] ?? 1;
    // A ragged piece has fewer turns than the first one: its last turn stands in for those that it lacks.
    const index = Math.min(Math.floor(rest / inner), Math.ceil(around / covered) - 1);
    rest %= inner;
    const from = (start[dimension] ?? 0) + index * covered;
    start[dimension] = from;
    length[dimension] = Math.min(covered, around - index * covered);
    return { level, dimension, tile: covered, steps, index, from, length: length[dimension] ?? 1, inside };
  });
  const cropped = {
    A: problem.operands.A.map((rank) => crop(rank, start, length)),
    B: problem.operands.B.map((rank) => crop(rank, start, length)),
    C: problem.operands.C.map((rank) => crop(rank, start, length)),
  };
  const ranks = (operand: OperandKey): Rank[] => cropped[operand].map(({ rank }) => rank);
  const bases = (operand: OperandKey): number[] => cropped[operand].map(({ base }) => base);
  return {
    problem: {
      dimensions: problem.dimensions.map(({ name }, index) => ({ name, size: length[index] ?? 1 })),
      operands: { A: ranks("A"), B: ranks("B"), C: ranks("C") },
    },
    schedule: { ...schedule, levels },
    still,
    tiles,
    base: { A: bases("A"), B: bases("B"), C: bases("C") },
    ...sizeOf(length, { ...schedule, levels }),
  };
}

/** What a piece of the dimensions touches along a rank, as a rank that has these words only. */
function crop(rank: Rank, start: readonly number[], length: readonly number[]): { rank: Rank; base: number } {
  let low = rank.offset;
  let high = rank.offset;
  for (const { dimension, coefficient } of rank.terms) {
    low += coefficient * (start[dimension] ?? 0);
    high += coefficient * ((start[dimension] ?? 0) + (length[dimension] ?? 1) - 1);
  }
  const base = Math.max(0, low);
  const last = Math.min(rank.extent - 1, high);
  // All padding: no word is touched, whatever the extent.
  if (last < base) return { rank: { ...rank, offset: low }, base: 0 };
  return { rank: { ...rank, offset: low - base, extent: last - base + 1 }, base };
}
