// The entry `heddle/tensor`. Tensors, storage formats and seeded generators.

export * from "./density/actual-data.ts";
export * from "./density/banded.ts";
export { expectedMaximum, largestWithin, meanOf, probabilityOf, varianceOf } from "./density/density.ts";
export type { DensityModel, OccupancyDistribution } from "./density/density.ts";
export { elementMask, evenCuts, tileCounts } from "./density/element-mask.ts";
export type { AxisCut, AxisTiles, ElementMask } from "./density/element-mask.ts";
export * from "./density/fixed-structured.ts";
export * from "./density/hypergeometric.ts";
export * from "./density/power-law.ts";
export * from "./format.ts";
export * from "./generate.ts";
export * from "./random.ts";
export { rankedBits } from "./ranked-format.ts";
export type { RankedBits, RankedFormat, RankFormat } from "./ranked-format.ts";
export * from "./sparse-matrix-random.ts";
export {
  denseFromSparse,
  rowRange,
  sparseFromCoordinates,
  sparseFromDense,
  sparseMatrix,
  transpose,
} from "./sparse-matrix.ts";
export type { DenseMatrix, Gathered, SparseMatrix } from "./sparse-matrix.ts";
export * from "./sparsity.ts";
export * from "./tensor.ts";
export * from "./tile-bits.ts";
