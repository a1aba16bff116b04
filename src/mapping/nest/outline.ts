// A schedule level by level with the figures that a reader wants: step counts of its loops, the largest tile that each
// memory holds, how long an operand rests there. Text and pictures print the same outline.

import type { NestProblem, OperandKey } from "./problem.ts";
import { operandKeys } from "./problem.ts";
import type { Hierarchy, Loop, NestMemory, Schedule } from "./schedule.ts";
import { largestRankWords } from "./tiles.ts";
import { keeps } from "./validate.ts";

/** A loop that takes more than one step. */
export interface OutlinedLoop {
  /** Name of the dimension. */
  readonly dimension: string;
  readonly tile: number;
  /** Steps where the loop around it leaves a full piece; at most this many. */
  readonly steps: number;
  /** Positions of the last step of a full piece: the tile, or fewer where it does not divide. */
  readonly last: number;
  /** Operands whose words depend on the dimension: a temporal step moves their tiles, units side by side need others. */
  readonly changes: readonly OperandKey[];
  /** The axis of a spatial loop and the units that it has. */
  readonly axis?: { readonly name: string; readonly units: number };
}

/** An operand in a memory: its largest tile, less the padding. */
export interface OutlinedTile {
  readonly operand: OperandKey;
  readonly words: number;
  /** Results count as partial sums, except at the first level. */
  readonly bytes: number;
  /** Steps of the level above for which a tile of the operand stays before another one comes; 0 at the first level. */
  readonly rests: number;
  /** The innermost loop around that brings another tile; absent where one tile stays throughout. */
  readonly changedBy?: { readonly level: string; readonly dimension: string };
}

export interface OutlinedMemory {
  readonly name: string;
  readonly tiles: readonly OutlinedTile[];
  readonly bytes: number;
  /** Bytes of one instance that a tile may take; absent without a bound. */
  readonly capacity?: number;
}

export interface OutlinedLevel {
  readonly name: string;
  /** Equal instances in use. */
  readonly instances: number;
  readonly memories: readonly OutlinedMemory[];
  /** Operands that have no memory here, or pass by it. */
  readonly passing: readonly OperandKey[];
  readonly temporal: readonly OutlinedLoop[];
  readonly spatial: readonly OutlinedLoop[];
  /** All axes below the level, those without a loop too, with the units in use. */
  readonly axes: readonly { readonly name: string; readonly units: number; readonly used: number }[];
}

/** The levels of a valid schedule, far to near. Loops of one step are left out. */
export function outline(problem: NestProblem, hierarchy: Hierarchy, schedule: Schedule): readonly OutlinedLevel[] {
  const sizes = problem.dimensions.map(({ size }) => size);
  const tiles: number[][] = sizes.map(() => []);
  const relevant = relevance(problem);
  const above: LoopAbove[] = [];
  let instances = 1;

  const cut = ({ dimension, tile }: Loop): OutlinedLoop => {
    const around = tiles[dimension]?.at(-1) ?? sizes[dimension] ?? 1;
    tiles[dimension]?.push(Math.min(tile, around));
    const steps = Math.ceil(around / tile);
    const name = problem.dimensions[dimension]?.name ?? "";
    const changes = operandKeys.filter((key) => relevant[key].has(dimension));
    return { dimension: name, tile, steps, last: around - (steps - 1) * tile, changes };
  };
  const memoryOf = (level: number, { name, operands, bytes: capacity }: NestMemory): OutlinedMemory => {
    const kept = operandKeys.filter((key) => operands.includes(key) && keeps(hierarchy, schedule, level, key));
    const held = kept.map((operand): OutlinedTile => {
      const ranks = problem.operands[operand];
      const words = ranks.reduce((product, rank) => product * largestRankWords(rank, sizes, tiles), 1);
      const width = hierarchy.wordBytes[operand === "C" && level > 0 ? "partial" : operand];
      return {
        operand,
        words,
        bytes: words * width,
        ...(level === 0 ? { rests: 0 } : restOf(relevant[operand], above)),
      };
    });
    const bytes = held.reduce((sum, tile) => sum + tile.bytes, 0);
    return { name, tiles: held, bytes, ...(capacity === Infinity ? {} : { capacity }) };
  };

  return hierarchy.levels.map((level, index): OutlinedLevel => {
    const memories = level.memories.map((memory) => memoryOf(index, memory));
    const passing = operandKeys.filter((key) => !keeps(hierarchy, schedule, index, key));
    const here = { name: level.name, instances, memories, passing };
    const loops = schedule.levels[index] ?? { temporal: [], spatial: [] };
    const temporal = loops.temporal.map((loop) => {
      const outlined = cut(loop);
      above.push({ index: loop.dimension, dimension: outlined.dimension, level: level.name, steps: outlined.steps });
      return outlined;
    });
    const spatial = loops.spatial.map((loop): OutlinedLoop => {
      const units = level.axes.find(({ name }) => name === loop.axis)?.units ?? 1;
      const outlined = cut(loop);
      instances *= outlined.steps;
      return { ...outlined, axis: { name: loop.axis, units } };
    });
    const works = ({ steps }: OutlinedLoop): boolean => steps > 1;
    const axes = level.axes.map(({ name, units }) => ({
      name,
      units,
      used: spatial.reduce((product, loop) => product * (loop.axis?.name === name ? loop.steps : 1), 1),
    }));
    return { ...here, temporal: temporal.filter(works), spatial: spatial.filter(works), axes };
  });
}

/** Dimensions that the words of each operand depend on. */
function relevance({ operands }: NestProblem): Readonly<Record<OperandKey, ReadonlySet<number>>> {
  const of = (key: OperandKey): ReadonlySet<number> =>
    new Set(operands[key].flatMap(({ terms }) => terms.map(({ dimension }) => dimension)));
  return { A: of("A"), B: of("B"), C: of("C") };
}

interface LoopAbove {
  readonly index: number;
  readonly dimension: string;
  readonly level: string;
  readonly steps: number;
}

/** Steps of the temporal loops inside the innermost one that changes the operand's tile; all where none does. */
function restOf(
  relevant: ReadonlySet<number>,
  above: readonly LoopAbove[],
): { readonly rests: number; readonly changedBy?: { readonly level: string; readonly dimension: string } } {
  const changing = above.findLastIndex(({ index, steps }) => steps > 1 && relevant.has(index));
  const rests = above.slice(changing + 1).reduce((product, { steps }) => product * steps, 1);
  const loop = above[changing];
  return loop === undefined ? { rests } : { rests, changedBy: { level: loop.level, dimension: loop.dimension } };
}

/** The operands that rest longest in the memories of a level, and for how many of the level's steps. */
export interface Resting {
  readonly operands: readonly OperandKey[];
  readonly steps: number;
}

/**
 * For each level the operands whose tiles stay longest: one where the loops around it favour it, all that the level keeps
 * where nothing changes, none at the first level, which holds the whole layer.
 */
export function stationary(problem: NestProblem, hierarchy: Hierarchy, schedule: Schedule): readonly Resting[] {
  return outline(problem, hierarchy, schedule).map(({ memories }): Resting => {
    const tiles = memories.flatMap((memory) => memory.tiles);
    const steps = Math.max(0, ...tiles.map(({ rests }) => rests));
    return { operands: tiles.flatMap(({ operand, rests }) => (steps > 0 && rests === steps ? [operand] : [])), steps };
  });
}
