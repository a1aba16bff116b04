// Shape rules of operators: what comes out for what goes in, how many multiplications that takes, and whether the
// dimensions make sense at all. Every rule refuses bad dimensions with an error that names the layer.

import { InputError } from "../base/error.ts";
import type { ComputeOperation, Conv2d, Matmul } from "./layer.ts";

export type Shape = readonly number[];

/** Largest extent of one dimension: 2^31 - 1, what a signed 32-bit index can address. */
export const MAXIMUM_DIMENSION = 2 ** 31 - 1;

/** Largest count of MACs or elements that a Number still holds exactly: 2^53. */
export const MAXIMUM_COUNT = 2 ** 53;

/** Throws InputError unless `value` is an integer from `minimum` (default 1) to `maximum` (default 2^31 - 1). */
export function requireDimension(value: number, path: string, minimum = 1, maximum = MAXIMUM_DIMENSION): number {
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new InputError({
      path,
      message: "dimension out of range",
      found: String(value),
      expected: `an integer from ${minimum} to ${maximum}`,
    });
  }
  return value;
}

/** Throws InputError unless every dimension is an integer from 1 to 2^31 - 1; a scalar has none. */
export function requireShape(shape: Shape, path: string): Shape {
  for (let i = 0; i < shape.length; i++) requireDimension(shape[i] ?? 0, `${path}.shape[${i}]`);
  elementCount(shape, path);
  return shape;
}

/** Product of the dimensions, 1 for a scalar. Throws InputError past 2^53. */
export function elementCount(shape: Shape, path: string): number {
  let count = 1;
  for (const extent of shape) count *= extent;
  return requireCount(count, path, "elements");
}

function requireCount(count: number, path: string, what: string): number {
  if (!(count <= MAXIMUM_COUNT)) {
    throw new InputError({
      path,
      message: `too many ${what}`,
      found: count.toExponential(3),
      expected: `at most 2^53 (${MAXIMUM_COUNT})`,
    });
  }
  return count;
}

/** One axis of a sliding window: input extent, kernel, step, padding before and after, spacing of the taps. */
export interface Window {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

/**
 * Positions of a window along one axis: floor((size + before + after - dilation (kernel - 1) - 1) / stride) + 1.
 * With `ceil`, rounded up, but a last window that would start past the input and its leading padding is dropped
 * (the rule of PyTorch and of ONNX's pooling). Throws InputError where the kernel does not fit the padded input.
 */
export function windowPositions(window: Window, path: string, ceil = false): number {
  requireDimension(window.size, `${path}.size`);
  requireDimension(window.kernel, `${path}.kernel`);
  requireDimension(window.stride, `${path}.stride`);
  requireDimension(window.dilation, `${path}.dilation`);
  requireDimension(window.before, `${path}.padding`, 0);
  requireDimension(window.after, `${path}.padding`, 0);
  const span = spanOf(window);
  const padded = window.size + window.before + window.after;
  if (span > padded) {
    throw new InputError({
      path,
      message: "the kernel does not fit the padded input",
      found: `kernel ${window.kernel}, dilation ${window.dilation} (spans ${span})`,
      expected: `at most ${padded} (input ${window.size} and padding ${window.before} + ${window.after})`,
    });
  }
  if (!ceil) return positionsOf(window);
  const positions = Math.ceil((padded - span) / window.stride) + 1;
  return (positions - 1) * window.stride >= window.size + window.before ? positions - 1 : positions;
}

const spanOf = (window: Window): number => window.dilation * (window.kernel - 1) + 1;

const positionsOf = (window: Window): number =>
  Math.floor((window.size + window.before + window.after - spanOf(window)) / window.stride) + 1;

const verticalWindow = (conv: Conv2d): Window => ({
  size: conv.height,
  kernel: conv.kernelHeight,
  stride: conv.stride[0],
  before: conv.padding[0],
  after: conv.padding[2],
  dilation: conv.dilation[0],
});

const horizontalWindow = (conv: Conv2d): Window => ({
  size: conv.width,
  kernel: conv.kernelWidth,
  stride: conv.stride[1],
  before: conv.padding[1],
  after: conv.padding[3],
  dilation: conv.dilation[1],
});

/** Output height and width of a convolution whose dimensions have been validated. */
export const convolutionOutput = (conv: Conv2d): readonly [number, number] => [
  positionsOf(verticalWindow(conv)),
  positionsOf(horizontalWindow(conv)),
];

/** Output shape [batch, outChannels, height, width] of a convolution (floor rounding); validates all its dimensions. */
export function conv2dOutput(conv: Conv2d, path: string): Shape {
  for (const key of ["batch", "inChannels", "outChannels", "groups"] as const) {
    requireDimension(conv[key], `${path}.${key}`);
  }
  for (const key of ["inChannels", "outChannels"] as const) {
    if (conv[key] % conv.groups !== 0) {
      throw new InputError({
        path: `${path}.groups`,
        message: `groups do not divide ${key}`,
        found: String(conv.groups),
        expected: `a divisor of ${conv[key]}`,
      });
    }
  }
  return [
    conv.batch,
    conv.outChannels,
    windowPositions(verticalWindow(conv), `${path}.height`),
    windowPositions(horizontalWindow(conv), `${path}.width`),
  ];
}

/** A pooling window over the last two axes; padding is top, left, bottom, right. */
export interface Pooling {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  /** Round the number of windows up. */
  readonly ceil?: boolean;
}

/** Output shape of pooling [batch, channels, height, width] over its last two axes. */
export function poolingOutput(shape: Shape, pooling: Pooling, path: string): Shape {
  const [batch, channels, height, width] = requireRank(shape, 4, path);
  const [top, left, bottom, right] = pooling.padding;
  const [dilationHeight, dilationWidth] = pooling.dilation ?? [1, 1];
  const [kernelHeight, kernelWidth] = pooling.kernel;
  const [strideHeight, strideWidth] = pooling.stride;
  const vertical = { size: height, kernel: kernelHeight, stride: strideHeight, dilation: dilationHeight };
  const horizontal = { size: width, kernel: kernelWidth, stride: strideWidth, dilation: dilationWidth };
  return [
    batch,
    channels,
    windowPositions({ ...vertical, before: top, after: bottom }, `${path}.height`, pooling.ceil),
    windowPositions({ ...horizontal, before: left, after: right }, `${path}.width`, pooling.ceil),
  ];
}

/** Output shape of pooling over every axis after the channels: those axes become 1. */
export function globalPoolOutput(shape: Shape, path: string): Shape {
  requireShape(shape, path);
  if (shape.length < 3) throw rankError(shape, "at least 3 axes [batch, channels, ...]", path);
  return shape.map((extent, axis) => (axis < 2 ? extent : 1));
}

/** Output shape of elementwise operators: axes aligned at the end, an extent of 1 (or a missing axis) stretches. */
export function broadcastOutput(shapes: readonly Shape[], path: string): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const output = Array.from({ length: rank }, () => 1);
  for (const shape of shapes) {
    requireShape(shape, path);
    for (let i = 0; i < shape.length; i++) {
      const axis = rank - shape.length + i;
      const extent = shape[i] ?? 1;
      const current = output[axis] ?? 1;
      if (extent !== current && extent !== 1 && current !== 1) {
        throw new InputError({
          path,
          message: `shapes do not broadcast on axis ${axis}`,
          found: shapes.map(showShape).join(" and "),
          expected: "equal extents, or 1",
        });
      }
      if (extent !== 1) output[axis] = extent;
    }
  }
  elementCount(output, path);
  return output;
}

/**
 * Output shape of a matrix product with the rules of NumPy and ONNX: the last two axes multiply, the ones before
 * broadcast, a vector on the left is a row and on the right a column whose axis then disappears.
 */
export function matmulOutput(left: Shape, right: Shape, path: string): Shape {
  requireShape(left, path);
  requireShape(right, path);
  if (left.length === 0 || right.length === 0) throw rankError([], "at least one axis on both sides", path);
  const rows = left.length === 1 ? [1, ...left] : left;
  const columns = right.length === 1 ? [...right, 1] : right;
  if (rows.at(-1) !== columns.at(-2)) {
    throw new InputError({
      path,
      message: "the inner dimensions of the product differ",
      found: `${showShape(left)} and ${showShape(right)}`,
      expected: `${rows.at(-1)} rows on the right`,
    });
  }
  const output = [...broadcastOutput([rows.slice(0, -2), columns.slice(0, -2)], path)];
  if (left.length > 1) output.push(rows.at(-2) ?? 1);
  if (right.length > 1) output.push(columns.at(-1) ?? 1);
  return requireShape(output, path);
}

/** Output shape of joining along `axis` (negative counts from the end): all other axes must agree. */
export function concatOutput(shapes: readonly Shape[], axis: number, path: string): Shape {
  const first = shapes[0];
  if (first === undefined) {
    throw new InputError({ path, message: "nothing to concatenate", expected: "one input or more" });
  }
  const along = requireAxis(axis, first.length, path);
  let total = 0;
  for (const shape of shapes) {
    requireShape(shape, path);
    if (shape.length !== first.length || shape.some((extent, i) => i !== along && extent !== first[i])) {
      throw new InputError({
        path,
        message: `shapes to concatenate differ off axis ${along}`,
        found: showShape(shape),
        expected: `${showShape(first)} but for axis ${along}`,
      });
    }
    total += shape[along] ?? 0;
  }
  return requireShape(
    first.map((extent, i) => (i === along ? total : extent)),
    path,
  );
}

/**
 * Output shape of a reshape: one entry of `target` may be -1 (whatever is left over), and 0 copies the input's extent
 * on that axis (ONNX, `allowzero` = 0). The number of elements stays the same.
 */
export function reshapeOutput(shape: Shape, target: Shape, path: string): Shape {
  const elements = elementCount(requireShape(shape, path), path);
  const fault = (expected: string): InputError =>
    new InputError({ path, message: `cannot reshape ${showShape(shape)}`, found: showShape(target), expected });
  let known = 1;
  let open = -1;
  const output: number[] = [];
  for (let axis = 0; axis < target.length; axis++) {
    const wanted = target[axis] ?? 0;
    const extent = wanted === 0 ? shape[axis] : wanted;
    if (extent === undefined) throw fault(`no 0 past axis ${shape.length - 1}`);
    if (extent === -1) {
      if (open >= 0) throw fault("at most one -1");
      open = axis;
    } else {
      known *= requireDimension(extent, `${path}.shape[${axis}]`);
    }
    output.push(extent);
  }
  if (open >= 0) {
    if (elements % known !== 0) throw fault(`extents whose product divides ${elements}`);
    output[open] = elements / known;
  } else if (known !== elements) {
    throw fault(`${elements} elements`);
  }
  return requireShape(output, path);
}

/** Output shape [product before `axis`, product from `axis` on]; negative axes count from the end. */
export function flattenOutput(shape: Shape, axis: number, path: string): Shape {
  requireShape(shape, path);
  const from = axis === shape.length ? axis : requireAxis(axis, shape.length, path);
  return requireShape([elementCount(shape.slice(0, from), path), elementCount(shape.slice(from), path)], path);
}

/** Output shape of a transposition; without `order` the axes are reversed. */
export function transposeOutput(shape: Shape, order: Shape | undefined, path: string): Shape {
  requireShape(shape, path);
  if (order === undefined) return shape.toReversed();
  if (order.length !== shape.length || order.toSorted((a, b) => a - b).some((axis, i) => axis !== i)) {
    throw new InputError({
      path,
      message: "not an order of the axes",
      found: showShape(order),
      expected: `a permutation of 0 to ${shape.length - 1}`,
    });
  }
  return order.map((axis) => shape[axis] ?? 1);
}

/** Shapes of operands A and B and of the output, by the logical axes of `Operand` in layer.ts. Does not validate. */
export function operandShapes(operation: ComputeOperation): { readonly A: Shape; readonly B: Shape } {
  if (operation.operator === "matmul") {
    return { A: [operation.batch, operation.M, operation.K], B: [operation.batch, operation.K, operation.N] };
  }
  return {
    A: [operation.outChannels, operation.inChannels / operation.groups, operation.kernelHeight, operation.kernelWidth],
    B: [operation.batch, operation.inChannels, operation.height, operation.width],
  };
}

/** Output shape: conv2d [batch, outChannels, height, width], matmul [batch, M, N]. Throws InputError on bad dimensions. */
export function outputShape(operation: ComputeOperation, path: string = operation.operator): Shape {
  return operation.operator === "conv2d" ? conv2dOutput(operation, path) : matmulShape(operation, path);
}

function matmulShape(operation: Matmul, path: string): Shape {
  for (const key of ["batch", "M", "N", "K"] as const) requireDimension(operation[key], `${path}.${key}`);
  return [operation.batch, operation.M, operation.N];
}

/** Multiplications that are summed into one output element: the depth K of the lowered product. */
export function reductionLength(operation: ComputeOperation): number {
  if (operation.operator === "matmul") return operation.K;
  return (operation.inChannels / operation.groups) * operation.kernelHeight * operation.kernelWidth;
}

/**
 * Dense multiply-accumulates: output elements times the reduction length. Taps that fall on padding count, as every
 * published total and every systolic lowering counts them.
 */
export function macs(operation: ComputeOperation, path: string = operation.operator): number {
  return macsOf(operation, outputShape(operation, path), path);
}

function macsOf(operation: ComputeOperation, output: Shape, path: string): number {
  let count = reductionLength(operation);
  for (const extent of output) count *= extent;
  return requireCount(count, path, "multiply-accumulates");
}

/**
 * Throws InputError, naming the field under `path`, unless every dimension is an integer from 1 to 2^31 - 1, groups
 * divide the channels, the kernel fits, and MACs and elements of each tensor stay within 2^53. Returns the output
 * shape.
 */
export function validateOperation(operation: ComputeOperation, path: string): Shape {
  const output = outputShape(operation, path);
  const { A, B } = operandShapes(operation);
  elementCount(A, `${path}.A`);
  elementCount(B, `${path}.B`);
  elementCount(output, path);
  macsOf(operation, output, path);
  return output;
}

/** `[1, 3, 224, 224]`, for messages. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

function requireAxis(axis: number, rank: number, path: string): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isSafeInteger(axis) || positive < 0 || positive >= rank) {
    throw new InputError({ path, message: "no such axis", found: String(axis), expected: `${-rank} to ${rank - 1}` });
  }
  return positive;
}

function requireRank(shape: Shape, rank: 4, path: string): readonly [number, number, number, number] {
  requireShape(shape, path);
  const [a, b, c, d] = shape;
  if (shape.length !== rank || a === undefined || b === undefined || c === undefined || d === undefined) {
    throw rankError(shape, "4 axes [batch, channels, height, width]", path);
  }
  return [a, b, c, d];
}

function rankError(shape: Shape, expected: string, path: string): InputError {
  return new InputError({ path, message: "wrong number of axes", found: showShape(shape), expected });
}
