// The sparse operands of a layer, a pair for each of its lowered products: as they are, from its values, or seeded
// random ones of its sizes. A convolution's input is lowered (im2col) without a dense form in between.
//
// Padding never makes an entry: the zeros that it puts into the lowered input are zeros of the structure, whatever the
// density. A random input is drawn as the lowered matrix itself, so that its entries lie independently of each other;
// im2col of a real input repeats every value once a kernel position, which a random matrix of the same density does not.

import { InputError } from "../base/error.ts";
import { deriveSeed } from "../tensor/random.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import { sparseFromDense } from "../tensor/sparse-matrix.ts";
import type { ComputeLayer, Conv2d, Matmul, Operand } from "./layer.ts";
import { lower } from "./lowering.ts";
import { lowerInput, lowerWeights, randomInput } from "./sparse-operands-convolution.ts";

/** C [M x N] = A [M x K] B [K x N] by the entries of A and B. */
export interface OperandPair {
  readonly A: SparseMatrix;
  readonly B: SparseMatrix;
}

/** Most entries of a matrix that is drawn: some 6 GiB while it is. */
const largestDraw = 2 ** 28;

/**
 * The operands of each lowered product of a layer, in the order of `loweredValues`: groups of a convolution, batch
 * entries of a matmul. Operands without values are random: `layer.nonZeros` entries, or density times size rounded, at
 * places that depend on the seed, the operand, the sizes and the number of the product, never on the layer's name, so
 * that equal layers are equal work; constant weights of a batched matmul are one matrix for all entries. Throws
 * InputError naming the layer for operands that are too large, or counts that do not fit.
 */
export function sparseOperands(layer: ComputeLayer, seed: number): readonly OperandPair[] {
  if (layer.sparse !== undefined) return [layer.sparse];
  const { operation } = layer;
  try {
    requireDrawable(layer);
    return operation.operator === "matmul"
      ? matmulOperands(layer, operation, seed)
      : convolutionOperands(layer, operation, seed);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { path } = error.fault;
    throw new InputError({ ...error.fault, path: path === undefined ? layer.name : `${layer.name}: ${path}` });
  }
}

/** Before anything is allocated: entries of operands without values, padding included. */
function requireDrawable({ operation, values, nonZeros, density }: ComputeLayer): void {
  const { M, N, K } = lower(operation, "per-group");
  const entries = {
    A: values?.A === undefined ? (nonZeros?.A ?? density.A * M * K) : 0,
    B: values?.B === undefined ? (nonZeros?.B ?? density.B * K * N) : 0,
  };
  for (const which of ["A", "B"] as const) {
    if (entries[which] <= largestDraw) continue;
    throw new InputError({
      path: which,
      message: "too many entries to draw at random",
      found: String(Math.round(entries[which])),
      expected: `at most ${largestDraw}: a lower density or a smaller layer`,
    });
  }
}

function matmulOperands(layer: ComputeLayer, { M, N, K, batch }: Matmul, seed: number): readonly OperandPair[] {
  const { values, nonZeros, density } = layer;
  const entriesA = nonZeros?.A ?? Math.round(density.A * M * K);
  const entriesB = nonZeros?.B ?? Math.round(density.B * K * N);
  const pairs: OperandPair[] = [];
  for (let p = 0; p < batch; p++) {
    const first = pairs[0];
    let A: SparseMatrix;
    if (values?.A !== undefined) {
      A = first !== undefined && values.A.strides[0] === 0 ? first.A : entryOf(values.A, p, M, K);
    } else {
      A = first !== undefined && layer.weightsConstant ? first.A : randomSparse(M, K, entriesA, seedOf(seed, "A", p));
    }
    let B: SparseMatrix;
    if (values?.B === undefined) B = randomSparse(K, N, entriesB, seedOf(seed, "B", p));
    else B = first !== undefined && values.B.strides[0] === 0 ? first.B : entryOf(values.B, p, K, N);
    pairs.push({ A, B });
  }
  return pairs;
}

/** The non-zeros of one batch entry. */
function entryOf({ tensor, strides }: Operand, entry: number, rows: number, columns: number): SparseMatrix {
  const [batch = 0, row = 0, column = 0] = strides;
  return sparseFromDense({ data: tensor.data, rows, columns, strides: [row, column], offset: entry * batch });
}

function convolutionOperands(layer: ComputeLayer, conv: Conv2d, seed: number): readonly OperandPair[] {
  const { values, nonZeros, density } = layer;
  const { M, K, count } = lower(conv, "per-group");
  const entries = nonZeros?.A ?? Math.round(density.A * M * K);
  return Array.from({ length: count }, (_, group) => ({
    A:
      values?.A === undefined
        ? randomSparse(M, K, entries, seedOf(seed, "A", group))
        : lowerWeights(conv, values.A, group),
    B:
      values?.B === undefined
        ? randomInput(conv, nonZeros === undefined ? { density: density.B } : nonZeros.B, seedOf(seed, "B", group))
        : lowerInput(conv, values.B, group),
  }));
}

const seedOf = (seed: number, which: "A" | "B", product: number): number =>
  deriveSeed(seed, "sparse operand", which, product);
