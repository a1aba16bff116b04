// The memory schedule of weight- and input-stationary grids: for each fold of the resting operand's columns, for each
// block of streamed vectors, for each fold of K: load the tile, stream the block, accumulate.

import { formatBits } from "../component/component.ts";
import { workingBytes } from "../component/memory/sram.ts";
import { loadCycles } from "../component/systolic-grid.ts";
import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import type { FoldRange, GridMachine } from "./grid-machine.ts";
import { foldRange, folds, portInterval, requireWorking } from "./grid-machine.ts";
import type { ProgramNode } from "./program.ts";
import type { ScheduleDraft } from "./schedule-draft.ts";
import { isHeld, newInputElements, withChannelBytes } from "./schedule-draft.ts";
import { largestFitting, loopOfRuns, periodicLoop, splitTile } from "./tile-steps.ts";

/** One of the two operands as the schedule sees it: x is the dimension of the product that only it has. */
interface OperandFootprint {
  /** Elements of the whole operand of one product. */
  readonly total: number;
  /** Elements of a piece. */
  readonly piece: (k: FoldRange, x: FoldRange) => number;
  /** Elements of a piece that earlier pieces did not bring, when the buffer keeps everything. */
  readonly fresh: (k: FoldRange, x: FoldRange) => number;
  /** Most elements that any piece of k by x takes. */
  readonly largest: (k: number, x: number) => number;
}

const weightFootprint = ({ M, K }: MatrixProduct): OperandFootprint => {
  const piece = (k: FoldRange, m: FoldRange): number => (k[1] - k[0]) * (m[1] - m[0]);
  return { total: M * K, piece, fresh: piece, largest: (k, m) => k * m };
};

const inputFootprint = (product: MatrixProduct): OperandFootprint => ({
  total: product.inputElements,
  piece: (k, n) => product.inputFootprint(k[0], k[1], n[0], n[1]),
  fresh: (k, n) => newInputElements(product, k, n),
  largest: product.largestFootprint,
});

/** Throws InputError (with `path`) when a buffer cannot hold the smallest piece of work. */
export function operandStationarySchedule(
  product: MatrixProduct,
  machine: GridMachine,
  stationary: "weights" | "inputs",
  streaming: GridMapping["streaming"],
): ScheduleDraft {
  const { grid, routes } = machine;
  const byWeights = stationary === "weights";
  const resting = byWeights ? weightFootprint(product) : inputFootprint(product);
  const streamed = byWeights ? inputFootprint(product) : weightFootprint(product);
  const restingRoute = byWeights ? routes.A : routes.B;
  const streamedRoute = byWeights ? routes.B : routes.A;
  const restingExtent = byWeights ? product.M : product.N;
  const streamedExtent = byWeights ? product.N : product.M;
  const bytes = formatBits[grid.operand] / 8;
  const sumBytes = formatBits[grid.accumulator] / 8;
  const outputBytes = formatBits[machine.output] / 8;
  const rowFolds = folds(product.K, grid.rows);
  const columnFolds = folds(restingExtent, grid.columns);
  const tallest = Math.min(grid.rows, product.K);
  const widest = Math.min(grid.columns, restingExtent);

  const sumsWorking = requireWorking(routes.C, widest * sumBytes, "the partial sums of one vector");
  const fitting = Math.floor(sumsWorking / (widest * sumBytes));
  const blocks = folds(streamedExtent, streaming === "fit" ? Math.min(fitting, streamedExtent) : streamedExtent);
  const spilt = rowFolds.count > 1 && blocks.size > fitting;

  // What stays in the buffers from one tile to the next: all of an operand, or a strip that every block meets again.
  const streamedHeld = isHeld(product, streamedRoute, streamed.total * bytes);
  const restingHeld = isHeld(product, restingRoute, resting.total * bytes);
  const restingStays =
    restingHeld || resting.largest(product.K, widest) * bytes <= workingBytes(restingRoute.bufferMemory);
  if (!restingHeld) requireWorking(restingRoute, resting.largest(tallest, widest) * bytes, "a stationary tile");

  // Vectors of a step: as many as the working halves hold.
  let vectorsPerStep = Math.min(blocks.size, fitting);
  if (!streamedHeld) {
    const working = requireWorking(streamedRoute, streamed.largest(tallest, 1) * bytes, "one streamed vector");
    const fits = (vectors: number): boolean => streamed.largest(tallest, vectors) * bytes <= working;
    vectorsPerStep = largestFitting(vectorsPerStep, fits);
  }

  const loadInterval = portInterval(grid.columns, bytes * 8, restingRoute);
  const vectorInterval = Math.max(
    portInterval(grid.rows, bytes * 8, streamedRoute),
    portInterval(grid.columns, sumBytes * 8, routes.C),
  );
  const load = loadCycles(grid, stationary) * loadInterval;
  /** What a tile's resting operand brings: less what the fold of K before shares with it, where that is still there. */
  const restingPiece = (k: FoldRange, x: FoldRange): number => {
    if (restingHeld) return resting.fresh(k, x);
    return restingStays ? resting.piece([0, k[1]], x) - resting.piece([0, k[0]], x) : resting.piece(k, x);
  };
  /** What a part of a tile's vectors, which start at `start`, needs beyond what the tile's earlier ones brought. */
  const streamedPart = (k: FoldRange, start: number, [from, to]: FoldRange): number =>
    streamedHeld ? streamed.fresh(k, [from, to]) : streamed.piece(k, [start, to]) - streamed.piece(k, [start, from]);
  /** Steps of a tile bring unequal amounts. */
  const unevenly = byWeights && product.sharesInputs;

  const tile = (column: number, block: number, row: number): ProgramNode[] => {
    const k = foldRange(rowFolds, row);
    const n = foldRange(columnFolds, column);
    const vectors = foldRange(blocks, block);
    const count = vectors[1] - vectors[0];
    const sums = (n[1] - n[0]) * count;
    const restingBytes = restingRoute.direct || (restingStays && block > 0) ? 0 : restingPiece(k, n) * bytes;
    const arrives = !streamedRoute.direct && (!streamedHeld || column === 0);
    const fresh = ([from, to]: FoldRange): number =>
      streamedPart(k, vectors[0], [vectors[0] + from, vectors[0] + to]) * bytes;
    const sumsIn = spilt && row > 0 ? sums * sumBytes : 0;
    const results = routes.C.direct ? 0 : sums * outputBytes;
    const sumsOut = row === rowFolds.count - 1 ? results : spilt ? sums * sumBytes : 0;
    return splitTile(count, vectorsPerStep, arrives && unevenly ? fresh : undefined, (part) => {
      // The stationary operand comes with the first step of its tile.
      const rests = part.first ? restingBytes : 0;
      const streams = arrives ? fresh(part.range) : 0;
      return {
        kind: "step",
        ...withChannelBytes(machine, {
          fetchA: byWeights ? rests : streams,
          fetchB: byWeights ? streams : rests,
          fetchC: part.share(sumsIn),
          writeC: part.share(sumsOut),
        }),
        load: part.first ? load : 0,
        stream: (part.range[1] - part.range[0]) * vectorInterval,
        startsTile: part.first,
      };
    });
  };
  // Full folds over the columns are alike when their pieces are; the first and the last one stand alone.
  const alikeColumns = (a: number, b: number): boolean =>
    a > 0 &&
    b < columnFolds.count - 1 &&
    restingPiece([0, 1], foldRange(columnFolds, a)) === restingPiece([0, 1], foldRange(columnFolds, b));
  // Blocks are alike when they bring as much with each of their steps.
  const alikeBlocks = (a: number, b: number): boolean => {
    if (a === 0 || b === blocks.count - 1) return false;
    const [startA, startB] = [a * blocks.size, b * blocks.size];
    for (let from = 0; from < blocks.size; from += vectorsPerStep) {
      const to = Math.min(from + vectorsPerStep, blocks.size);
      const ofA = streamedPart([0, 1], startA, [startA + from, startA + to]);
      if (ofA !== streamedPart([0, 1], startB, [startB + from, startB + to])) return false;
      if (!unevenly) return true;
    }
    return true;
  };
  const period = product.reductionPeriod(grid.rows);
  const nodes = loopOfRuns(columnFolds.count, alikeColumns, (column) =>
    loopOfRuns(blocks.count, alikeBlocks, (block) =>
      periodicLoop(rowFolds.count, period, (row) => tile(column, block, row)),
    ),
  );
  const [restingDimension, streamedDimension] = byWeights ? ["m", "n"] : ["n", "m"];
  return {
    nodes,
    rowFolds,
    columnFolds,
    blocks,
    loadInterval,
    vectorInterval,
    spiltBytes: spilt ? widest * blocks.size * sumBytes : 0,
    loops: [
      `for ${restingDimension} in 0..${restingExtent} step ${grid.columns}  (columns)`,
      ...(blocks.count > 1 ? [`for ${streamedDimension} in 0..${streamedExtent} step ${blocks.size}  (block)`] : []),
      `for k in 0..${product.K} step ${grid.rows}  (rows; load ${byWeights ? "A" : "B"})`,
      `for ${streamedDimension} in block  (stream ${byWeights ? "B" : "A"}, accumulate C)`,
    ],
  };
}
