// The boxes of a schedule that sparsity asks about: the tile of a level, and what the nest runs through while a tile of
// one operand stays where it is.

import type { NestProblem, OperandKey, Rank } from "../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../mapping/nest/schedule.ts";

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
  for (const [level, { temporal, spatial }] of levels.entries()) {
    for (const [index, { dimension, tile }] of [...temporal, ...spatial].entries()) {
      const steps = Math.ceil((left[dimension] ?? 1) / tile);
      loops.push({ level, spatial: index >= temporal.length, dimension, tile, steps });
      left[dimension] = Math.min(tile, left[dimension] ?? 1);
    }
  }
  return loops;
}

/** Boundaries of all operands, far to near. */
export function boundariesOf({ levels }: Hierarchy, schedule: Schedule): readonly Boundary[] {
  const operands: readonly OperandKey[] = ["A", "B", "C"];
  return operands.flatMap((operand) => {
    const keepers = levels.flatMap(({ memories }, level) =>
      memories.some((memory) => memory.operands.includes(operand)) && schedule.bypass[level]?.includes(operand) !== true
        ? [level]
        : [],
    );
    return keepers.map((parent, index) => ({ operand, parent, child: keepers[index + 1] ?? levels.length }));
  });
}

/** The tile of a level: all loops of levels from `level` on. */
export function levelBox({ dimensions }: NestProblem, loops: readonly PlacedLoop[], level: number): NestBox {
  const lengths = dimensions.map(({ size }) => size);
  for (const loop of loops) {
    if (loop.level < level) lengths[loop.dimension] = Math.min(loop.tile, lengths[loop.dimension] ?? 1);
  }
  return { inside: loops.map((loop) => loop.level >= level), lengths };
}

/** Dimensions that decide which words of an operand are touched. */
export function relevantDimensions({ operands }: NestProblem, operand: OperandKey): ReadonlySet<number> {
  return new Set(operands[operand].flatMap(({ terms }) => terms.map(({ dimension }) => dimension)));
}

/**
 * What one instance of level `child` runs through while its tile of `follower` stays: the tile of the level, and the
 * temporal loops around it up to the first one that moves the follower.
 */
export function stayingBox(
  problem: NestProblem,
  loops: readonly PlacedLoop[],
  follower: OperandKey,
  child: number,
): NestBox {
  const { inside, lengths } = levelBox(problem, loops, child);
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

function wordsOf({ terms: [first, second] }: Rank, lengths: readonly number[]): number {
  if (first === undefined) return 1;
  const positions = lengths[first.dimension] ?? 1;
  if (second === undefined) return positions;
  const taps = lengths[second.dimension] ?? 1;
  const [stride, dilation] = [first.coefficient, second.coefficient];
  // Windows that meet without a gap; else every tap of every position is a word of its own, or nearly so.
  if (stride % dilation === 0 && taps * dilation >= stride) return (stride / dilation) * (positions - 1) + taps;
  if (dilation % stride === 0 && positions * stride >= dilation) return (dilation / stride) * (taps - 1) + positions;
  const words = new Set<number>();
  for (let p = 0; p < positions; p++) for (let r = 0; r < taps; r++) words.add(p * stride + r * dilation);
  return words.size;
}

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
