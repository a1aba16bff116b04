// Layers whose operands are sparse matrices: the matrices themselves, or only how many entries they have.

import { InputError } from "../base/error.ts";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import type { ComputeLayer, Matmul } from "./layer.ts";
import { requireDimension } from "./shapes.ts";

/**
 * The product of two sparse matrices; densities are measured. Throws InputError unless A has as many columns as B has
 * rows, and for a matrix without rows or columns.
 */
export function sparseLayer(name: string, A: SparseMatrix, B: SparseMatrix): ComputeLayer {
  if (A.columns !== B.rows) {
    throw new InputError({
      path: name,
      message: "inner dimensions differ",
      found: `${A.rows} x ${A.columns} times ${B.rows} x ${B.columns}`,
      expected: "as many columns of A as rows of B",
    });
  }
  const operation: Matmul = {
    operator: "matmul",
    batch: 1,
    M: requireDimension(A.rows, `${name}.M`),
    N: requireDimension(B.columns, `${name}.N`),
    K: requireDimension(A.columns, `${name}.K`),
  };
  return {
    kind: "compute",
    name,
    operation,
    weightsConstant: true,
    density: densityOf(operation, { A: A.column.length, B: B.column.length }),
    densitySource: { A: "measured", B: "measured" },
    sparse: { A, B },
  };
}

/** A product of which only the dimensions and the entries of both operands are known. Throws InputError for counts that do not fit. */
export function countedLayer(
  name: string,
  { M, N, K }: Pick<Matmul, "M" | "N" | "K">,
  nonZeros: { readonly A: number; readonly B: number },
): ComputeLayer {
  const operation: Matmul = { operator: "matmul", batch: 1, M, N, K };
  for (const key of ["M", "N", "K"] as const) requireDimension(operation[key], `${name}.${key}`);
  requireDimension(nonZeros.A, `${name}.nonZeros.A`, 0, M * K);
  requireDimension(nonZeros.B, `${name}.nonZeros.B`, 0, K * N);
  return {
    kind: "compute",
    name,
    operation,
    weightsConstant: true,
    density: densityOf(operation, nonZeros),
    densitySource: { A: "given", B: "given" },
    nonZeros,
  };
}

const densityOf = (
  { M, N, K }: Matmul,
  nonZeros: { readonly A: number; readonly B: number },
): { readonly A: number; readonly B: number } => ({ A: nonZeros.A / (M * K), B: nonZeros.B / (K * N) });
