// The memory schedules of the grid dataflow: which bytes each tile fetches and writes, given what the buffers retain.
// A buffer retains an operand's whole working set or nothing of it; halving a buffer therefore never lowers traffic.

import { formatBits } from "../component/component.ts";
import { loadCycles } from "../component/systolic-grid.ts";
import { workingBytes } from "../component/sram.ts";
import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import type { Folds, GridMachine } from "./grid-machine.ts";
import { folds, portInterval, requireWorking } from "./grid-machine.ts";
import type { ProgramNode, Step } from "./program.ts";
import { repeat, sumSteps } from "./program.ts";

/** The schedule of one product. */
export interface GridSchedule {
  readonly nodes: readonly ProgramNode[];
  readonly rowFolds: Folds;
  readonly columnFolds: Folds;
  readonly blocks: Folds;
  readonly loadInterval: number;
  readonly vectorInterval: number;
  /** Bytes from the operands' homes. */
  readonly fetched: { readonly A: number; readonly B: number; readonly C: number };
  /** Bytes of C to its home. */
  readonly written: number;
  readonly loops: readonly string[];
}

/** A tile in the terms of its operands; bytes of the whole tile. */
interface TileBytes {
  readonly resting: number;
  readonly streamed: number;
  readonly sumsIn: number;
  readonly sumsOut: number;
}

/** What of a mapping decides the schedule: the pipeline's depth does not. */
export type ScheduledMapping = Pick<GridMapping, "stationary" | "streaming">;

/** The memory schedule of a product. Throws InputError (with `path`) when a buffer cannot hold the smallest piece of work. */
export const scheduleGrid = (product: MatrixProduct, machine: GridMachine, mapping: ScheduledMapping): GridSchedule =>
  mapping.stationary === "outputs"
    ? outputStationarySchedule(product, machine)
    : operandStationarySchedule(product, machine, mapping);

/**
 * Weight and input stationary: for each fold of the resting operand's columns, for each block of streamed vectors, for
 * each fold of K: load the tile, stream the block, accumulate.
 */
function operandStationarySchedule(
  product: MatrixProduct,
  machine: GridMachine,
  mapping: ScheduledMapping,
): GridSchedule {
  const { grid, routes } = machine;
  const byWeights = mapping.stationary === "weights";
  const restingRoute = byWeights ? routes.A : routes.B;
  const streamedRoute = byWeights ? routes.B : routes.A;
  const restingExtent = byWeights ? product.M : product.N;
  const streamedExtent = byWeights ? product.N : product.M;
  const bytes = formatBits[grid.operand] / 8;
  const sumBytes = formatBits[grid.accumulator] / 8;
  const outputBytes = formatBits[machine.output] / 8;
  const rowFolds = folds(product.K, grid.rows);
  const columnFolds = folds(restingExtent, grid.columns);
  const sumsWorking = workingBytes(routes.C.bufferMemory);
  const widest = Math.min(grid.columns, restingExtent);
  const fitting = Math.max(1, Math.floor(sumsWorking / (widest * sumBytes)));
  const blocks = folds(
    streamedExtent,
    mapping.streaming === "fit" ? Math.min(fitting, streamedExtent) : streamedExtent,
  );

  const foldRange = (fold: Folds, index: number): readonly [number, number] => {
    const from = index * fold.size;
    return [from, from + (index === fold.count - 1 ? fold.last : fold.size)];
  };
  const restingElements = (k: readonly [number, number], n: readonly [number, number]): number =>
    byWeights ? (k[1] - k[0]) * (n[1] - n[0]) : product.inputFootprint(k[0], k[1], n[0], n[1]);
  const streamedElements = (k: readonly [number, number], n: readonly [number, number]): number =>
    byWeights ? product.inputFootprint(k[0], k[1], n[0], n[1]) : (k[1] - k[0]) * (n[1] - n[0]);

  // What stays in the buffers from one tile to the next.
  const streamedTotal = (byWeights ? product.inputElements : product.M * product.K) * bytes;
  const streamedRetained = streamedTotal <= streamedRoute.bufferMemory.bytes || columnFolds.count === 1;
  const streamedFits = streamedTotal <= streamedRoute.bufferMemory.bytes;
  const restingStrip = restingElements([0, product.K], foldRange(columnFolds, 0)) * bytes;
  const restingRetained = blocks.count > 1 && restingStrip <= workingBytes(restingRoute.bufferMemory);

  // Vectors of a step: as many as the working halves hold.
  const firstRows: readonly [number, number] = [0, Math.min(grid.rows, product.K)];
  requireWorking(restingRoute, restingElements(firstRows, foldRange(columnFolds, 0)) * bytes, "a stationary tile");
  let vectorsPerStep = blocks.size;
  if (!streamedFits) {
    const working = requireWorking(
      streamedRoute,
      largestRowFold(rowFolds, (k) => streamedElements(k, [0, 1])) * bytes,
      "one streamed vector",
    );
    vectorsPerStep = largestFitting(
      vectorsPerStep,
      (vectors) => largestRowFold(rowFolds, (k) => streamedElements(k, [0, vectors])) * bytes <= working,
    );
  }
  requireWorking(routes.C, widest * sumBytes, "the partial sums of one vector");
  const spilt = rowFolds.count > 1 && widest * blocks.size * sumBytes > sumsWorking;
  vectorsPerStep = Math.min(vectorsPerStep, fitting);

  const loadInterval = portInterval(grid.columns, bytes * 8, restingRoute);
  const vectorInterval = Math.max(
    portInterval(grid.rows, bytes * 8, streamedRoute),
    portInterval(grid.columns, sumBytes * 8, routes.C),
  );
  const load = loadCycles(grid, mapping.stationary) * loadInterval;
  const channelOf = channelBytes(byWeights, machine);

  const tile = (column: number, block: number, row: number): ProgramNode[] => {
    const k = foldRange(rowFolds, row);
    const n = foldRange(columnFolds, column);
    const vectors = foldRange(blocks, block);
    const columns = n[1] - n[0];
    const count = vectors[1] - vectors[0];
    const firstRow = row === 0;
    const lastRow = row === rowFolds.count - 1;
    const tileBytes: TileBytes = {
      resting: restingRoute.direct || (restingRetained && block > 0) ? 0 : restingElements(k, n) * bytes,
      streamed: streamedRoute.direct || (streamedRetained && column > 0) ? 0 : streamedElements(k, vectors) * bytes,
      sumsIn: spilt && !firstRow ? columns * count * sumBytes : 0,
      sumsOut: lastRow ? (routes.C.direct ? 0 : columns * count * outputBytes) : spilt ? columns * count * sumBytes : 0,
    };
    return splitTile(tileBytes, count, vectorsPerStep, (part) => ({
      kind: "step",
      fetchA: byWeights ? part.resting : part.streamed,
      fetchB: byWeights ? part.streamed : part.resting,
      fetchC: part.sumsIn,
      writeC: part.sumsOut,
      ...channelOf(part),
      load: part.first ? load : 0,
      stream: part.vectors * vectorInterval,
      startsTile: part.first,
    }));
  };
  const column = (index: number): ProgramNode[] =>
    compress(
      blocks.count,
      (a, b) => a > 0 && b < blocks.count - 1 && (byWeights ? sameFootprint(product, blocks, a, b) : true),
      (block) => compressEqual(rowFolds.count, (row) => tile(index, block, row)),
    );
  const nodes = compress(
    columnFolds.count,
    (a, b) => a > 0 && b < columnFolds.count - 1 && (byWeights || sameFootprint(product, columnFolds, a, b)),
    column,
  );
  const [restingDimension, streamedDimension] = byWeights ? ["m", "n"] : ["n", "m"];
  return {
    nodes,
    rowFolds,
    columnFolds,
    blocks,
    loadInterval,
    vectorInterval,
    ...totals(nodes),
    loops: [
      `for ${restingDimension} in 0..${restingExtent} step ${grid.columns}  (columns)`,
      ...(blocks.count > 1 ? [`for ${streamedDimension} in 0..${streamedExtent} step ${blocks.size}  (block)`] : []),
      `for k in 0..${product.K} step ${grid.rows}  (rows; load ${byWeights ? "A" : "B"})`,
      `for ${streamedDimension} in block  (stream ${byWeights ? "B" : "A"}, accumulate C)`,
    ],
  };
}

/** Output stationary: for each fold of M over columns, for each fold of N over rows: stream all of K. */
function outputStationarySchedule(product: MatrixProduct, machine: GridMachine): GridSchedule {
  const { grid, routes } = machine;
  const bytes = formatBits[grid.operand] / 8;
  const outputBytes = formatBits[machine.output] / 8;
  const rowFolds = folds(product.N, grid.rows);
  const columnFolds = folds(product.M, grid.columns);
  const size = (fold: Folds, index: number): number => (index === fold.count - 1 ? fold.last : fold.size);
  const inputsTotal = product.inputElements * bytes;
  const inputsFit = inputsTotal <= routes.B.bufferMemory.bytes;
  const stripFits = Math.min(grid.columns, product.M) * product.K * bytes <= workingBytes(routes.A.bufferMemory);
  let vectorsPerStep = product.K;
  if (!stripFits) {
    const perVector = Math.min(grid.columns, product.M) * bytes;
    const working = requireWorking(routes.A, perVector, "one vector of weights");
    vectorsPerStep = Math.min(vectorsPerStep, Math.floor(working / perVector));
  }
  const footprint = (row: number, k0: number, k1: number): number =>
    product.inputFootprint(k0, k1, row * rowFolds.size, row * rowFolds.size + size(rowFolds, row));
  if (!inputsFit) {
    const working = requireWorking(routes.B, footprint(0, 0, 1) * bytes, "one vector of inputs");
    vectorsPerStep = largestFitting(vectorsPerStep, (vectors) => footprint(0, 0, vectors) * bytes <= working);
  }
  requireWorking(
    routes.C,
    Math.min(grid.rows, product.N) * Math.min(grid.columns, product.M) * outputBytes,
    "the results of a tile",
  );
  const vectorInterval = Math.max(
    portInterval(grid.rows, bytes * 8, routes.B),
    portInterval(grid.columns, bytes * 8, routes.A),
    portInterval(grid.columns, outputBytes * 8, routes.C),
  );
  const channelOf = channelBytes(true, machine);
  const tile = (column: number, row: number): ProgramNode[] => {
    const columns = size(columnFolds, column);
    const rows = size(rowFolds, row);
    const tileBytes: TileBytes = {
      resting: routes.A.direct || (stripFits && row > 0) ? 0 : columns * product.K * bytes,
      streamed: routes.B.direct || (inputsFit && column > 0) ? 0 : footprint(row, 0, product.K) * bytes,
      sumsIn: 0,
      sumsOut: routes.C.direct ? 0 : rows * columns * outputBytes,
    };
    return splitTile({ ...tileBytes, resting: 0, sumsOut: 0 }, product.K, vectorsPerStep, (part) => {
      // Both operands stream: weights are split like inputs, results leave with the last step.
      const weights = share(tileBytes.resting, product.K, part.from, part.vectors);
      const results = part.from + part.vectors === product.K ? tileBytes.sumsOut : 0;
      return {
        kind: "step",
        fetchA: weights,
        fetchB: part.streamed,
        fetchC: 0,
        writeC: results,
        ...channelOf({ resting: weights, streamed: part.streamed, sumsIn: 0, sumsOut: results }),
        load: 0,
        stream: part.vectors * vectorInterval,
        startsTile: part.first,
      };
    });
  };
  const nodes = compress(
    columnFolds.count,
    (a, b) => a > 0 && b < columnFolds.count - 1,
    (column) =>
      compress(
        rowFolds.count,
        (a, b) => a > 0 && b < rowFolds.count - 1 && sameFootprint(product, rowFolds, a, b),
        (row) => tile(column, row),
      ),
  );
  return {
    nodes,
    rowFolds,
    columnFolds,
    blocks: folds(1, 1),
    loadInterval: 1,
    vectorInterval,
    ...totals(nodes),
    loops: [
      `for m in 0..${product.M} step ${grid.columns}  (columns)`,
      `for n in 0..${product.N} step ${grid.rows}  (rows; C rests)`,
      `for k in 0..${product.K}  (stream A and B)`,
    ],
  };
}

/** Bytes of a step on the off-chip channel: those whose home is off chip. */
function channelBytes(restingIsA: boolean, { routes }: GridMachine) {
  const offChip = (operand: "A" | "B" | "C"): number => (routes[operand].homeMemory === undefined ? 1 : 0);
  const resting = offChip(restingIsA ? "A" : "B");
  const streamed = offChip(restingIsA ? "B" : "A");
  const sums = offChip("C");
  return (part: TileBytes): { channelFetch: number; channelWrite: number } => ({
    channelFetch: resting * part.resting + streamed * part.streamed + sums * part.sumsIn,
    channelWrite: sums * part.sumsOut,
  });
}

interface TilePart extends TileBytes {
  readonly from: number;
  readonly vectors: number;
  readonly first: boolean;
}

/** Bytes of the part [from, from + vectors) when `bytes` are spread evenly over `total` vectors, in whole bytes. */
const share = (bytes: number, total: number, from: number, vectors: number): number =>
  Math.floor((bytes * (from + vectors)) / total) - Math.floor((bytes * from) / total);

/**
 * Cuts a tile of `vectors` vectors into steps of at most `perStep`. The stationary operand comes with the first step;
 * streamed bytes and sums are spread evenly, so that equal steps can be repeated.
 */
function splitTile(tile: TileBytes, vectors: number, perStep: number, step: (part: TilePart) => Step): ProgramNode[] {
  const part = (from: number, count: number): Step =>
    step({
      resting: from === 0 ? tile.resting : 0,
      streamed: share(tile.streamed, vectors, from, count),
      sumsIn: share(tile.sumsIn, vectors, from, count),
      sumsOut: share(tile.sumsOut, vectors, from, count),
      from,
      vectors: count,
      first: from === 0,
    });
  const nodes: ProgramNode[] = [];
  for (let from = 0; from < vectors; from += perStep) push(nodes, part(from, Math.min(perStep, vectors - from)));
  return nodes;
}

/** Appends a step, folding a run of equal steps into one repeat. */
function push(nodes: ProgramNode[], step: Step): void {
  const last = nodes.at(-1);
  if (last?.kind === "step" && equalSteps(last, step)) {
    nodes[nodes.length - 1] = repeat(2, [step]);
    return;
  }
  const inner = last?.kind === "repeat" && last.body.length === 1 ? last.body[0] : undefined;
  if (last?.kind === "repeat" && inner?.kind === "step" && equalSteps(inner, step)) {
    nodes[nodes.length - 1] = repeat(last.count + 1, last.body);
    return;
  }
  nodes.push(step);
}

const equalSteps = (a: Step, b: Step): boolean =>
  a.fetchA === b.fetchA &&
  a.fetchB === b.fetchB &&
  a.fetchC === b.fetchC &&
  a.writeC === b.writeC &&
  a.load === b.load &&
  a.stream === b.stream &&
  a.startsTile === b.startsTile;

/** All tiles of a loop, runs of equal single-step tiles folded. */
function compressEqual(count: number, body: (index: number) => ProgramNode[]): ProgramNode[] {
  const nodes: ProgramNode[] = [];
  for (let index = 0; index < count; index++) {
    for (const node of body(index)) {
      if (node.kind === "step") push(nodes, node);
      else nodes.push(node);
    }
  }
  return nodes;
}

/** A loop whose iterations a < b are known to be alike when `alike(a, b)`: built once and repeated. */
function compress(
  count: number,
  alike: (a: number, b: number) => boolean,
  body: (index: number) => ProgramNode[],
): ProgramNode[] {
  const nodes: ProgramNode[] = [];
  let index = 0;
  while (index < count) {
    let end = index + 1;
    while (end < count && alike(index, end)) end++;
    const part = body(index);
    if (end - index === 1) nodes.push(...part);
    else nodes.push(repeat(end - index, part));
    index = end;
  }
  return nodes;
}

/** True when full folds a and b of the output columns touch equally many input elements. */
const sameFootprint = (product: MatrixProduct, fold: Folds, a: number, b: number): boolean =>
  product.inputFootprint(0, 1, a * fold.size, (a + 1) * fold.size) ===
  product.inputFootprint(0, 1, b * fold.size, (b + 1) * fold.size);

/** Largest value of f over all folds of the reduction. */
function largestRowFold(fold: Folds, f: (range: readonly [number, number]) => number): number {
  let largest = 0;
  for (let index = 0; index < fold.count; index++) {
    const from = index * fold.size;
    largest = Math.max(largest, f([from, from + (index === fold.count - 1 ? fold.last : fold.size)]));
  }
  return largest;
}

/** Largest n in [1, limit] that still fits, for a monotone test that holds at 1. */
function largestFitting(limit: number, fits: (n: number) => boolean): number {
  let low = 1;
  let high = limit;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function totals(nodes: readonly ProgramNode[]): Pick<GridSchedule, "fetched" | "written"> {
  return {
    fetched: {
      A: sumSteps(nodes, (step) => step.fetchA),
      B: sumSteps(nodes, (step) => step.fetchB),
      C: sumSteps(nodes, (step) => step.fetchC),
    },
    written: sumSteps(nodes, (step) => step.writeC),
  };
}
