// What SCALE-Sim's compute model says of a layer in closed form: cycles without stalls, reads and writes of the on-chip
// memories, utilisations, filter storage. Quirks are reproduced here on purpose; explain.ts says what would be right.

import type { Product } from "./operands.ts";
import type { ScalesimConfiguration, ScalesimLayer, ScalesimStorage } from "../scalesim.ts";
import { filterStorage, rowWiseFilter } from "./sparsity.ts";

export interface ComputeResult {
  /** Index of the last cycle when nothing stalls. */
  readonly lastCycle: number;
  /** Multiply-accumulates of the dense layer. */
  readonly macs: number;
  readonly mappingEfficiencyPercent: number;
  readonly computeUtilisationPercent: number;
  /** Words read from or written to the on-chip memories. */
  readonly ifmapReads: number;
  readonly filterReads: number;
  readonly ofmapWrites: number;
  readonly storage?: ScalesimStorage;
}

/** SCALE-Sim's formulas; costs one pass over the folds' utilisations. */
export function computeOf(product: Product, layer: ScalesimLayer, configuration: ScalesimConfiguration): ComputeResult {
  const { pixels, filters, window, storedWindow, rowFolds, columnFolds, foldCycles } = product;
  const { arrayHeight, arrayWidth, dataflow } = configuration;
  const folds = rowFolds * columnFolds;
  const storage = storageOf(product, layer, configuration);
  return {
    lastCycle: folds * foldCycles - 1,
    macs: pixels * filters * window,
    ...utilisations(product, configuration),
    ifmapReads: ifmapReads(product, layer, configuration),
    filterReads: storedWindow * filters * (dataflow === "os" ? rowFolds : dataflow === "is" ? columnFolds : 1),
    // Each output-stationary fold adds the array's height and width to the writes, for nothing.
    ofmapWrites:
      dataflow === "os" ? pixels * filters + folds * (arrayHeight + arrayWidth) : pixels * filters * rowFolds,
    ...(storage === undefined ? {} : { storage }),
  };
}

function ifmapReads(product: Product, layer: ScalesimLayer, configuration: ScalesimConfiguration): number {
  const { pixels, storedWindow, rows, rowFolds, columnFolds } = product;
  const { arrayHeight, dataflow, sparsity } = configuration;
  if (dataflow === "is") return pixels * storedWindow;
  if (dataflow === "os" || sparsity === undefined) return pixels * storedWindow * columnFolds;
  if (sparsity.mapping === "row-wise") {
    return rowFolds * columnFolds * (pixels + arrayHeight - 1) * arrayHeight * sparsity.blockSize;
  }
  // Added fold by fold in floating point, because SCALE-Sim does and its report shows the rounding.
  let reads = 0;
  for (let column = 0; column < columnFolds; column++) {
    for (let first = 0; first < rows; first += arrayHeight) {
      reads += pixels * Math.min(arrayHeight, rows - first) * (layer.sparsity.block / layer.sparsity.kept);
    }
  }
  return reads;
}

/** Means over folds, summed in the order and precision of SCALE-Sim, so that every printed digit agrees. */
function utilisations(
  product: Product,
  configuration: ScalesimConfiguration,
): { readonly mappingEfficiencyPercent: number; readonly computeUtilisationPercent: number } {
  const { rows, columns, stream, rowFolds, columnFolds, filter } = product;
  const { arrayHeight, arrayWidth, dataflow } = configuration;
  const units = arrayHeight * arrayWidth;
  const cycles =
    dataflow === "os" ? stream + arrayHeight + arrayWidth - 2 : stream + 2 * arrayHeight + 2 * arrayWidth - 3;
  const slots = filter.kind === "stationary" ? filter.slots : undefined;
  let mapping = 0;
  let compute = 0;
  for (let column = 0; column < columnFolds; column++) {
    const usedColumns = Math.min(arrayWidth, columns - column * arrayWidth);
    for (let row = 0; row < rowFolds; row++) {
      const usedRows = Math.min(arrayHeight, rows - row * arrayHeight);
      const used = usedRows * usedColumns;
      const mapped =
        slots === undefined
          ? used
          : countSlotsOfFold(slots, columns, row * arrayHeight, usedRows, column * arrayWidth, usedColumns);
      mapping += mapped / units;
      compute += (used * stream) / (units * cycles);
    }
  }
  const folds = rowFolds * columnFolds;
  return { mappingEfficiencyPercent: (mapping / folds) * 100, computeUtilisationPercent: (compute / folds) * 100 };
}

function countSlots(slots: Int32Array): number {
  return slots.reduce((filled, slot) => (slot < 0 ? filled : filled + 1), 0);
}

function countSlotsOfFold(
  slots: Int32Array,
  columns: number,
  firstRow: number,
  rows: number,
  firstColumn: number,
  usedColumns: number,
): number {
  let filled = 0;
  for (let row = firstRow; row < firstRow + rows; row++) {
    const start = row * columns + firstColumn;
    filled += countSlots(slots.subarray(start, start + usedColumns));
  }
  return filled;
}

function storageOf(
  { window, filters, storedWindow, filter }: Product,
  layer: ScalesimLayer,
  { sparsity }: ScalesimConfiguration,
): ScalesimStorage | undefined {
  if (sparsity === undefined) return undefined;
  const rowWise = filter.kind === "stationary" && filter.slots !== undefined;
  // From the mask, which has the weight that the slots lose at offset 0.
  const nonZeros = rowWise
    ? countSlots(rowWiseFilter(window, filters, sparsity.blockSize, sparsity.seed).slots)
    : storedWindow * filters;
  return filterStorage({
    representation: sparsity.representation,
    K: window,
    filters,
    nonZeros,
    compressedRows: storedWindow,
    block: layer.sparsity.block,
  });
}
