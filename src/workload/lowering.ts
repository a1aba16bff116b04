// Lowers a compute layer to independent matrix products C[M x N] = A[M x K] B[K x N] without materialising any of
// them: only the dimensions, and how many distinct elements of B a piece of the product touches in memory.

import type { ComputeOperation, Conv2d } from "./layer.ts";

/** How a grouped convolution becomes matrix products. */
export type Grouping =
  /** One product for each group. */
  | "per-group"
  /** One product whose weight matrix holds the groups on its diagonal and zeros elsewhere. */
  | "block-diagonal";

/** `count` equal products; row k of B is (channel, kernel row, kernel column), column n is (image, row, column). */
export interface MatrixProduct {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly count: number;
  readonly grouping: Grouping;
  /** Multiply-accumulates of all products with a structural zero of the block-diagonal weights. */
  readonly structuralZeroMacs: number;
  /** Elements of B in memory that one product touches at least once. */
  readonly inputElements: number;
  /**
   * Distinct elements of B in memory for reduction rows [k0, k1) and output columns [n0, n1) of one product.
   * A convolution fetches whole input rows of the channels it needs; a matrix fetches what it reads.
   */
  readonly inputFootprint: (k0: number, k1: number, n0: number, n1: number) => number;
}

/** Output height and width of a convolution. */
export function convolutionOutput(conv: Conv2d): readonly [number, number] {
  const [top, left, bottom, right] = conv.padding;
  const extent = (size: number, before: number, after: number, kernel: number, stride: number, dilation: number) =>
    Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
  return [
    extent(conv.height, top, bottom, conv.kernelHeight, conv.stride[0], conv.dilation[0]),
    extent(conv.width, left, right, conv.kernelWidth, conv.stride[1], conv.dilation[1]),
  ];
}

/** The matrix products of a layer; `grouping` matters for convolutions with more than one group only. */
export function lower(operation: ComputeOperation, grouping: Grouping): MatrixProduct {
  if (operation.operator === "matmul") {
    const { M, N, K, batch } = operation;
    return {
      M,
      N,
      K,
      count: batch,
      grouping: "per-group",
      structuralZeroMacs: 0,
      inputElements: K * N,
      inputFootprint: (k0, k1, n0, n1) => (k1 - k0) * (n1 - n0),
    };
  }
  return lowerConvolution(operation, operation.groups === 1 ? "per-group" : grouping);
}

function lowerConvolution(conv: Conv2d, grouping: Grouping): MatrixProduct {
  const [outHeight, outWidth] = convolutionOutput(conv);
  const taps = conv.kernelHeight * conv.kernelWidth;
  const count = grouping === "per-group" ? conv.groups : 1;
  const channels = conv.inChannels / count;
  const M = conv.outChannels / count;
  const N = conv.batch * outHeight * outWidth;
  const K = channels * taps;
  const vertical = axis(conv.height, outHeight, conv.kernelHeight, conv.stride[0], conv.dilation[0], conv.padding[0]);
  const horizontal = axis(conv.width, outWidth, conv.kernelWidth, conv.stride[1], conv.dilation[1], conv.padding[1]);
  const width = distinctPositions(horizontal, 0, outWidth);
  const height = distinctPositions(vertical, 0, outHeight);
  const rowsTouched = (n0: number, n1: number): number => {
    const firstRow = Math.floor(n0 / outWidth);
    const lastRow = Math.floor((n1 - 1) / outWidth);
    const firstImage = Math.floor(firstRow / outHeight);
    const lastImage = Math.floor(lastRow / outHeight);
    if (firstImage === lastImage) {
      const base = firstImage * outHeight;
      return distinctPositions(vertical, firstRow - base, lastRow + 1 - base);
    }
    return (
      distinctPositions(vertical, firstRow - firstImage * outHeight, outHeight) +
      (lastImage - firstImage - 1) * height +
      distinctPositions(vertical, 0, lastRow + 1 - lastImage * outHeight)
    );
  };
  return {
    M,
    N,
    K,
    count,
    grouping,
    structuralZeroMacs: grouping === "block-diagonal" ? M * N * K - (M * N * K) / conv.groups : 0,
    inputElements: channels * conv.batch * height * width,
    inputFootprint: (k0, k1, n0, n1) => {
      if (k1 <= k0 || n1 <= n0) return 0;
      const channelsTouched = Math.floor((k1 - 1) / taps) - Math.floor(k0 / taps) + 1;
      return channelsTouched * rowsTouched(n0, n1) * width;
    },
  };
}

interface Axis {
  readonly size: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}

const axis = (
  size: number,
  outputs: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
): Axis => ({
  size,
  outputs,
  kernel,
  stride,
  dilation,
  padding,
});

/** Input positions that outputs [p0, p1) touch along one axis: |union of {p stride + r dilation - padding}| inside the input. */
function distinctPositions({ size, kernel, stride, dilation, padding }: Axis, p0: number, p1: number): number {
  const first = p0 * stride - padding;
  const last = (p1 - 1) * stride - padding + (kernel - 1) * dilation;
  // Contiguous when neighbouring windows leave no gap and a window itself has none.
  if ((dilation === 1 || kernel === 1) && stride <= kernel) {
    return Math.max(0, Math.min(size, last + 1) - Math.max(0, first));
  }
  const touched = new Set<number>();
  for (let p = p0; p < p1; p++) {
    for (let r = 0; r < kernel; r++) {
      const position = p * stride + r * dilation - padding;
      if (position >= 0 && position < size) touched.add(position);
    }
  }
  return touched.size;
}
