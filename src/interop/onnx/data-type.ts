// Element types of ONNX tensors: their names and sizes, and how packed bytes or typed fields become numbers.

import type { Tensor, TensorData } from "../../tensor/tensor.ts";

/** Values of a constant as numbers; 64-bit integers are held in doubles (exact up to 2^53). */
export type NumberArray = TensorData | Float64Array;

/** ONNX element type codes (TensorProto.DataType) that the importer refers to by name. */
export const onnxType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
} as const;

interface ElementFormat {
  readonly name: string;
  /** Bits of one element in raw data; sub-byte elements are packed, low bits first. */
  readonly bits: number;
  readonly floating: boolean;
  /** Numbers from raw little-endian bytes; absent where this importer does not read the values. */
  readonly fromBytes?: (view: DataView, count: number) => NumberArray;
  /** An array of `count` zeros that holds these elements. */
  readonly allocate: (count: number) => NumberArray;
}

const float32s = (count: number): NumberArray => new Float32Array(count);
const float64s = (count: number): NumberArray => new Float64Array(count);
const int32s = (count: number): NumberArray => new Int32Array(count);
const int8s = (count: number): NumberArray => new Int8Array(count);
const uint8s = (count: number): NumberArray => new Uint8Array(count);

/** The bytes under a view, copied, so that typed arrays over them are aligned. */
const copied = (view: DataView, bytes: number): ArrayBuffer => {
  const copy = new Uint8Array(bytes);
  copy.set(new Uint8Array(view.buffer, view.byteOffset, bytes));
  return copy.buffer;
};

const formats = new Map<number, ElementFormat>([
  [
    1,
    {
      name: "float32",
      bits: 32,
      floating: true,
      allocate: float32s,
      fromBytes: (v, n) => new Float32Array(copied(v, n * 4)),
    },
  ],
  [2, { name: "uint8", bits: 8, floating: false, allocate: uint8s, fromBytes: (v, n) => new Uint8Array(copied(v, n)) }],
  [3, { name: "int8", bits: 8, floating: false, allocate: int8s, fromBytes: (v, n) => new Int8Array(copied(v, n)) }],
  [
    4,
    {
      name: "uint16",
      bits: 16,
      floating: false,
      allocate: int32s,
      fromBytes: (v, n) => Int32Array.from(new Uint16Array(copied(v, n * 2))),
    },
  ],
  [
    5,
    {
      name: "int16",
      bits: 16,
      floating: false,
      allocate: (n) => new Int16Array(n),
      fromBytes: (v, n) => new Int16Array(copied(v, n * 2)),
    },
  ],
  [
    6,
    {
      name: "int32",
      bits: 32,
      floating: false,
      allocate: int32s,
      fromBytes: (v, n) => new Int32Array(copied(v, n * 4)),
    },
  ],
  [
    7,
    {
      name: "int64",
      bits: 64,
      floating: false,
      allocate: float64s,
      fromBytes: (v, n) => each(float64s(n), (i) => Number(v.getBigInt64(i * 8, true))),
    },
  ],
  [8, { name: "string", bits: 0, floating: false, allocate: uint8s }],
  [9, { name: "bool", bits: 8, floating: false, allocate: uint8s, fromBytes: (v, n) => new Uint8Array(copied(v, n)) }],
  [
    10,
    {
      name: "float16",
      bits: 16,
      floating: true,
      allocate: float32s,
      fromBytes: (v, n) => each(float32s(n), (i) => fromFloat16(v.getUint16(i * 2, true))),
    },
  ],
  [
    11,
    {
      name: "float64",
      bits: 64,
      floating: true,
      allocate: float64s,
      fromBytes: (v, n) => new Float64Array(copied(v, n * 8)),
    },
  ],
  [
    12,
    {
      name: "uint32",
      bits: 32,
      floating: false,
      allocate: float64s,
      fromBytes: (v, n) => each(float64s(n), (i) => v.getUint32(i * 4, true)),
    },
  ],
  [
    13,
    {
      name: "uint64",
      bits: 64,
      floating: false,
      allocate: float64s,
      fromBytes: (v, n) => each(float64s(n), (i) => Number(v.getBigUint64(i * 8, true))),
    },
  ],
  [14, { name: "complex64", bits: 64, floating: true, allocate: float32s }],
  [15, { name: "complex128", bits: 128, floating: true, allocate: float64s }],
  [
    16,
    {
      name: "bfloat16",
      bits: 16,
      floating: true,
      allocate: float32s,
      fromBytes: (v, n) => fromBfloat16(new Uint16Array(copied(v, n * 2))),
    },
  ],
  [17, { name: "float8e4m3fn", bits: 8, floating: true, allocate: float32s }],
  [18, { name: "float8e4m3fnuz", bits: 8, floating: true, allocate: float32s }],
  [19, { name: "float8e5m2", bits: 8, floating: true, allocate: float32s }],
  [20, { name: "float8e5m2fnuz", bits: 8, floating: true, allocate: float32s }],
  [
    21,
    {
      name: "uint4",
      bits: 4,
      floating: false,
      allocate: uint8s,
      fromBytes: (v, n) => each(uint8s(n), (i) => nibble(v, i)),
    },
  ],
  [
    22,
    {
      name: "int4",
      bits: 4,
      floating: false,
      allocate: int8s,
      fromBytes: (v, n) => each(int8s(n), (i) => (nibble(v, i) << 28) >> 28),
    },
  ],
  [23, { name: "float4e2m1", bits: 4, floating: true, allocate: float32s }],
  [24, { name: "float8e8m0", bits: 8, floating: true, allocate: float32s }],
  [25, { name: "uint2", bits: 2, floating: false, allocate: uint8s }],
  [26, { name: "int2", bits: 2, floating: false, allocate: int8s }],
  [27, { name: "float6e2m3", bits: 6, floating: true, allocate: float32s }],
  [28, { name: "float6e3m2", bits: 6, floating: true, allocate: float32s }],
]);

/** The format of an ONNX element type code, or undefined for a code that the schema does not define. */
export const elementFormat = (code: number): ElementFormat | undefined => formats.get(code);

/** The name of an ONNX element type code, for messages. */
export const elementName = (code: number): string => formats.get(code)?.name ?? `type ${String(code)}`;

/** An array for folded values of the type; doubles for codes without a format. */
export const allocate = (code: number, count: number): NumberArray => (formats.get(code)?.allocate ?? float64s)(count);

/** Fills an array from a function of the index. */
export function each(target: NumberArray, value: (index: number) => number): NumberArray {
  for (let i = 0; i < target.length; i++) target[i] = value(i);
  return target;
}

/** IEEE 754 half precision bits to a number. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 bits (the upper half of a float32) to numbers. */
export function fromBfloat16(bits: ArrayLike<number>): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = (bits[i] ?? 0) << 16;
  return new Float32Array(words.buffer);
}

const nibble = (view: DataView, index: number): number => (view.getUint8(index >> 1) >> ((index & 1) * 4)) & 15;

/** The tensor that holds the same values; doubles become float32, the element types of `Tensor` stay as they are. */
export function toTensor(values: NumberArray, shape: readonly number[]): Tensor {
  const data = values instanceof Float64Array ? Float32Array.from(values) : values;
  const type =
    data instanceof Int8Array
      ? "int8"
      : data instanceof Uint8Array
        ? "uint8"
        : data instanceof Int16Array
          ? "int16"
          : data instanceof Int32Array
            ? "int32"
            : "float32";
  return { type, shape, data };
}
