// Elements of the lowered matrices, read from the operands where they lie: the im2col matrix exists only as this index
// arithmetic. Also the values a layer runs on when it has none of its own.

import type { Tensor } from "../tensor/tensor.ts";
import type { ComputeOperation, Conv2d, Operand } from "./layer.ts";
import type { Grouping } from "./lowering.ts";
import { convolutionOutput, operandShapes } from "./shapes.ts";

/** Element access of product `p` of a lowered layer, and where its result lies in the layer's output. */
export interface LoweredValues {
  readonly a: (p: number, m: number, k: number) => number;
  readonly b: (p: number, k: number, n: number) => number;
  /** Row-major index in the operation's output of element (m, n) of product p. */
  readonly outputIndex: (p: number, m: number, n: number) => number;
}

export function loweredValues(operation: ComputeOperation, grouping: Grouping, A: Operand, B: Operand): LoweredValues {
  const left = A.tensor.data;
  const right = B.tensor.data;
  if (operation.operator === "matmul") {
    const [batchA = 0, rowA = 0, columnA = 0] = A.strides;
    const [batchB = 0, rowB = 0, columnB = 0] = B.strides;
    return {
      a: (p, m, k) => left[p * batchA + m * rowA + k * columnA] ?? 0,
      b: (p, k, n) => right[p * batchB + k * rowB + n * columnB] ?? 0,
      outputIndex: (p, m, n) => (p * operation.M + m) * operation.N + n,
    };
  }
  return loweredConvolution(operation, operation.groups === 1 ? "per-group" : grouping, A, B);
}

function loweredConvolution(conv: Conv2d, grouping: Grouping, A: Operand, B: Operand): LoweredValues {
  const [outHeight, outWidth] = convolutionOutput(conv);
  const taps = conv.kernelHeight * conv.kernelWidth;
  const channels = conv.inChannels / conv.groups;
  const filters = conv.outChannels / conv.groups;
  const diagonal = grouping === "block-diagonal";
  const [filterA = 0, channelA = 0, rowA = 0, columnA = 0] = A.strides;
  const [imageB = 0, channelB = 0, rowB = 0, columnB = 0] = B.strides;
  const left = A.tensor.data;
  const right = B.tensor.data;
  return {
    a: (p, m, k) => {
      const filter = diagonal ? m : p * filters + m;
      let channel = Math.floor(k / taps);
      if (diagonal) {
        // Off the diagonal the weight matrix holds zeros.
        const group = Math.floor(filter / filters);
        if (Math.floor(channel / channels) !== group) return 0;
        channel -= group * channels;
      }
      const tap = k % taps;
      const r = Math.floor(tap / conv.kernelWidth);
      return left[filter * filterA + channel * channelA + r * rowA + (tap % conv.kernelWidth) * columnA] ?? 0;
    },
    b: (p, k, n) => {
      const channel = (diagonal ? 0 : p * channels) + Math.floor(k / taps);
      const tap = k % taps;
      const r = Math.floor(tap / conv.kernelWidth);
      const s = tap % conv.kernelWidth;
      const column = n % outWidth;
      const rest = Math.floor(n / outWidth);
      const y = (rest % outHeight) * conv.stride[0] + r * conv.dilation[0] - conv.padding[0];
      const x = column * conv.stride[1] + s * conv.dilation[1] - conv.padding[1];
      if (y < 0 || y >= conv.height || x < 0 || x >= conv.width) return 0;
      return right[Math.floor(rest / outHeight) * imageB + channel * channelB + y * rowB + x * columnB] ?? 0;
    },
    outputIndex: (p, m, n) => {
      const filter = diagonal ? m : p * filters + m;
      const pixels = outHeight * outWidth;
      const image = Math.floor(n / pixels);
      return (image * conv.outChannels + filter) * pixels + (n % pixels);
    },
  };
}

/** Most elements that the made-up values of an operand may take. */
const largestLattice = 2 ** 24;
/**
 * A different stride for each axis, so that no two neighbours share a value and swapped axes show; the longest axes
 * have the smallest ones.
 */
const latticeStrides = { conv2d: [3, 1, 31, 7], matmul: [31, 3, 1] } as const;

/**
 * Values for an operand without any: element (i, j, ...) is number 3i + j + ... of `sequence`, a short random one.
 * Kilobytes stand for any size, and every element can be read alone. Undefined when even the lattice would be huge.
 */
export function latticeOperand(
  operation: ComputeOperation,
  which: "A" | "B",
  sequence: (length: number) => Int16Array,
): Operand | undefined {
  const shape = operandShapes(operation)[which];
  const strides = shape.map((_, axis) => latticeStrides[operation.operator][axis] ?? 1);
  let length = 1;
  shape.forEach((extent, axis) => {
    length += (extent - 1) * (strides[axis] ?? 1);
  });
  if (length > largestLattice) return undefined;
  const data = sequence(length);
  const tensor: Tensor = { type: "int16", shape: [data.length], data };
  return { tensor, strides };
}

/**
 * An operand as integers of at most `magnitude`: real values are scaled by the largest of them and rounded to nearest;
 * integers that already fit stay as they are.
 */
export function quantised(operand: Operand, magnitude: number): Operand {
  const { tensor, strides } = operand;
  const { data } = tensor;
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i] ?? 0));
  if (tensor.type !== "float32" && largest <= magnitude) return operand;
  const scale = largest === 0 ? 0 : magnitude / largest;
  const whole = new Int32Array(data.length);
  for (let i = 0; i < data.length; i++) whole[i] = Math.round((data[i] ?? 0) * scale);
  return { tensor: { type: "int32", shape: tensor.shape, data: whole }, strides };
}
