// The golden evaluator: convolution and matrix product straight from their definitions, one output element at a time,
// with no im2col and no machine order. Every functional simulation is compared with it.

import { InputError } from "../base/error.ts";
import type { ComputeOperation, Conv2d, Matmul, Operand } from "./layer.ts";
import { elementCount, operandShapes, outputShape, reductionLength } from "./shapes.ts";

/**
 * `integer`: exact; refused where a product or a partial sum reaches +-2^53, below which a Number holds every value.
 * `real`: evaluated in float64, for float32 operands; the tolerance of a comparison is the caller's concern.
 */
export type GoldenArithmetic = "integer" | "real";

/** Largest number of output elements that `goldenOutput` evaluates at once (1 GiB of float64). */
export const MAXIMUM_GOLDEN_ELEMENTS = 2 ** 27;

/**
 * Output element `index` (row-major in `outputShape(operation)`) as a float64 number.
 * Throws InputError for bad dimensions, operands that do not cover them, an index out of range, or lost exactness.
 */
export function goldenElement(
  operation: ComputeOperation,
  A: Operand,
  B: Operand,
  index: number,
  arithmetic: GoldenArithmetic,
): number {
  const kernel = prepare(operation, A, B, arithmetic);
  if (!Number.isSafeInteger(index) || index < 0 || index >= kernel.elements) {
    throw new InputError({
      path: operation.operator,
      message: "no such output element",
      found: String(index),
      expected: `0 to ${kernel.elements - 1}`,
    });
  }
  return evaluate(kernel, index);
}

/**
 * The elements at `indices`, for sampled comparisons: checks the operands once and touches nothing else.
 * Errors as `goldenElement`.
 */
export function goldenElements(
  operation: ComputeOperation,
  A: Operand,
  B: Operand,
  indices: ArrayLike<number>,
  arithmetic: GoldenArithmetic,
): Float64Array {
  const kernel = prepare(operation, A, B, arithmetic);
  const values = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] ?? -1;
    if (!Number.isSafeInteger(index) || index < 0 || index >= kernel.elements) {
      throw new InputError({
        path: operation.operator,
        message: "no such output element",
        found: String(index),
        expected: `0 to ${kernel.elements - 1}`,
      });
    }
    values[i] = evaluate(kernel, index);
  }
  return values;
}

/** The whole output, row-major in `outputShape(operation)`. Throws InputError past 2^27 elements, else as above. */
export function goldenOutput(
  operation: ComputeOperation,
  A: Operand,
  B: Operand,
  arithmetic: GoldenArithmetic,
): Float64Array {
  const kernel = prepare(operation, A, B, arithmetic);
  if (kernel.elements > MAXIMUM_GOLDEN_ELEMENTS) {
    throw new InputError({
      path: operation.operator,
      message: "output too large to evaluate whole",
      found: `${kernel.elements} elements`,
      expected: `at most ${MAXIMUM_GOLDEN_ELEMENTS}; sample it instead`,
    });
  }
  const output = new Float64Array(kernel.elements);
  for (let index = 0; index < output.length; index++) output[index] = evaluate(kernel, index);
  return output;
}

type Values = Operand["tensor"]["data"];

interface ConvKernel {
  readonly operation: Conv2d;
  readonly elements: number;
  readonly a: Values;
  readonly b: Values;
  readonly aStrides: Float64Array;
  readonly bStrides: Float64Array;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly checked: boolean;
}

interface MatmulKernel {
  readonly operation: Matmul;
  readonly elements: number;
  readonly a: Values;
  readonly b: Values;
  readonly aStrides: Float64Array;
  readonly bStrides: Float64Array;
  readonly checked: boolean;
}

type Kernel = ConvKernel | MatmulKernel;

function prepare(operation: ComputeOperation, A: Operand, B: Operand, arithmetic: GoldenArithmetic): Kernel {
  const path = operation.operator;
  const output = outputShape(operation, path);
  const shapes = operandShapes(operation);
  const common = {
    elements: elementCount(output, path),
    a: A.tensor.data,
    b: B.tensor.data,
    aStrides: requireOperand(A, shapes.A, `${path}.A`, arithmetic),
    bStrides: requireOperand(B, shapes.B, `${path}.B`, arithmetic),
    checked: arithmetic === "integer" && !staysExact(operation, A, B),
  };
  return operation.operator === "matmul"
    ? { operation, ...common }
    : { operation, ...common, outHeight: output[2] ?? 1, outWidth: output[3] ?? 1 };
}

/** The strides of an operand, once every axis is known to stay inside its tensor. */
function requireOperand(
  operand: Operand,
  shape: readonly number[],
  path: string,
  arithmetic: GoldenArithmetic,
): Float64Array {
  const { tensor, strides } = operand;
  let last = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    const stride = strides[axis] ?? -1;
    if (!Number.isSafeInteger(stride) || stride < 0) {
      throw new InputError({
        path: `${path}.strides[${axis}]`,
        message: "bad stride",
        found: String(strides[axis]),
        expected: "an integer from 0",
      });
    }
    last += ((shape[axis] ?? 1) - 1) * stride;
  }
  if (strides.length !== shape.length || last >= tensor.data.length) {
    throw new InputError({
      path,
      message: "the operand does not cover its tensor",
      found: `strides [${strides.join(", ")}], ${tensor.data.length} values`,
      expected: `axes [${shape.join(", ")}] within the values`,
    });
  }
  if (arithmetic === "integer" && tensor.type === "float32") {
    throw new InputError({
      path,
      message: "integer arithmetic on real values",
      found: "float32",
      expected: "an integer tensor",
    });
  }
  return Float64Array.from(strides);
}

const LARGEST_MAGNITUDE: Readonly<Record<string, number>> = {
  int8: 2 ** 7,
  uint8: 2 ** 8,
  int16: 2 ** 15,
  int32: 2 ** 31,
};

/** True when not even the largest values of both types could bring a sum past 2^53: no check per product is needed. */
function staysExact(operation: ComputeOperation, A: Operand, B: Operand): boolean {
  const largest = (operand: Operand): number => LARGEST_MAGNITUDE[operand.tensor.type] ?? Infinity;
  return largest(A) * largest(B) * reductionLength(operation) < 2 ** 53;
}

function evaluate(kernel: Kernel, index: number): number {
  return "outHeight" in kernel ? convElement(kernel, index) : matmulElement(kernel, index);
}

function convElement(kernel: ConvKernel, index: number): number {
  const { operation, a, b, aStrides, bStrides, outHeight, outWidth, checked } = kernel;
  const [a0 = 0, a1 = 0, a2 = 0, a3 = 0] = aStrides;
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = bStrides;
  const x = index % outWidth;
  const y = Math.floor(index / outWidth) % outHeight;
  const plane = Math.floor(index / (outWidth * outHeight));
  const filter = plane % operation.outChannels;
  const image = Math.floor(plane / operation.outChannels);
  const channels = operation.inChannels / operation.groups;
  const firstChannel = Math.floor(filter / (operation.outChannels / operation.groups)) * channels;
  const { kernelHeight, kernelWidth, height, width } = operation;
  const [dilationHeight, dilationWidth] = operation.dilation;
  const top = y * operation.stride[0] - operation.padding[0];
  const left = x * operation.stride[1] - operation.padding[1];
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < kernelHeight; r++) {
      const row = top + r * dilationHeight;
      if (row < 0 || row >= height) continue;
      const aRow = filter * a0 + c * a1 + r * a2;
      const bRow = image * b0 + (firstChannel + c) * b1 + row * b2;
      for (let s = 0; s < kernelWidth; s++) {
        const column = left + s * dilationWidth;
        if (column < 0 || column >= width) continue;
        const product = (a[aRow + s * a3] ?? 0) * (b[bRow + column * b3] ?? 0);
        sum += product;
        if (checked) requireExact(product, sum);
      }
    }
  }
  return sum;
}

function matmulElement(kernel: MatmulKernel, index: number): number {
  const { operation, a, b, aStrides, bStrides, checked } = kernel;
  const [a0 = 0, a1 = 0, a2 = 0] = aStrides;
  const [b0 = 0, b1 = 0, b2 = 0] = bStrides;
  const n = index % operation.N;
  const m = Math.floor(index / operation.N) % operation.M;
  const entry = Math.floor(index / (operation.N * operation.M));
  const aRow = entry * a0 + m * a1;
  const bColumn = entry * b0 + n * b2;
  let sum = 0;
  for (let k = 0; k < operation.K; k++) {
    const product = (a[aRow + k * a2] ?? 0) * (b[bColumn + k * b1] ?? 0);
    sum += product;
    if (checked) requireExact(product, sum);
  }
  return sum;
}

function requireExact(product: number, sum: number): void {
  // Not `>`: 2^53 + 1 rounds to 2^53, so that only a value below it is known to be exact.
  if (Math.abs(product) >= 2 ** 53 || Math.abs(sum) >= 2 ** 53) {
    throw new InputError({
      message: "integer sum too large to stay exact",
      found: String(Math.abs(product) >= 2 ** 53 ? product : sum),
      expected: "products and partial sums between -2^53 and 2^53",
    });
  }
}

/** Row-major operand over a tensor whose shape already is that of the logical axes. */
export function plainOperand(tensor: Operand["tensor"]): Operand {
  const strides = tensor.shape.map(() => 1);
  for (let axis = strides.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (tensor.shape[axis + 1] ?? 1);
  }
  return { tensor, strides };
}
