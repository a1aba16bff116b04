// Dense tensors over typed arrays, row-major: the plain form that every storage format encodes and decodes.

import { InputError } from "../base/error.ts";

export type ElementType = "int8" | "uint8" | "int16" | "int32" | "float32";

export type TensorData = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array;

/** Row-major dense tensor; `data.length` is the product of `shape` (1 for a scalar). */
export interface Tensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Every element type, for menus and for the valid words of an error. */
export const elementTypes: readonly ElementType[] = ["int8", "uint8", "int16", "int32", "float32"];

/** Largest number of elements of a tensor, and largest number of its axes (NumPy's own limit). */
export const maximumElements = 2 ** 31;
export const maximumRank = 64;

const bitsOf: Readonly<Record<ElementType, number>> = { int8: 8, uint8: 8, int16: 16, int32: 32, float32: 32 };

/** Smallest and largest integer of each integer type. */
const integerRanges: Readonly<Record<ElementType, readonly [number, number] | undefined>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  float32: undefined,
};

/** Width of one element in bits. */
export function elementBits(type: ElementType): number {
  return bitsOf[type];
}

/** Smallest and largest value of an integer type; undefined for floats. */
export function integerRange(type: ElementType): readonly [number, number] | undefined {
  return integerRanges[type];
}

/**
 * Product of the dimensions; 1 for the empty shape of a scalar. Throws InputError (path `shape[i]`) unless every
 * dimension is a positive integer and the product is at most 2^31.
 */
export function elementCount(shape: readonly number[]): number {
  if (shape.length > maximumRank) {
    throw new InputError({
      path: "shape",
      message: "too many axes",
      found: String(shape.length),
      expected: `at most ${maximumRank}`,
    });
  }
  let count = 1;
  for (const [axis, dimension] of shape.entries()) {
    if (!Number.isInteger(dimension) || dimension < 1) {
      throw new InputError({
        path: `shape[${axis}]`,
        message: "bad dimension",
        found: String(dimension),
        expected: "a positive integer",
      });
    }
    count *= dimension;
    if (count > maximumElements) {
      throw new InputError({
        path: "shape",
        message: "tensor too large",
        found: shape.join(" x "),
        expected: "at most 2^31 elements",
      });
    }
  }
  return count;
}

/** Elements between neighbours along each axis of a row-major tensor: [I, J, K] gives [J K, K, 1]. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const dimension of shape.toReversed()) {
    strides.push(stride);
    stride *= dimension;
  }
  return strides.reverse();
}

/**
 * The two-dimensional view [rows, columns] of a row-major tensor that matrix formats and generators use: a matrix
 * as it is, a higher rank as [first, product of the rest], a vector as one row, a scalar as 1 x 1.
 */
export function matrixShape(shape: readonly number[]): readonly [rows: number, columns: number] {
  const count = elementCount(shape);
  const first = shape.length < 2 ? 1 : (shape[0] ?? 1);
  return [first, count / first];
}

/** Zeros of an element type. Throws InputError when the memory for them cannot be had. */
export function zeros(type: ElementType, count: number): TensorData {
  try {
    switch (type) {
      case "int8":
        return new Int8Array(count);
      case "uint8":
        return new Uint8Array(count);
      case "int16":
        return new Int16Array(count);
      case "int32":
        return new Int32Array(count);
      case "float32":
        return new Float32Array(count);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError({ message: "tensor does not fit into memory", found: `${count} ${type} elements` });
  }
}

/** The element type that a typed array holds. */
export function elementTypeOf(data: TensorData): ElementType {
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Int16Array) return "int16";
  if (data instanceof Int32Array) return "int32";
  return "float32";
}

/**
 * A tensor of `shape`: zeros without `data`; a typed array of the right type is adopted, not copied; anything else
 * is copied element by element. Throws InputError for a bad shape (as `elementCount`), a length other than the
 * product of the shape, or a number that the type cannot hold (path `data[i]`).
 */
export function tensor(type: ElementType, shape: readonly number[], data?: TensorData | readonly number[]): Tensor {
  if (!elementTypes.includes(type)) {
    throw new InputError({
      path: "type",
      message: "unknown element type",
      found: type,
      expected: `one of ${elementTypes.join(", ")}`,
      known: elementTypes,
    });
  }
  const count = elementCount(shape);
  if (data !== undefined && data.length !== count) {
    throw new InputError({
      path: "data",
      message: "wrong number of elements",
      found: String(data.length),
      expected: `${count} for shape [${shape.join(", ")}]`,
    });
  }
  const own = [...shape];
  if (data === undefined) return { type, shape: own, data: zeros(type, count) };
  if (ArrayBuffer.isView(data) && elementTypeOf(data) === type) return { type, shape: own, data };
  return { type, shape: own, data: converted(type, data) };
}

function converted(type: ElementType, numbers: ArrayLike<number>): TensorData {
  const data = zeros(type, numbers.length);
  const range = integerRange(type);
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] ?? Number.NaN;
    if (range === undefined) {
      if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
        throw new InputError({ path: `data[${i}]`, message: "number too large for float32", found: String(value) });
      }
    } else if (!Number.isInteger(value) || value < range[0] || value > range[1]) {
      throw new InputError({
        path: `data[${i}]`,
        message: `not an ${type}`,
        found: String(value),
        expected: `an integer from ${range[0]} to ${range[1]}`,
      });
    }
    data[i] = value;
  }
  return data;
}

/** The elements as unsigned words of their own width, on the same memory. */
export type Words = Uint8Array | Uint16Array | Uint32Array;

/**
 * The words under `data`. Kernels work on words because three classes of typed array stay within what the
 * just-in-time compiler specialises a loop for (four), where the five element types would not.
 */
export function wordsOf(data: TensorData): Words {
  switch (data.BYTES_PER_ELEMENT) {
    case 1:
      return new Uint8Array(data.buffer, data.byteOffset, data.length);
    case 2:
      return new Uint16Array(data.buffer, data.byteOffset, data.length);
    default:
      return new Uint32Array(data.buffer, data.byteOffset, data.length);
  }
}

/**
 * The bits of a word that make an element non-zero: all of them, but for a float's sign. So -0 is a zero (and a
 * compressed tensor gives it back as +0), and NaN is not.
 */
export function magnitudeMask(type: ElementType): number {
  return type === "float32" ? 0x7fffffff : -1;
}

/** Number of elements that are not zero; NaN counts, -0 does not. */
export function countNonZeros(tensor: Tensor): number {
  const words = wordsOf(tensor.data);
  const mask = magnitudeMask(tensor.type);
  let count = 0;
  for (let i = 0; i < words.length; i++) count += ((words[i] ?? 0) & mask) !== 0 ? 1 : 0;
  return count;
}

/** Fraction of elements that are not zero, 0 to 1. */
export function density(tensor: Tensor): number {
  return countNonZeros(tensor) / tensor.data.length;
}

/** The coordinates of the element at a row-major index, one for each axis. */
export function coordinatesOf(shape: readonly number[], index: number): number[] {
  let rest = index;
  return rowMajorStrides(shape).map((stride) => {
    const coordinate = Math.floor(rest / stride);
    rest -= coordinate * stride;
    return coordinate;
  });
}

/** Throws InputError, with the coordinates of the element, when a float tensor holds NaN or an infinity. */
export function requireFinite(tensor: Tensor, name: string): void {
  if (tensor.type !== "float32") return;
  const { data } = tensor;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    if (!Number.isFinite(value)) {
      const place = coordinatesOf(tensor.shape, i).join(", ");
      throw new InputError({ path: `${name}[${place}]`, message: "not a finite number", found: String(value) });
    }
  }
}
