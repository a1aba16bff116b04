// One initialiser: its dimensions, element type and bytes (in the file, in typed fields or in an external file)
// checked at once, its values decoded when first read.

import { InputError } from "../../base/error.ts";
import type { Constant } from "./constant.ts";
import { elementCount, lazyConstant } from "./constant.ts";
import type { NumberArray } from "./data-type.ts";
import { allocate, each, elementFormat, fromBfloat16, fromFloat16, onnxType } from "./data-type.ts";
import type { TensorProto } from "./generated/onnx_pb.ts";
import type { OnnxNode } from "./model.ts";
import { checkShape, modelFault } from "./model.ts";

/** Where an initialiser belongs, and how its external file (a path relative to the model) is read. */
export interface TensorPlace {
  readonly file: string;
  readonly node?: OnnxNode;
  readonly tensor: string;
  readonly externalData?: (path: string) => Uint8Array;
}

/**
 * The constant that a TensorProto holds.
 * @throws InputError for negative or absurd dimensions, unknown types, too few or too many bytes, bad external
 * locations; and, when the values are read, for NaN.
 */
export function readTensor(proto: TensorProto, place: TensorPlace): Constant {
  const where = { tensor: place.tensor, ...(place.node === undefined ? {} : { node: place.node }) };
  const shape = proto.dims.map(Number);
  checkShape(place.file, where, shape);
  const count = elementCount(shape);
  const format = elementFormat(proto.dataType);
  if (format === undefined) {
    throw modelFault(place.file, where, {
      message: "unknown element type",
      found: String(proto.dataType),
      expected: "an ONNX data type code",
    });
  }
  const external = proto.dataLocation === 1;
  const bytes = external ? externalBytes(proto, place, where) : proto.rawData;
  const raw = external || bytes.length > 0;
  const expectedBytes = Math.ceil((count * format.bits) / 8);
  if (raw && bytes.length !== expectedBytes) {
    throw modelFault(place.file, where, {
      message: `data does not fit its dimensions [${shape.join(", ")}]`,
      found: `${String(bytes.length)} bytes`,
      expected: `${String(expectedBytes)} bytes`,
    });
  }
  if (!raw) checkTypedLength(proto, count, place.file, where);
  const decode = (): NumberArray | undefined => {
    const values = raw
      ? format.fromBytes?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), count)
      : typedValues(proto, count);
    if (values !== undefined && format.floating) {
      const bad = values.findIndex((value: number) => Number.isNaN(value));
      if (bad >= 0) {
        throw modelFault(place.file, where, { message: `element ${String(bad)} is not a number`, found: "NaN" });
      }
    }
    return values;
  };
  return lazyConstant(proto.dataType, shape, decode);
}

function typedField(proto: TensorProto): ArrayLike<number | bigint | Uint8Array> {
  switch (proto.dataType) {
    case onnxType.float32:
      return proto.floatData;
    case onnxType.float64:
      return proto.doubleData;
    case onnxType.int64:
      return proto.int64Data;
    case onnxType.uint32:
    case onnxType.uint64:
      return proto.uint64Data;
    case onnxType.string:
      return proto.stringData;
    default:
      return proto.int32Data;
  }
}

function checkTypedLength(
  proto: TensorProto,
  count: number,
  file: string,
  where: { node?: OnnxNode; tensor?: string },
): void {
  const bits = elementFormat(proto.dataType)?.bits ?? 32;
  // Sub-byte elements are packed into bytes, one byte an entry; complex numbers take two entries.
  const complex = proto.dataType === 14 || proto.dataType === 15;
  const expected = complex ? count * 2 : bits > 0 && bits < 8 ? Math.ceil((count * bits) / 8) : count;
  const field = proto.dataType === 14 ? proto.floatData : proto.dataType === 15 ? proto.doubleData : typedField(proto);
  if (field.length === expected) return;
  throw modelFault(file, where, {
    message: `data does not fit its dimensions [${proto.dims.join(", ")}]`,
    found: `${String(field.length)} values`,
    expected: `${String(expected)} values`,
  });
}

function typedValues(proto: TensorProto, count: number): NumberArray | undefined {
  const field = typedField(proto);
  switch (proto.dataType) {
    case onnxType.float16:
      return each(allocate(1, count), (i) => fromFloat16((proto.int32Data[i] ?? 0) & 0xffff));
    case onnxType.bfloat16:
      return fromBfloat16(proto.int32Data);
    case onnxType.uint4:
    case onnxType.int4: {
      const bytes = Uint8Array.from(proto.int32Data);
      return elementFormat(proto.dataType)?.fromBytes?.(new DataView(bytes.buffer), count);
    }
    default:
      if (elementFormat(proto.dataType)?.fromBytes === undefined) return undefined;
      return each(allocate(proto.dataType, count), (i) => Number(field[i] ?? 0));
  }
}

function externalBytes(
  proto: TensorProto,
  place: TensorPlace,
  where: { node?: OnnxNode; tensor?: string },
): Uint8Array {
  const entries = new Map(proto.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get("location");
  if (location === undefined || location === "") {
    throw modelFault(place.file, where, { message: "external data has no location" });
  }
  if (!staysInFolder(location)) {
    throw modelFault(place.file, where, {
      message: "external data lies outside the folder of the model",
      found: location,
      expected: "a relative path without ..",
    });
  }
  if (place.externalData === undefined) {
    throw modelFault(place.file, where, {
      message: "external data cannot be read here",
      found: location,
      expected: "a model file beside its data file",
    });
  }
  const file = readExternal(place, where, location);
  const offset = wholeNumber(entries.get("offset") ?? "0");
  const length = wholeNumber(entries.get("length") ?? String(file.length - (offset ?? 0)));
  if (offset === undefined || length === undefined || offset + length > file.length) {
    throw modelFault(place.file, where, {
      message: `external data lies beyond the end of "${location}"`,
      found: `offset ${entries.get("offset") ?? "0"}, length ${entries.get("length") ?? "to the end"}`,
      expected: `within ${String(file.length)} bytes`,
    });
  }
  return file.subarray(offset, offset + length);
}

/** Whether a path is relative and without `..`: one that leaves the folder of the model could read any file of the user. */
export function staysInFolder(location: string): boolean {
  const parts = location.split(/[\\/]/);
  return !parts.includes("..") && parts[0] !== "" && !/^[a-zA-Z]:/.test(location) && !location.includes("\0");
}

function readExternal(place: TensorPlace, where: { node?: OnnxNode; tensor?: string }, location: string): Uint8Array {
  try {
    return place.externalData?.(location) ?? new Uint8Array();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw modelFault(place.file, where, { message: `external data file cannot be read: ${reason}`, found: location });
  }
}

const wholeNumber = (text: string): number | undefined => {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
};
