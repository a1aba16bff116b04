// NumPy's .npy files, versions 1 to 3, to tensors and back; on bytes, without file access.
//
// Element types that a tensor has are taken as they are. Others are converted: bool to uint8 (0 or 1); uint16, uint32,
// int64 and uint64 to int32, an error where a value does not fit; float16 and float64 to float32, rounded to nearest,
// an error where a finite value is beyond float32. Big-endian data and Fortran order are turned into little-endian
// row-major. Format: numpy.lib.format (NEP 1).

import { InputError } from "../base/error.ts";
import { elementCount, wordsOf, zeros } from "../tensor/tensor.ts";
import type { ElementType, Tensor } from "../tensor/tensor.ts";
import { parseNpyHeader } from "./npy-header.ts";

/** How a NumPy element is stored, what it becomes, and how one is read. */
interface Source {
  readonly bytes: number;
  readonly type: ElementType;
  /** True where the bits are those of the tensor's own type. */
  readonly direct: boolean;
  read(view: DataView, position: number, littleEndian: boolean): number;
}

const sources: Readonly<Record<string, Source>> = {
  b1: { bytes: 1, type: "uint8", direct: false, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  i1: { bytes: 1, type: "int8", direct: true, read: (view, at) => view.getInt8(at) },
  u1: { bytes: 1, type: "uint8", direct: true, read: (view, at) => view.getUint8(at) },
  i2: { bytes: 2, type: "int16", direct: true, read: (view, at, little) => view.getInt16(at, little) },
  u2: { bytes: 2, type: "int32", direct: false, read: (view, at, little) => view.getUint16(at, little) },
  i4: { bytes: 4, type: "int32", direct: true, read: (view, at, little) => view.getInt32(at, little) },
  u4: { bytes: 4, type: "int32", direct: false, read: (view, at, little) => view.getUint32(at, little) },
  i8: { bytes: 8, type: "int32", direct: false, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u8: { bytes: 8, type: "int32", direct: false, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  f2: {
    bytes: 2,
    type: "float32",
    direct: false,
    read: (view, at, little) => halfToNumber(view.getUint16(at, little)),
  },
  f4: { bytes: 4, type: "float32", direct: true, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, type: "float32", direct: false, read: (view, at, little) => view.getFloat64(at, little) },
};

const descriptors: Readonly<Record<ElementType, string>> = {
  int8: "|i1",
  uint8: "|u1",
  int16: "<i2",
  int32: "<i4",
  float32: "<f4",
};

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The array of a .npy file as a tensor, converted as the head of this file says. `file` names it in errors. Throws
 * InputError, with the byte position, for anything that is not one whole array of numbers.
 */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const header = parseNpyHeader(bytes, file);
  const match = /^([<>|=])([a-zA-Z]\d+)$/.exec(header.descriptor);
  const word = match?.[2] ?? "";
  const source = Object.hasOwn(sources, word) ? sources[word] : undefined;
  if (match === null || source === undefined) {
    const known = Object.keys(sources);
    throw new InputError({
      file,
      message: `unsupported element type (descr) at byte ${header.start}`,
      found: header.descriptor,
      expected: `numbers: one of ${known.join(", ")}`,
    });
  }
  const count = countOf(header.shape, file);
  const expected = header.dataStart + count * source.bytes;
  if (bytes.length !== expected) {
    const what = bytes.length < expected ? "truncated" : "has bytes after the array";
    throw new InputError({
      file,
      message: `file ${what} at byte ${Math.min(bytes.length, expected)}`,
      found: `${bytes.length} bytes`,
      expected: `${expected} bytes for shape [${header.shape.join(", ")}] of ${header.descriptor}`,
    });
  }
  const little = match[1] === "<" || (match[1] !== ">" && hostIsLittleEndian);
  const data = zeros(source.type, count);
  if (source.direct && (source.bytes === 1 || little === hostIsLittleEndian)) {
    new Uint8Array(data.buffer).set(bytes.subarray(header.dataStart));
  } else {
    convert(source, bytes, header.dataStart, little, data, file);
  }
  const ordered = header.fortranOrder ? rowMajor(source.type, header.shape, data) : data;
  return { type: source.type, shape: header.shape, data: ordered };
}

function countOf(shape: readonly number[], file: string): number {
  try {
    return elementCount(shape);
  } catch (error) {
    if (error instanceof InputError) throw new InputError({ ...error.fault, file });
    throw error;
  }
}

function convert(
  source: Source,
  bytes: Uint8Array,
  start: number,
  little: boolean,
  data: Tensor["data"],
  file: string,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = source.type === "float32";
  for (let i = 0; i < data.length; i++) {
    const at = start + i * source.bytes;
    const value = source.read(view, at, little);
    data[i] = value;
    const fits = floats ? Number.isFinite(data[i]) || !Number.isFinite(value) : data[i] === value;
    if (!fits) {
      throw new InputError({
        file,
        message: `element at byte ${at} does not fit ${source.type}`,
        found: String(value),
      });
    }
  }
}

/** Column-major data as row-major: the first axis of the source runs fastest. */
function rowMajor(type: ElementType, shape: readonly number[], data: Tensor["data"]): Tensor["data"] {
  const ordered = zeros(type, data.length);
  const from = wordsOf(data);
  const to = wordsOf(ordered);
  const strides: number[] = [];
  let stride = 1;
  for (const dimension of shape) {
    strides.push(stride);
    stride *= dimension;
  }
  const place = shape.map(() => 0);
  let index = 0;
  for (let next = 0; next < to.length; next++) {
    to[next] = from[index] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const moved = (place[axis] ?? 0) + 1;
      const dimension = shape[axis] ?? 1;
      index += strides[axis] ?? 0;
      place[axis] = moved;
      if (moved < dimension) break;
      index -= dimension * (strides[axis] ?? 0);
      place[axis] = 0;
    }
  }
  return ordered;
}

/** IEEE 754 binary16. */
function halfToNumber(half: number): number {
  const sign = half >= 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The bytes of a .npy file, version 1.0, little-endian and row-major, as `numpy.save` writes them. */
export function writeNpy({ type, shape, data }: Tensor): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${descriptors[type]}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  // Magic, version and length take 10 bytes; the header is padded so that the data start at a multiple of 64.
  const start = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (start - 10) & 0xff, (start - 10) >> 8]);
  bytes.fill(0x20, 10, start - 1);
  bytes.set(new TextEncoder().encode(dictionary), 10);
  bytes[start - 1] = 0x0a;
  const size = data.BYTES_PER_ELEMENT;
  if (hostIsLittleEndian || size === 1) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
    return bytes;
  }
  const words = wordsOf(data);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < words.length; i++) {
    if (size === 2) view.setUint16(start + 2 * i, words[i] ?? 0, true);
    else view.setUint32(start + 4 * i, words[i] ?? 0, true);
  }
  return bytes;
}
