// The boxes of a schedule that sparsity asks about: the tile of a level, and what the nest runs through while a tile of
// one operand stays where it is.

import type { NestProblem, OperandKey, Rank } from "../../../mapping/nest/problem.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule } from "../../../mapping/nest/schedule.ts";
import { keeps } from "../../../mapping/nest/validate.ts";
import { rankWords } from "../../../mapping/nest/tiles.ts";

/** A loop of the nest where it stands, outermost first. */
export interface PlacedLoop {
  readonly level: number;
  readonly spatial: boolean;
  readonly dimension: number;
  readonly tile: number;
  /** Steps in the largest piece that the loops around leave. */
  readonly steps: number;
}

/** An operand's way between two successive levels that keep it; `child` is the number of levels for the datapath. */
export interface Boundary {
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
}

/** The inner part of a nest: the loops inside, and the largest extents they cover. */
export interface NestBox {
  /** For each loop of the nest whether it is inside. */
  readonly inside: readonly boolean[];
  readonly lengths: readonly number[];
}

/** All loops of a schedule, outermost first. */
export function placedLoops({ dimensions }: NestProblem, { levels }: Schedule): readonly PlacedLoop[] {
  const left = dimensions.map(({ size }) => size);
  const loops: PlacedLoop[] = [];
  const place = (level: number, spatial: boolean, { dimension, tile }: Loop): void => {
    const size = left[dimension] ?? 1;
    loops.push({ level, spatial, dimension, tile, steps: Math.ceil(size / tile) });
    left[dimension] = Math.min(tile, size);
  };
  for (const [level, { temporal, spatial }] of levels.entries()) {
    for (const loop of temporal) place(level, false, loop);
    for (const loop of spatial) place(level, true, loop);
  }
  return loops;
}

/** Boundaries of all operands, far to near. */
export function boundariesOf(hierarchy: Hierarchy, schedule: Schedule): readonly Boundary[] {
  const count = hierarchy.levels.length;
  return operandKeys.flatMap((operand) => {
    const keepers: number[] = [];
    for (let level = 0; level < count; level++) if (keeps(hierarchy, schedule, level, operand)) keepers.push(level);
    return keepers.map((parent, index) => ({ operand, parent, child: keepers[index + 1] ?? count }));
  });
}

/** The tile of every level, and last the single multiplication: all loops of levels from that one on. */
export function levelBoxes(problem: NestProblem, loops: readonly PlacedLoop[], levels: number): readonly NestBox[] {
  const lengths = problem.dimensions.map(({ size }) => size);
  const boxes: NestBox[] = [];
  let at = 0;
  for (let level = 0; level <= levels; level++) {
    for (let loop = loops[at]; loop !== undefined && loop.level < level; loop = loops[++at]) {
      lengths[loop.dimension] = Math.min(loop.tile, lengths[loop.dimension] ?? 1);
    }
    boxes.push({ inside: loops.map((loop) => loop.level >= level), lengths: [...lengths] });
  }
  return boxes;
}

/** Dimensions that decide which words of an operand are touched. */
export function relevantDimensions({ operands }: NestProblem, operand: OperandKey): ReadonlySet<number> {
  return new Set(operands[operand].flatMap(({ terms }) => terms.map(({ dimension }) => dimension)));
}

/**
 * What one instance of level `child` runs through while its tile of `follower` stays: the given tile of the level, and the
 * temporal loops around it up to the first one that moves the follower.
 */
export function stayingBox(
  problem: NestProblem,
  loops: readonly PlacedLoop[],
  { inside, lengths }: NestBox,
  follower: OperandKey,
  child: number,
): NestBox {
  const within = [...inside];
  const extents = [...lengths];
  const moves = relevantDimensions(problem, follower);
  for (let at = loops.length - 1; at >= 0; at--) {
    const loop = loops[at];
    // Spatial loops give every instance its own part, whatever lies around them.
    if (loop === undefined || loop.level >= child || loop.spatial) continue;
    const { dimension, steps } = loop;
    if (steps > 1 && moves.has(dimension)) break;
    within[at] = true;
    const size = problem.dimensions[dimension]?.size ?? 1;
    extents[dimension] = Math.min(size, (extents[dimension] ?? 1) * steps);
  }
  return { inside: within, lengths: extents };
}

/** Words along each rank of an operand that a box of these lengths touches, away from the borders. */
export function tileShape(ranks: readonly Rank[], lengths: readonly number[]): readonly number[] {
  return ranks.map((rank) => Math.min(rank.extent, wordsOf(rank, lengths)));
}

const wordsOf = ({ name, terms }: Rank, lengths: readonly number[]): number => {
  const [first, second] = terms;
  if (first === undefined) return 1;
  const piece = (dimension: number) => ({ start: 0, length: lengths[dimension] ?? 1 });
  const anywhere = { name, terms, offset: 0, extent: Infinity };
  return rankWords(anywhere, piece(first.dimension), second && piece(second.dimension));
};

/** Part of all multiplications whose word of an operand lies inside it and not in the padding. */
export function insideShare({ dimensions, operands }: NestProblem, operand: OperandKey): number {
  let share = 1;
  for (const { terms, offset, extent } of operands[operand]) {
    const [first, second] = terms;
    if (first === undefined) continue;
    const outer = dimensions[first.dimension]?.size ?? 1;
    const inner = second === undefined ? 1 : (dimensions[second.dimension]?.size ?? 1);
    let inside = 0;
    for (let j = 0; j < inner; j++) {
      const low = offset + j * (second?.coefficient ?? 0);
      // Positions i with 0 <= low + i coefficient < extent.
      const from = Math.max(0, Math.ceil(-low / first.coefficient));
      const to = Math.min(outer, Math.ceil((extent - low) / first.coefficient));
      inside += Math.max(0, to - from);
    }
    share *= inside / (outer * inner);
  }
  return share;
}
