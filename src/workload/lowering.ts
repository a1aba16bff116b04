// Lowers a compute layer to independent matrix products C[M x N] = A[M x K] B[K x N] without materialising any of
// them: only the dimensions, and how many distinct elements of B a piece of the product touches in memory.

import type { ComputeOperation, Conv2d } from "./layer.ts";
import { convolutionOutput } from "./shapes.ts";

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
  /** True where columns, or reduction rows, share elements of B: a convolution's windows overlap and fetch whole rows. */
  readonly sharesInputs: boolean;
  /**
   * Upper bound, for capacity checks, of the footprint of any k reduction rows and any n output columns in a row, with
   * the elements that earlier columns brought, these skip and later ones meet again.
   */
  readonly largestFootprint: (k: number, n: number) => number;
  /** Number of folds of `size` reduction rows after which footprints recur. */
  readonly reductionPeriod: (size: number) => number;
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
      sharesInputs: false,
      largestFootprint: (k, n) => k * n,
      reductionPeriod: () => 1,
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
  const vertical: Axis = {
    size: conv.height,
    kernel: conv.kernelHeight,
    stride: conv.stride[0],
    dilation: conv.dilation[0],
    padding: conv.padding[0],
  };
  const horizontal: Axis = {
    size: conv.width,
    kernel: conv.kernelWidth,
    stride: conv.stride[1],
    dilation: conv.dilation[1],
    padding: conv.padding[1],
  };
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
  // A piece may start anywhere in a row, away from the padding, and cross from one image to the next.
  const span = (conv.kernelHeight - 1) * conv.dilation[0] + 1;
  // A dilated window skips rows that its neighbours use, unless the stride keeps all windows on the same rows.
  const skips = conv.kernelHeight > 1 && conv.stride[0] % conv.dilation[0] !== 0;
  const mostRowsTouched = (n: number): number => {
    const outRows = Math.min(Math.floor((n + outWidth - 2) / outWidth) + 1, conv.batch * outHeight);
    const images = Math.min(conv.batch, Math.floor((outRows - 2) / outHeight) + 2);
    const spanned = Math.min(images * height, (outRows - images) * conv.stride[0] + images * span);
    return skips ? spanned : Math.min(spanned, outRows * conv.kernelHeight);
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
    sharesInputs: true,
    largestFootprint: (k, n) => Math.min(channels, Math.floor((k + taps - 2) / taps) + 1) * mostRowsTouched(n) * width,
    reductionPeriod: (size) => taps / greatestCommonDivisor(taps, size),
  };
}

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}

/**
 * Input positions that outputs [p0, p1) touch along one axis: |union of {p stride + r dilation - padding}| inside the
 * input, p an output and r a kernel tap.
 */
function distinctPositions({ size, kernel, stride, dilation, padding }: Axis, p0: number, p1: number): number {
  // Contiguous when neighbouring windows leave no gap and a window itself has none.
  if ((dilation === 1 || kernel === 1) && stride <= kernel) {
    const last = (p1 - 1) * stride - padding + (kernel - 1) * dilation;
    return Math.max(0, Math.min(size, last + 1) - Math.max(0, p0 * stride - padding));
  }
  // Taps whose offsets differ by a multiple of the stride meet the same positions: `apart` outputs lie between them.
  const divisor = greatestCommonDivisor(stride, dilation);
  const classes = stride / divisor;
  const apart = dilation / divisor;
  let total = 0;
  for (let tap = 0; tap < Math.min(kernel, classes); tap++) {
    const runs = Math.ceil((kernel - tap) / classes);
    const offset = tap * dilation - padding;
    const first = Math.ceil(-offset / stride) - p0;
    const end = Math.floor((size - 1 - offset) / stride) + 1 - p0;
    if (end > first) total += coveredBelow(end, p1 - p0, runs, apart) - coveredBelow(first, p1 - p0, runs, apart);
  }
  return total;
}

/** Integers in [0, end) that lie in one of `runs` runs of `length`, starting at 0, `apart`, 2 `apart` ... */
function coveredBelow(end: number, length: number, runs: number, apart: number): number {
  if (end <= 0) return 0;
  if (apart <= length) return Math.min(end, (runs - 1) * apart + length);
  const whole = Math.floor(end / apart);
  return whole >= runs ? runs * length : whole * length + Math.min(length, end - whole * apart);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
