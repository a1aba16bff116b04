// What the systolic array of SCALE-Sim asks of its memories: the order in which operands are fetched, and cycle by cycle
// the addresses at each lane, with the counts and utilisations that follow from them.

import type { ScalesimConfiguration, ScalesimLayer } from "../../src/interop/scalesim/scalesim.ts";
import type { Matrix } from "./scalesim-walk-matrix.ts";
import {
  alongDiagonals,
  at,
  columnsOf,
  nulls,
  part,
  skew,
  stack,
  transpose,
  widen,
  widthOf,
} from "./scalesim-walk-matrix.ts";
import type { Operands } from "./scalesim-walk-operands.ts";

export interface Compute {
  /** Addresses in the order in which USER mode fetches them, -1 for lanes that a fold leaves unused. */
  readonly prefetch: { readonly ifmap: () => number[]; readonly filter: () => number[] };
  /** Cycles x lanes. */
  readonly demand: { readonly ifmap: Matrix; readonly filter: Matrix; readonly ofmap: Matrix };
  readonly reads: { readonly ifmap: number; readonly filter: number };
  readonly ofmapWrites: number;
  /** Of each fold in the order of execution. */
  readonly mappingEfficiency: readonly number[];
  readonly computeUtilisation: readonly number[];
}

/** One fold: the part of the product that the array does at a time. */
interface Fold {
  readonly ifmap: Matrix;
  readonly filter: Matrix;
  readonly ofmap: Matrix;
  readonly reads: { readonly ifmap: number; readonly filter: number };
  readonly ofmapWrites: number;
  readonly mappingEfficiency: number;
  readonly computeUtilisation: number;
}

export function computeOf(operands: Operands, layer: ScalesimLayer, configuration: ScalesimConfiguration): Compute {
  const { arrayHeight: height, arrayWidth: width, dataflow } = configuration;
  // Happens only to sparse filters, where an address of 0 or the padding to blocks changes the number of rows.
  if (dataflow !== "ws" && widthOf(operands.ifmap) !== operands.filter.length) {
    throw new Error("dimension mismatch between operands: SCALE-Sim stops here");
  }
  if (dataflow === "os") return outputStationary(operands, height, width);
  if (dataflow === "is") return inputStationary(operands, height, width);
  return weightStationary(operands, layer, configuration);
}

function outputStationary({ ifmap, filter, ofmap }: Operands, height: number, width: number): Compute {
  const ifmapTransposed = transpose(ifmap);
  const steps = filter.length;
  const rowFolds = Math.ceil(ifmap.length / height);
  const columnFolds = Math.ceil(widthOf(filter) / width);
  const ifmapFold = (row: number): Matrix => columnsOf(ifmapTransposed, row * height, (row + 1) * height);
  const filterFold = (column: number): Matrix => columnsOf(filter, column * width, (column + 1) * width);
  const folds = foldsOf(rowFolds, columnFolds, (row, column) => {
    const outputs = part(ofmap, [row * height, (row + 1) * height], [column * width, (column + 1) * width]);
    const used = outputs.length * widthOf(outputs);
    const cycles = steps - 1 + height + width - 1;
    return {
      ifmap: skew([...widen(ifmapFold(row), height), ...nulls(width - 1, height)]),
      filter: skew([...widen(filterFold(column), width), ...nulls(height - 1, width)]),
      // The outputs leave at the bottom edge: the last row of the array first.
      ofmap: skew([
        ...nulls(steps - 1, width),
        ...[...widen(outputs, width), ...nulls(height - outputs.length, width)].toReversed(),
      ]),
      reads: { ifmap: steps * outputs.length, filter: steps * widthOf(outputs) },
      // Upstream adds the array's height and width in every fold.
      ofmapWrites: used + height + width,
      mappingEfficiency: used / (height * width),
      computeUtilisation: (used * steps) / (height * width * cycles),
    };
  });
  return {
    prefetch: {
      ifmap: () => alongDiagonals(stack(rowFolds, (row) => widen(ifmapFold(row), height))),
      filter: () => alongDiagonals(stack(columnFolds, (column) => widen(filterFold(column), width))),
    },
    ...sumOf(folds),
  };
}

function weightStationary(
  { ifmap, filter, ofmap }: Operands,
  layer: ScalesimLayer,
  { arrayHeight: height, arrayWidth: width, sparsity }: ScalesimConfiguration,
): Compute {
  const rowWise = sparsity?.mapping === "row-wise";
  const columnFolds = Math.ceil(widthOf(filter) / width);
  const folds = foldsOf(Math.ceil(filter.length / height), columnFolds, (row, column) => {
    const resting = part(filter, [row * height, (row + 1) * height], [column * width, (column + 1) * width]);
    const rows = rowWise ? 2 * height : height;
    const streaming = columnsOf(ifmap, row * rows, (row + 1) * rows);
    const lanes = rowWise ? blockLanes(streaming, height, sparsity.blockSize) : undefined;
    const results = columnsOf(ofmap, column * width, (column + 1) * width);
    const weights = padded(resting, height, width);
    const empty = weights.flat().filter((address) => address === -1).length;
    const ifmapWords = streaming.length * widthOf(streaming);
    const { kept, block } = layer.sparsity;
    return {
      ...stationaryFold(weights, results, height, width),
      filter: loading(weights, ifmap.length, height, width),
      ifmap: lanes === undefined ? streamed(streaming, height, width) : between(lanes, height, width - 1),
      reads: {
        ifmap:
          lanes === undefined
            ? ifmapWords * (sparsity === undefined ? 1 : block / kept)
            : lanes.length * widthOf(lanes),
        filter: resting.length * widthOf(resting),
      },
      mappingEfficiency: (height * width - empty) / (height * width),
      computeUtilisation: stationaryUtilisation(resting, ifmap.length, height, width),
    };
  });
  return {
    prefetch: {
      ifmap: () =>
        alongDiagonals(
          stack(Math.ceil(widthOf(ifmap) / height), (row) =>
            widen(columnsOf(ifmap, row * height, (row + 1) * height), height),
          ),
        ),
      filter: () =>
        stack(columnFolds, (column) => widen(columnsOf(filter, column * width, (column + 1) * width), width)).flat(),
    },
    ...sumOf(folds),
  };
}

function inputStationary({ ifmap, filter, ofmap }: Operands, height: number, width: number): Compute {
  const ifmapTransposed = transpose(ifmap);
  const rowFolds = Math.ceil(filter.length / height);
  const columnFolds = Math.ceil(ifmap.length / width);
  const filterFold = (row: number): Matrix => transpose(filter.slice(row * height, (row + 1) * height));
  const folds = foldsOf(rowFolds, columnFolds, (row, column) => {
    const resting = part(ifmapTransposed, [row * height, (row + 1) * height], [column * width, (column + 1) * width]);
    const streaming = filterFold(row);
    const results = transpose(ofmap.slice(column * width, (column + 1) * width));
    const pixels = padded(resting, height, width);
    return {
      ...stationaryFold(pixels, results, height, width),
      ifmap: loading(pixels, streaming.length, height, width),
      filter: streamed(streaming, height, width),
      reads: {
        ifmap: resting.length * widthOf(resting),
        filter: streaming.length * widthOf(streaming),
      },
      mappingEfficiency: (resting.length * widthOf(resting)) / (height * width),
      computeUtilisation: stationaryUtilisation(resting, streaming.length, height, width),
    };
  });
  return {
    prefetch: {
      ifmap: () =>
        stack(columnFolds, (column) =>
          widen(columnsOf(ifmapTransposed, column * width, (column + 1) * width), width),
        ).flat(),
      filter: () => alongDiagonals(stack(rowFolds, (row) => widen(filterFold(row), height))),
    },
    ...sumOf(folds),
  };
}

const padded = (matrix: Matrix, height: number, width: number): Matrix => [
  ...widen(matrix, width),
  ...nulls(height - matrix.length, width),
];

/** Demand of the operand that rests: loaded bottom row first, then nothing while the other one streams and drains. */
const loading = (resting: Matrix, steps: number, height: number, width: number): Matrix => [
  ...resting.toReversed(),
  ...nulls(height + width + steps - 2, width),
];

/** Demand of the operand that streams: after the other one is loaded, skewed over the rows of the array. */
const streamed = (streaming: Matrix, height: number, width: number): Matrix =>
  skew(between(widen(streaming, height), height, width - 1));

/** A matrix with rows of -1 before and after. */
const between = (matrix: Matrix, before: number, after: number): Matrix => [
  ...nulls(before, widthOf(matrix)),
  ...matrix,
  ...nulls(after, widthOf(matrix)),
];

function stationaryFold(
  resting: Matrix,
  results: Matrix,
  height: number,
  width: number,
): Pick<Fold, "ofmap" | "ofmapWrites"> {
  if (resting.length !== height) throw new Error("the resting operand must fill the rows");
  return {
    ofmap: skew([...nulls(2 * height - 1, width), ...widen(results, width)]),
    ofmapWrites: results.length * widthOf(results),
  };
}

/** Upstream takes the length of a fold from a matrix that has the drain already, and adds the drain once more. */
function stationaryUtilisation(resting: Matrix, steps: number, height: number, width: number): number {
  const cycles = height + (height + width + steps - 2) + width - 1;
  return (resting.length * widthOf(resting) * steps) / (height * width * cycles);
}

/**
 * Row-wise sparsity: a row of the array takes whole blocks of the ifmap, half a block's number of rows the same one.
 * The lanes come out skewed, without the cycles of loading and draining.
 */
function blockLanes(streaming: Matrix, height: number, blockSize: number): Matrix {
  if ((2 * height) % blockSize !== 0 || blockSize % 2 !== 0) {
    throw new Error("blocks of row-wise sparsity must be even and divide twice the array's height");
  }
  const copies = blockSize / 2;
  const blocks = widen(streaming, 2 * height);
  return Array.from({ length: streaming.length + height - 1 }, (_, cycle) =>
    Array.from({ length: height }, (__, lane) => {
      const start = Math.floor(lane / copies) * blockSize;
      return blocks[cycle - lane]?.slice(start, start + blockSize) ?? Array.from({ length: blockSize }, () => -1);
    }).flat(),
  );
}

/** Folds over columns outside, over rows inside. */
function foldsOf(rows: number, columns: number, fold: (row: number, column: number) => Fold): Fold[] {
  return Array.from({ length: rows * columns }, (_, i) => fold(i % rows, Math.floor(i / rows)));
}

function sumOf(folds: readonly Fold[]): Omit<Compute, "prefetch"> {
  const sum = (value: (fold: Fold) => number): number => folds.reduce((total, fold) => total + value(fold), 0);
  const demand = {
    ifmap: folds.flatMap((fold) => fold.ifmap),
    filter: folds.flatMap((fold) => fold.filter),
    ofmap: folds.flatMap((fold) => fold.ofmap),
  };
  const cycles = at(folds, 0).ofmap.length * folds.length;
  if (Object.values(demand).some((matrix) => matrix.length !== cycles)) throw new Error("demands out of step");
  return {
    demand,
    reads: { ifmap: sum((fold) => fold.reads.ifmap), filter: sum((fold) => fold.reads.filter) },
    ofmapWrites: sum((fold) => fold.ofmapWrites),
    mappingEfficiency: folds.map((fold) => fold.mappingEfficiency),
    computeUtilisation: folds.map((fold) => fold.computeUtilisation),
  };
}
