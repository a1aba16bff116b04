// What sparsity changes about a schedule on the data themselves: every multiplication that takes place is counted, and
// the slowest lane of every round found, without an assumption about where the zeros lie.

import { InputError } from "../../../base/error.ts";
import type { NestProblem, Rank } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";
import type { ActualData } from "../../../tensor/density/actual-data.ts";
import type { DensityModel } from "../../../tensor/density/density.ts";
import type { ElementMask } from "../../../tensor/density/element-mask.ts";
import type { Leader, NestSparsity, SparseAction, SparseFactors } from "./sparsity.ts";
import type { NestBox, PlacedLoop } from "./boxes.ts";
import { relevantDimensions } from "./boxes.ts";
import type { PlacedNest } from "./statistics.ts";
import { bytesAcross, placedNest, requireLevels, sparseShares, wordBytesOf } from "./statistics.ts";

/** Coordinates of dimensions as one index, the last one fastest. */
interface Axes {
  readonly dimensions: readonly number[];
  readonly sizes: readonly number[];
  readonly count: number;
}

/** Whether the word that one multiplication takes from an operand is non-zero, by [shared][own] coordinates. */
interface Lifted {
  readonly own: Axes;
  readonly bits: Uint8Array;
}

/** Largest number of lifted words of an operand: a byte each. */
const maximumLifted = 2 ** 30;

/**
 * The exact factors of any schedule. Densities of A and B come from their data; C keeps its model. Skipping at a level is
 * exact too: a multiplication is skipped when the leader's tile that it belongs to is empty. Shares of accesses count
 * the leader's tiles, each once; with two leaders they are multiplied. Throws InputError where the data do not fit the
 * problem, or are too large to be counted.
 */
export function sparseOnData(
  problem: NestProblem,
  hierarchy: Hierarchy,
  sparsity: NestSparsity,
  data: { readonly A: ActualData; readonly B: ActualData; readonly C?: DensityModel },
): (schedule: Schedule) => SparseFactors {
  requireLevels(sparsity, hierarchy);
  const relevant = { A: relevantDimensions(problem, "A"), B: relevantDimensions(problem, "B") };
  const all = problem.dimensions.map((_, dimension) => dimension);
  const shared = axesOf(
    problem,
    all.filter((d) => relevant.A.has(d) && relevant.B.has(d)),
  );
  // A dimension that neither operand has repeats every multiplication; it counts among those of B alone.
  const own = {
    A: axesOf(
      problem,
      all.filter((d) => relevant.A.has(d) && !relevant.B.has(d)),
    ),
    B: axesOf(
      problem,
      all.filter((d) => !relevant.A.has(d)),
    ),
  };
  const lifted = {
    A: lift(problem, "A", data.A.mask, shared, own.A),
    B: lift(problem, "B", data.B.mask, shared, own.B),
  };
  const bytesOf = wordBytesOf(problem, hierarchy, sparsity, data);
  const total = problem.dimensions.reduce((macs, { size }) => macs * size, 1);
  return (schedule) => {
    const placed = placedNest(problem, hierarchy, schedule);
    const { loops } = placed;
    const positions = loopPositions(problem, loops);
    const cellsOf = (box: NestBox, axes: Axes) => cellIndex(axes, loops, positions, (at) => box.inside[at] !== true);
    const boxes = new Map<string, { share: number; bits: Uint8Array }>();
    /** Words spread over their box: a word counts as non-zero where any word of its box is. */
    const spread = (leader: Leader, box: NestBox) => {
      const key = `${leader}${box.inside.map(Number).join("")}`;
      const known = boxes.get(key);
      if (known !== undefined) return known;
      const fresh = spreadOver(lifted[leader], shared.count, cellsOf(box, shared), cellsOf(box, own[leader]));
      boxes.set(key, fresh);
      return fresh;
    };
    const { accesses } = sparseShares(problem, sparsity, placed, (leader, box) => spread(leader, box).share);
    const bitsOf = (kinds: readonly SparseAction["kind"][]) => {
      const sparing = boxesThatSpare(problem, sparsity, placed, kinds);
      return {
        A: everywhere(sparing.A.map((box) => spread("A", box).bits)),
        B: everywhere(sparing.B.map((box) => spread("B", box).bits)),
      };
    };
    const rounds = countRounds(shared, own, loops, positions, sparsity.barrier, bitsOf(["skip"]));
    const executed = countRounds(shared, own, loops, positions, 0, bitsOf(["skip", "gate"])).total;
    const dense = countRounds(shared, own, loops, positions, sparsity.barrier, { A: undefined, B: undefined });
    return {
      macs: {
        executed: executed / total,
        gated: (rounds.total - executed) / total,
        skipped: 1 - rounds.total / total,
      },
      accesses,
      bytes: bytesAcross(placed, accesses, bytesOf, hierarchy),
      meanLane: rounds.total / total,
      stepCycles: rounds.slowest / dense.slowest,
    };
  };
}

function axesOf({ dimensions }: NestProblem, of: readonly number[]): Axes {
  const sizes = of.map((dimension) => dimensions[dimension]?.size ?? 1);
  return { dimensions: of, sizes, count: sizes.reduce((count, size) => count * size, 1) };
}

/** The words that multiplications take, one byte for each setting of the shared and of the own coordinates. */
function lift(problem: NestProblem, leader: Leader, mask: ElementMask, shared: Axes, own: Axes): Lifted {
  const ranks = problem.operands[leader];
  const extents = ranks.map(({ extent }) => extent);
  if (mask.shape.reduce((a, b) => a * b, 1) !== extents.reduce((a, b) => a * b, 1)) {
    throw new InputError({
      path: leader,
      message: "data of another shape than the operand",
      found: mask.shape.join(" x "),
      expected: extents.join(" x "),
    });
  }
  const count = shared.count * own.count;
  if (count > maximumLifted) {
    throw new InputError({
      path: leader,
      message: "too many words to count one by one",
      found: String(count),
      expected: `at most ${maximumLifted}`,
    });
  }
  const bits = new Uint8Array(count);
  const { words } = mask;
  const fromShared = rankParts(ranks, shared);
  const fromOwn = rankParts(ranks, own);
  const axes = ranks.length;
  for (let k = 0, at = 0; k < shared.count; k++) {
    for (let i = 0; i < own.count; i++, at++) {
      let index = 0;
      let inside = true;
      for (let axis = 0; axis < axes; axis++) {
        const word = (fromShared[k * axes + axis] ?? 0) + (fromOwn[i * axes + axis] ?? 0) + (ranks[axis]?.offset ?? 0);
        const extent = extents[axis] ?? 1;
        if (word < 0 || word >= extent) {
          inside = false;
          break;
        }
        index = index * extent + word;
      }
      if (inside) bits[at] = ((words[Math.floor(index / 32)] ?? 0) >>> (index & 31)) & 1;
    }
  }
  return { own, bits };
}

/** For each setting of the axes what it adds to the index along each rank. */
function rankParts(ranks: readonly Rank[], axes: Axes): Int32Array {
  const parts = new Int32Array(axes.count * ranks.length);
  const place = new Int32Array(axes.sizes.length);
  for (let i = 0; i < axes.count; i++) {
    for (const [rank, { terms }] of ranks.entries()) {
      let part = 0;
      for (const { dimension, coefficient } of terms) {
        const axis = axes.dimensions.indexOf(dimension);
        if (axis >= 0) part += coefficient * (place[axis] ?? 0);
      }
      parts[i * ranks.length + rank] = part;
    }
    for (let axis = place.length - 1; axis >= 0; axis--) {
      const next = (place[axis] ?? 0) + 1;
      place[axis] = next === axes.sizes[axis] ? 0 : next;
      if (next !== axes.sizes[axis]) break;
    }
  }
  return parts;
}

/** For each loop the step in which it covers each coordinate of its dimension. */
function loopPositions({ dimensions }: NestProblem, loops: readonly PlacedLoop[]): readonly Int32Array[] {
  const rest = dimensions.map(({ size }) => Int32Array.from({ length: size }, (_, coordinate) => coordinate));
  return loops.map(({ dimension, tile }) => {
    const left = rest[dimension] ?? new Int32Array(0);
    const steps = new Int32Array(left.length);
    for (let i = 0; i < left.length; i++) {
      const at = left[i] ?? 0;
      const step = Math.floor(at / tile);
      steps[i] = step;
      left[i] = at - step * tile;
    }
    return steps;
  });
}

interface Cells {
  readonly of: Int32Array;
  readonly count: number;
}

/** For each setting of the axes the joint index of the steps of the loops that are asked for. */
function cellIndex(
  axes: Axes,
  loops: readonly PlacedLoop[],
  positions: readonly Int32Array[],
  asked: (loop: number) => boolean,
): Cells {
  const of = new Int32Array(axes.count);
  let count = 1;
  for (const [at, loop] of loops.entries()) {
    const axis = axes.dimensions.indexOf(loop.dimension);
    if (axis < 0 || !asked(at)) continue;
    const steps = positions[at];
    let stride = 1;
    for (const size of axes.sizes.slice(axis + 1)) stride *= size;
    const size = axes.sizes[axis] ?? 1;
    for (let i = 0; i < axes.count; i++) {
      of[i] = (of[i] ?? 0) * loop.steps + (steps?.[Math.floor(i / stride) % size] ?? 0);
    }
    count *= loop.steps;
  }
  return { of, count };
}

function spreadOver(
  { own, bits }: Lifted,
  shared: number,
  sharedCells: Cells,
  ownCells: Cells,
): { share: number; bits: Uint8Array } {
  // Cells that hold a coordinate, and those that hold a non-zero: steps that a cut-off piece lacks are no cells.
  const state = new Uint8Array(sharedCells.count * ownCells.count);
  for (let k = 0, at = 0; k < shared; k++) {
    const base = (sharedCells.of[k] ?? 0) * ownCells.count;
    for (let i = 0; i < own.count; i++, at++) {
      const cell = base + (ownCells.of[i] ?? 0);
      state[cell] = (state[cell] ?? 0) | (bits[at] === 1 ? 3 : 1);
    }
  }
  let cells = 0;
  let held = 0;
  for (let cell = 0; cell < state.length; cell++) {
    if (state[cell] !== 0) cells++;
    if (state[cell] === 3) held++;
  }
  const spread = new Uint8Array(bits.length);
  for (let k = 0, at = 0; k < shared; k++) {
    const base = (sharedCells.of[k] ?? 0) * ownCells.count;
    for (let i = 0; i < own.count; i++, at++) spread[at] = state[base + (ownCells.of[i] ?? 0)] === 3 ? 1 : 0;
  }
  return { share: held / cells, bits: spread };
}

/** For each leader the boxes whose emptiness spares multiplications. */
function boxesThatSpare(
  problem: NestProblem,
  { actions }: NestSparsity,
  placed: PlacedNest,
  kinds: readonly SparseAction["kind"][],
): Readonly<Record<Leader, readonly NestBox[]>> {
  const boxes: Record<Leader, NestBox[]> = { A: [], B: [] };
  const sparing = actions.filter(
    (action) => kinds.includes(action.kind) && (action.at === "datapath" || action.follower !== "C"),
  );
  // The boxes that the shares ask for, remembered instead of answered.
  sparseShares(problem, { actions: sparing }, placed, (leader, box) => {
    boxes[leader].push(box);
    return 1;
  });
  return boxes;
}

/** Ones where all of them are; undefined for none of them, which is ones everywhere. */
function everywhere([first, ...rest]: readonly Uint8Array[]): Uint8Array | undefined {
  if (first === undefined || rest.length === 0) return first;
  const both = first.slice();
  for (const other of rest) for (let i = 0; i < both.length; i++) both[i] = (both[i] ?? 0) & (other[i] ?? 0);
  return both;
}

/**
 * Multiplications of two words that count, and the sum over the rounds of those of the slowest lane. `undefined` bits
 * count every word.
 */
function countRounds(
  shared: Axes,
  own: Readonly<Record<Leader, Axes>>,
  loops: readonly PlacedLoop[],
  positions: readonly Int32Array[],
  barrier: number,
  bits: { readonly A: Uint8Array | undefined; readonly B: Uint8Array | undefined },
): { readonly total: number; readonly slowest: number } {
  const isLane = (at: number) => loops[at]?.spatial === true;
  const isRound = (at: number) => !isLane(at) && (loops[at]?.level ?? 0) < barrier;
  const cells = (axes: Axes, asked: (at: number) => boolean) => cellIndex(axes, loops, positions, asked);
  const sharedRound = cells(shared, isRound);
  const sharedLane = cells(shared, isLane);
  const sides = { A: side(own.A), B: side(own.B) };
  const width = sides.B.cells;
  const work = new Float64Array(sides.A.cells * width);
  const counts = { A: new Float64Array(sides.A.cells), B: new Float64Array(width) };
  const maxima = new Float64Array(sides.A.rounds * sides.B.rounds);
  let total = 0;
  let slowest = 0;
  for (const lanes of byRound(sharedRound, sharedLane)) {
    maxima.fill(0);
    for (const coordinates of lanes) {
      work.fill(0);
      for (const k of coordinates) {
        countAt("A", k);
        countAt("B", k);
        for (let a = 0; a < counts.A.length; a++) {
          const left = counts.A[a] ?? 0;
          if (left === 0) continue;
          const base = a * width;
          for (let b = 0; b < width; b++) work[base + b] = (work[base + b] ?? 0) + left * (counts.B[b] ?? 0);
        }
      }
      for (let a = 0; a < counts.A.length; a++) {
        const row = (sides.A.roundOf[a] ?? 0) * sides.B.rounds;
        for (let b = 0; b < width; b++) {
          const cycles = work[a * width + b] ?? 0;
          const round = row + (sides.B.roundOf[b] ?? 0);
          total += cycles;
          if (cycles > (maxima[round] ?? 0)) maxima[round] = cycles;
        }
      }
    }
    for (let round = 0; round < maxima.length; round++) slowest += maxima[round] ?? 0;
  }
  return { total, slowest };

  function countAt(leader: Leader, k: number): void {
    const of = counts[leader];
    const { cellOf } = sides[leader];
    const given = bits[leader];
    const size = own[leader].count;
    of.fill(0);
    for (let i = 0; i < size; i++) {
      const cell = cellOf[i] ?? 0;
      of[cell] = (of[cell] ?? 0) + (given === undefined ? 1 : (given[k * size + i] ?? 0));
    }
  }

  /** Own coordinates by round and lane. */
  function side(axes: Axes): { cellOf: Int32Array; cells: number; roundOf: Int32Array; rounds: number } {
    const round = cells(axes, isRound);
    const lane = cells(axes, isLane);
    const cellOf = new Int32Array(axes.count);
    const roundOf = new Int32Array(round.count * lane.count);
    for (let i = 0; i < axes.count; i++) {
      const cell = (round.of[i] ?? 0) * lane.count + (lane.of[i] ?? 0);
      cellOf[i] = cell;
      roundOf[cell] = round.of[i] ?? 0;
    }
    return { cellOf, cells: roundOf.length, roundOf, rounds: round.count };
  }
}

/** Shared coordinates by round, and in it by lane. */
function byRound(round: Cells, lane: Cells): readonly (readonly (readonly number[])[])[] {
  const groups = new Map<number, Map<number, number[]>>();
  for (let k = 0; k < round.of.length; k++) {
    const r = round.of[k] ?? 0;
    const l = lane.of[k] ?? 0;
    const lanes = groups.get(r) ?? new Map<number, number[]>();
    groups.set(r, lanes);
    const coordinates = lanes.get(l) ?? [];
    lanes.set(l, coordinates);
    coordinates.push(k);
  }
  return [...groups.values()].map((lanes) => [...lanes.values()]);
}
