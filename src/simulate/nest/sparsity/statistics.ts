// What sparsity changes about a schedule, from density models: mean bytes, shares of multiplications and accesses, and
// the expected slowest lane of a round. Fast enough to be asked for every schedule of a search.

import { InputError } from "../../../base/error.ts";
import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";
import { binomialDistribution, normalMaximum, roundedNormal } from "../../../tensor/density/binomial.ts";
import type { OccupancyDistribution } from "../../../tensor/density/density.ts";
import { expectedMaximum, meanOf, tileCount, varianceOf } from "../../../tensor/density/density.ts";
import { tileBits } from "../../../tensor/tile-bits.ts";
import type { AccessShares, Leader, NestDensities, NestSparsity, SparseFactors } from "./sparsity.ts";
import type { Boundary, NestBox, PlacedLoop } from "./boxes.ts";
import {
  boundariesOf,
  insideShare,
  levelBoxes,
  placedLoops,
  relevantDimensions,
  stayingBox,
  tileShape,
} from "./boxes.ts";

/** Probabilities that the leaders' tiles hold something, for skipping alone and for skipping or gating. */
export interface Survival {
  readonly unskipped: number;
  readonly acted: number;
}

/** How likely one of a leader's boxes is not empty; the statistics or the data answer. */
export type NonEmpty = (leader: Leader, box: NestBox) => number;

/**
 * The factors of any schedule of a problem on a hierarchy. Operands are taken as independent of each other, and lanes as
 * independent draws of the models. Answers that schedules share are kept. Throws InputError where a format does not fit.
 */
export function sparseStatistics(
  problem: NestProblem,
  hierarchy: Hierarchy,
  sparsity: NestSparsity,
  densities: NestDensities,
): (schedule: Schedule) => SparseFactors {
  const bytesOf = wordBytesOf(problem, hierarchy, sparsity, densities);
  const inside = { A: insideShare(problem, "A"), B: insideShare(problem, "B") };
  const nonEmpty: NonEmpty = (leader, { lengths }) => {
    const shape = tileShape(problem.operands[leader], lengths);
    const model = densities[leader];
    const held = 1 - (model.alike?.empty(product(shape)) ?? model.empty(shape));
    // A single word of padding is zero; a larger box seldom lies in the padding alone.
    return shape.every((size) => size === 1) ? held * inside[leader] : held;
  };
  requireLevels(sparsity, hierarchy);
  const slowest = laneStatistics(problem, densities, inside);
  const skips = sparsity.actions.some(({ kind }) => kind === "skip");
  return (schedule) => {
    const placed = placedNest(problem, hierarchy, schedule);
    const { accesses, macs, word } = sparseShares(problem, sparsity, placed, nonEmpty);
    const unskipped = { A: word.A.unskipped, B: word.B.unskipped };
    const meanLane = unskipped.A * unskipped.B;
    return {
      macs,
      accesses,
      bytes: bytesAcross(placed, accesses, bytesOf, hierarchy),
      meanLane,
      stepCycles: skips ? slowest(placed.loops, sparsity.barrier, unskipped) : 1,
    };
  };
}

/** Throws InputError for actions or a barrier at a level that there is not. */
export function requireLevels({ actions, barrier }: NestSparsity, { levels }: Hierarchy): void {
  const require = (path: string, level: number, last: number): void => {
    if (Number.isInteger(level) && level >= 0 && level <= last) return;
    throw new InputError({ path, message: "no such level", found: String(level), expected: `0 to ${last}` });
  };
  for (const [index, { at }] of actions.entries()) {
    if (at !== "datapath") require(`actions[${index}].at`, at, levels.length - 1);
  }
  require("barrier", barrier, levels.length);
}

/** Mean bytes of a stored word by boundary; kept by tile. */
export function wordBytesOf(
  problem: NestProblem,
  { levels, wordBytes }: Hierarchy,
  { formats }: NestSparsity,
  densities: NestDensities,
): (boundary: Boundary, boxes: readonly NestBox[]) => number {
  const known = new Map<string, number>();
  return ({ operand, parent, child }, boxes) => {
    const format = formats[parent]?.[operand];
    const model = densities[operand];
    if (format === undefined || model === undefined) return wordBytes[operand];
    // A tile of the level below is moved as a whole; the multipliers read out of what the level itself holds.
    const box = boxes[child === levels.length ? parent : child];
    const shape = tileShape(problem.operands[operand], box?.lengths ?? []);
    const key = `${operand}${parent}:${shape.join()}`;
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const elements = model.shape.reduce((product, size) => product * size, 1) / tileCount(model.shape, shape);
    const bytes = tileBits(model, shape, format, wordBytes[operand] * 8) / 8 / elements;
    known.set(key, bytes);
    return bytes;
  };
}

/** A schedule taken apart: what both the statistics and the data begin with. */
export interface PlacedNest {
  readonly loops: readonly PlacedLoop[];
  readonly boundaries: readonly Boundary[];
  /** The tile of every level, and last the single multiplication. */
  readonly boxes: readonly NestBox[];
}

export function placedNest(problem: NestProblem, hierarchy: Hierarchy, schedule: Schedule): PlacedNest {
  const loops = placedLoops(problem, schedule);
  return {
    loops,
    boundaries: boundariesOf(hierarchy, schedule),
    boxes: levelBoxes(problem, loops, hierarchy.levels.length),
  };
}

/** Mean bytes that a word of the dense nest is worth on a boundary: skipped words move nothing. */
export function bytesAcross(
  { boundaries, boxes }: PlacedNest,
  accesses: readonly AccessShares[],
  bytesOf: (boundary: Boundary, boxes: readonly NestBox[]) => number,
  { wordBytes }: Hierarchy,
): SparseFactors["bytes"] {
  const bytes = boundaries.map((boundary) => bytesOf(boundary, boxes));
  return (operand, child) => {
    const at = boundaries.findIndex(
      (boundary) => boundary.child === child && boundary.operand === (operand === "partial" ? "C" : operand),
    );
    const word = operand === "partial" ? wordBytes.partial : (bytes[at] ?? wordBytes[operand]);
    return word * (1 - (accesses[at]?.skipped ?? 0));
  };
}

/** Shares of multiplications and accesses that follow from how likely the leaders' boxes are empty. */
export function sparseShares(
  problem: NestProblem,
  { actions }: Pick<NestSparsity, "actions">,
  { loops, boundaries, boxes }: PlacedNest,
  nonEmpty: NonEmpty,
): {
  readonly accesses: readonly AccessShares[];
  readonly macs: SparseFactors["macs"];
  /** For each leader what its zeros leave of the multiplications. */
  readonly word: Readonly<Record<Leader, Survival>>;
} {
  const word: Record<Leader, Survival> = { A: { unskipped: 1, acted: 1 }, B: { unskipped: 1, acted: 1 } };
  const kept: Record<OperandKey, Record<Leader, Survival>> = { A: { ...word }, B: { ...word }, C: { ...word } };
  // Boxes of one leader as a rule lie inside each other, so that the smallest one decides: what is left is the least of
  // them all, and at most that where they only overlap.
  const meet = (of: Record<Leader, Survival>, leader: Leader, skip: boolean, held: number): void => {
    const { unskipped, acted } = of[leader];
    of[leader] = { unskipped: skip ? Math.min(unskipped, held) : unskipped, acted: Math.min(acted, held) };
  };
  const accesses: AccessShares[] = [];
  for (const { operand, parent, child } of boundaries) {
    for (const action of actions) {
      if (action.at !== parent || action.follower !== operand) continue;
      const tile = boxes[child];
      if (tile === undefined) continue;
      // Nothing stays at the multipliers: they are given a word at every step.
      const staying = child < boxes.length - 1;
      const box = staying ? stayingBox(problem, loops, tile, operand, child) : tile;
      for (const leader of action.leaders) {
        const held = nonEmpty(leader, box);
        meet(kept[operand], leader, action.kind === "skip", held);
        if (operand !== "C") meet(word, leader, action.kind === "skip", held);
      }
    }
    // What a level did not read, the levels below it do not read either.
    const { A, B } = kept[operand];
    const unskipped = A.unskipped * B.unskipped;
    const actual = A.acted * B.acted;
    accesses.push({ operand, parent, child, actual, gated: unskipped - actual, skipped: 1 - unskipped });
  }
  const single = boxes.at(-1);
  for (const action of actions) {
    if (action.at !== "datapath" || single === undefined) continue;
    for (const leader of action.leaders) meet(word, leader, action.kind === "skip", nonEmpty(leader, single));
  }
  const unskipped = word.A.unskipped * word.B.unskipped;
  const executed = word.A.acted * word.B.acted;
  return { accesses, word, macs: { executed, gated: unskipped - executed, skipped: 1 - unskipped } };
}

/** A round of one lane: how many coordinates of each dimension it runs through, and how many lanes see other words. */
interface Round {
  readonly lengths: readonly number[];
  readonly lanes: readonly number[];
}

function roundOf({ dimensions }: NestProblem, loops: readonly PlacedLoop[], barrier: number): Round {
  const lengths = dimensions.map(() => 1);
  const lanes = dimensions.map(() => 1);
  for (const { level, spatial, dimension, steps } of loops) {
    if (spatial) lanes[dimension] = (lanes[dimension] ?? 1) * steps;
    else if (level >= barrier) lengths[dimension] = (lengths[dimension] ?? 1) * steps;
  }
  return { lengths, lanes };
}

const product = (values: readonly number[]): number => values.reduce((all, value) => all * value, 1);

/**
 * Expected cycles of the slowest lane of a round, over those of a dense round. `left` is what each leader's zeros leave
 * of the multiplications. With one leader the lane's work is the occupancy of its tile; with two it is a sum over the
 * coordinates that both operands share, of the words of A times the words of B there.
 */
function laneStatistics(
  problem: NestProblem,
  densities: NestDensities,
  inside: Readonly<Record<Leader, number>>,
): (loops: readonly PlacedLoop[], barrier: number, left: Readonly<Record<Leader, number>>) => number {
  const relevant = { A: relevantDimensions(problem, "A"), B: relevantDimensions(problem, "B") };
  const known = new Map<string, number>();
  return (loops, barrier, left) => {
    const { lengths, lanes } = roundOf(problem, loops, barrier);
    const key = `${lengths.join()}:${lanes.join()}:${left.A},${left.B}`;
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const fresh = slowestLane(lengths, lanes, left);
    known.set(key, fresh);
    return fresh;
  };

  function slowestLane(
    lengths: readonly number[],
    lanes: readonly number[],
    left: Readonly<Record<Leader, number>>,
  ): number {
    const dense = product(lengths);
    for (const [leader, other] of [
      ["A", "B"],
      ["B", "A"],
    ] as const) {
      if (left[other] < 1) continue;
      // Lanes with the same words of the leader finish together.
      const different = product(lanes.filter((_, dimension) => relevant[leader].has(dimension)));
      const shape = tileShape(problem.operands[leader], lengths);
      const words = product(shape);
      return figureOf(leader, shape, words, left[leader], (held) => expectedMaximum(held, different)) / words;
    }
    const only = (leader: Leader, other: Leader) =>
      lengths.map((length, dimension) =>
        relevant[leader].has(dimension) && !relevant[other].has(dimension) ? length : 1,
      );
    const shared = product(lengths.filter((_, dimension) => relevant.A.has(dimension) && relevant.B.has(dimension)));
    const [a, b] = [moments("A", only("A", "B"), left.A), moments("B", only("B", "A"), left.B)];
    const all = product(lanes);
    if (product(only("A", "B")) === 1 && product(only("B", "A")) === 1) {
      return expectedMaximum(binomialDistribution(shared, left.A * left.B), all) / dense;
    }
    const mean = a.mean * b.mean;
    const square = (a.variance + a.mean ** 2) * (b.variance + b.mean ** 2);
    return normalSlowest(shared * mean, shared * (square - mean ** 2), dense, all) / dense;
  }

  /** Words of a leader at one shared coordinate. */
  function moments(leader: Leader, lengths: readonly number[], left: number): { mean: number; variance: number } {
    const words = product(lengths);
    // One word for each coordinate: where windows overlap, those of one tap do not.
    const shape = tileShape(problem.operands[leader], lengths);
    const { alike } = densities[leader];
    if (alike !== undefined && exact(leader, shape, words, left)) {
      return { mean: words * left, variance: alike.variance(words) * inside[leader] };
    }
    return {
      mean: figureOf(leader, shape, words, left, meanOf),
      variance: figureOf(leader, shape, words, left, varianceOf),
    };
  }

  /** Whether the model itself says how many words of a tile are left: its words are tested one by one. */
  function exact(leader: Leader, shape: readonly number[], words: number, left: number): boolean {
    const { nonZeros, shape: whole } = densities[leader];
    return product(shape) === words && Math.abs(left - (nonZeros / product(whole)) * inside[leader]) < 1e-9;
  }

  /**
   * A figure of how many of the words of a tile are left. The model knows where words are zero, and padding takes its
   * share of every tile; coarser skipping is taken as chance.
   */
  function figureOf(
    leader: Leader,
    shape: readonly number[],
    words: number,
    left: number,
    figure: (distribution: OccupancyDistribution) => number,
  ): number {
    if (exact(leader, shape, words, left)) {
      const model = densities[leader];
      return figure(model.alike?.distribution(words) ?? model.distribution(shape)) * inside[leader];
    }
    return figure(binomialDistribution(words, Math.min(1, left)));
  }
}

/** Above this variance a sum is as good as continuous: its slowest lane needs no list of probabilities. */
const wideVariance = 400;

/** Expected maximum of `lanes` sums with this mean and variance, each from 0 to `most`. */
function normalSlowest(mean: number, variance: number, most: number, lanes: number): number {
  if (variance < wideVariance) return expectedMaximum(roundedNormal(mean, variance, most), lanes);
  return Math.min(most, mean + Math.sqrt(variance) * normalMaximum(lanes));
}
