// Counts the multiply-accumulates of two non-zeros: exactly where both operands are there, else from densities. Also the
// dense count of a layer, which a matrix of a million rows takes past the integers of a Number.

import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import type { ComputeLayer, Conv2d, Matmul, Operand } from "./layer.ts";
import { convolutionOutput, macs } from "./shapes.ts";

export interface EffectualMacs {
  readonly macs: number;
  /** `exact`: counted on values. `expected`: dense MACs times both densities, rounded. */
  readonly source: "exact" | "expected";
}

/**
 * Products of two non-zeros. With both operands at hand: sum over k of nnz(A column k) nnz(B row k), never a product
 * matrix.
 */
export function effectualMacs(layer: ComputeLayer): EffectualMacs {
  const { operation, values, sparse, density } = layer;
  if (sparse !== undefined) return { macs: effectualSparse(sparse.A, sparse.B), source: "exact" };
  if (values?.A !== undefined && values.B !== undefined) {
    const count =
      operation.operator === "matmul"
        ? effectualMatmul(operation, values.A, values.B)
        : effectualConvolution(operation, values.A, values.B);
    return { macs: count, source: "exact" };
  }
  return { macs: Math.round(macs(operation) * density.A * density.B), source: "expected" };
}

/**
 * Dense multiply-accumulates of a layer, as `macs` in shapes.ts. For sparse operands, whose dimensions bound no work,
 * there is no limit: past 2^53 the count is rounded to the nearest Number. Throws InputError for other layers there.
 */
export function denseMacs({ operation, sparse, name }: ComputeLayer): number {
  return sparse === undefined ? macs(operation, name) : sparse.A.rows * sparse.A.columns * sparse.B.columns;
}

/** For each entry of A, the entries of the row of B that its column selects. */
function effectualSparse({ column }: SparseMatrix, { rowStart }: SparseMatrix): number {
  let total = 0;
  for (let i = 0; i < column.length; i++) {
    const k = column[i] ?? 0;
    total += (rowStart[k + 1] ?? 0) - (rowStart[k] ?? 0);
  }
  return total;
}

function effectualMatmul({ batch, M, N, K }: Matmul, A: Operand, B: Operand): number {
  const [batchA = 0, rowA = 0, columnA = 0] = A.strides;
  const [batchB = 0, rowB = 0, columnB = 0] = B.strides;
  let total = 0;
  for (let b = 0; b < batch; b++) {
    for (let k = 0; k < K; k++) {
      const left = countAlong(A.tensor.data, b * batchA + k * columnA, rowA, M);
      if (left > 0) total += left * countAlong(B.tensor.data, b * batchB + k * rowB, columnB, N);
    }
  }
  return total;
}

function countAlong(data: ArrayLike<number>, start: number, stride: number, count: number): number {
  if (stride === 0) return data[start] === 0 ? 0 : count;
  let nonZeros = 0;
  for (let i = 0, at = start; i < count; i++, at += stride) if (data[at] !== 0) nonZeros++;
  return nonZeros;
}

function effectualConvolution(conv: Conv2d, A: Operand, B: Operand): number {
  const [outHeight, outWidth] = convolutionOutput(conv);
  const channels = conv.inChannels / conv.groups;
  const filters = conv.outChannels / conv.groups;
  const [filterA = 0, channelA = 0, rowA = 0, columnA = 0] = A.strides;
  const [imageB = 0, channelB = 0, rowB = 0, columnB = 0] = B.strides;
  const input = B.tensor.data;
  const [strideY, strideX] = conv.stride;
  const [dilationY, dilationX] = conv.dilation;
  const [top, left] = conv.padding;
  let total = 0;
  for (let g = 0; g < conv.groups; g++) {
    for (let c = 0; c < channels; c++) {
      for (let r = 0; r < conv.kernelHeight; r++) {
        for (let s = 0; s < conv.kernelWidth; s++) {
          const weights = countAlong(
            A.tensor.data,
            g * filters * filterA + c * channelA + r * rowA + s * columnA,
            filterA,
            filters,
          );
          if (weights === 0) continue;
          let inputs = 0;
          for (let image = 0; image < conv.batch; image++) {
            const plane = image * imageB + (g * channels + c) * channelB;
            for (let p = 0; p < outHeight; p++) {
              const y = p * strideY + r * dilationY - top;
              if (y < 0 || y >= conv.height) continue;
              for (let q = 0; q < outWidth; q++) {
                const x = q * strideX + s * dilationX - left;
                if (x >= 0 && x < conv.width && input[plane + y * rowB + x * columnB] !== 0) inputs++;
              }
            }
          }
          total += weights * inputs;
        }
      }
    }
  }
  return total;
}
