// The entry `heddle/tensor`. Tensors, storage formats and seeded generators.

export * from "./format.ts";
export * from "./generate.ts";
export * from "./random.ts";
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
