// Storage formats: a format is data such as `csr(32, 32)`; this file encodes, decodes and prices any of them through a
// closed table. Matrix formats (CSR, CSC, COO, N:M, DBB) see a tensor as [first dimension, product of the rest].

import { InputError } from "../base/error.ts";
import { countNonZeros, elementBits, elementCount } from "./tensor.ts";
import type { ElementType, Tensor } from "./tensor.ts";
import { bitmapOperations } from "./format/bitmap.ts";
import type { BitmapFormat } from "./format/bitmap.ts";
import { cooOperations } from "./format/coo.ts";
import type { CooFormat } from "./format/coo.ts";
import { cscOperations } from "./format/csc.ts";
import type { CscFormat } from "./format/csc.ts";
import { csrOperations } from "./format/csr.ts";
import type { CsrFormat } from "./format/csr.ts";
import { dbbOperations } from "./format/dbb.ts";
import type { DbbFormat } from "./format/dbb.ts";
import { denseOperations } from "./format/dense.ts";
import type { DenseFormat } from "./format/dense.ts";
import { statisticsOf } from "./format/encoded.ts";
import type { Encoded, FormatOperations, Streams, TensorStatistics } from "./format/encoded.ts";
import { nmOperations } from "./format/nm.ts";
import type { NmFormat } from "./format/nm.ts";
import { runLengthOperations } from "./format/run-length.ts";
import type { RunLengthFormat } from "./format/run-length.ts";
import { zvcOperations } from "./format/zvc.ts";
import type { ZvcFormat } from "./format/zvc.ts";

export { bitmap } from "./format/bitmap.ts";
export { coo } from "./format/coo.ts";
export { compressColumns, csc } from "./format/csc.ts";
export { compressRows, csr } from "./format/csr.ts";
export { blockBound } from "./format/block.ts";
export { dbb } from "./format/dbb.ts";
export { dense } from "./format/dense.ts";
export { statisticsOf } from "./format/encoded.ts";
export { nm } from "./format/nm.ts";
export { runLength } from "./format/run-length.ts";
export { zvc } from "./format/zvc.ts";
export type { BitStream } from "./format/bits.ts";
export type { Compressed } from "./format/csr.ts";
export type { Encoded, FormatParameter, Streams, TensorStatistics } from "./format/encoded.ts";

interface FormatByKind {
  readonly dense: DenseFormat;
  readonly bitmap: BitmapFormat;
  readonly csr: CsrFormat;
  readonly csc: CscFormat;
  readonly coo: CooFormat;
  readonly "run-length": RunLengthFormat;
  readonly nm: NmFormat;
  readonly dbb: DbbFormat;
  readonly zvc: ZvcFormat;
}

export type FormatKind = keyof FormatByKind;

/** A storage format: plain data. */
export type Format = FormatByKind[FormatKind];

type FormatTable = { readonly [Kind in FormatKind]: FormatOperations<FormatByKind[Kind]> };

const table: FormatTable = {
  dense: denseOperations,
  bitmap: bitmapOperations,
  csr: csrOperations,
  csc: cscOperations,
  coo: cooOperations,
  "run-length": runLengthOperations,
  nm: nmOperations,
  dbb: dbbOperations,
  zvc: zvcOperations,
};

/** Every kind of format, and its parameters in the order of its constructor's arguments. */
export const formatKinds: readonly FormatKind[] = [
  "dense",
  "bitmap",
  "csr",
  "csc",
  "coo",
  "run-length",
  "nm",
  "dbb",
  "zvc",
];

function operationsOf<Kind extends FormatKind>(format: { readonly kind: Kind }): FormatOperations<FormatByKind[Kind]> {
  return table[format.kind];
}

/** The tensor's bits in `format`. Throws InputError where the tensor or the widths do not fit the format. */
export function encode<F extends Format>(tensor: Tensor, format: F): Encoded<F> {
  checkFormat(format);
  return { ...operationsOf(format).encode(tensor, format), format };
}

/** The tensor that was encoded (float -0 comes back as +0). Throws InputError when the streams are damaged. */
export function decode(encoded: Encoded<Format>): Tensor {
  checkFormat(encoded.format);
  return operationsOf(encoded.format).decode(encoded, encoded.format);
}

/** Bits that an encoded tensor occupies: its stored values and its metadata streams. */
export function encodedBits(encoded: Streams): number {
  let bits = encoded.values.length * elementBits(encoded.type);
  for (const stream of Object.values(encoded.metadata)) bits += stream.bits;
  return bits;
}

/**
 * Exact size in bits of a tensor in `format`, equal to `encodedBits(encode(tensor, format))`, without encoding.
 * Throws InputError as `encode` does. From statistics alone the block bounds of N:M and DBB cannot be checked.
 */
export function sizeBits(subject: Tensor | TensorStatistics, format: Format): number {
  checkFormat(format);
  const operations = operationsOf(format);
  if (!("data" in subject)) return operations.sizeBits(subject, format);
  operations.requireFit?.(subject, format);
  if (format.kind === "run-length") return operations.sizeBits(statisticsOf(subject), format);
  const { type, shape } = subject;
  return operations.sizeBits({ type, shape, nonZeros: countNonZeros(subject), zeroRuns: [] }, format);
}

/**
 * Size in bits of a tensor that is known by shape and density alone, expected over uniformly random positions. N:M
 * and DBB are taken as pruned to fit. Throws InputError for a density outside 0 to 1 and where widths do not fit.
 */
export function expectedSizeBits(type: ElementType, shape: readonly number[], density: number, format: Format): number {
  checkFormat(format);
  if (!(density >= 0 && density <= 1)) {
    throw new InputError({
      path: "density",
      message: "bad density",
      found: String(density),
      expected: "a number from 0 to 1",
    });
  }
  const operations = operationsOf(format);
  if (operations.expectedBits !== undefined) return operations.expectedBits(type, shape, density, format);
  return operations.sizeBits({ type, shape, nonZeros: density * elementCount(shape), zeroRuns: [] }, format);
}

/** Throws InputError for an unknown kind or a parameter out of range. */
export function checkFormat(format: Format): void {
  if (!Object.hasOwn(table, format.kind)) throw unknownKind(format.kind);
  const operations = operationsOf(format);
  const values = operations.valuesOf(format);
  for (const [i, parameter] of operations.parameters.entries()) {
    const value = values[i] ?? Number.NaN;
    if (Number.isInteger(value) && value >= parameter.minimum && value <= parameter.maximum) continue;
    throw new InputError({
      path: `${format.kind}.${parameter.name}`,
      message: "bad format parameter",
      found: String(value),
      expected: `an integer from ${parameter.minimum} to ${parameter.maximum}`,
    });
  }
  operations.check?.(format);
}

/** A format as a person writes it: `csr(32, 32)`, `dense`. `parseFormat` reads it back. */
export function formatText(format: Format): string {
  const values = operationsOf(format).valuesOf(format);
  return values.length === 0 ? format.kind : `${format.kind}(${values.join(", ")})`;
}

/**
 * Reads `csr`, `csr(16)`, `run-length(5)`, `dbb(4, 8)` ...; missing parameters take their defaults. Throws InputError
 * for an unknown kind, a missing or surplus parameter, or a value out of range.
 */
export function parseFormat(text: string): Format {
  const match = /^\s*([A-Za-z-]+)\s*(?:\(([^()]*)\))?\s*$/.exec(text);
  const word = match?.[1] ?? text;
  const kind = formatKinds.find((candidate) => candidate === word.toLowerCase());
  if (match === null || kind === undefined) throw unknownKind(word);
  const operations: FormatTable[FormatKind] = table[kind];
  const list = match[2]?.trim() ?? "";
  const given =
    list === "" ? [] : list.split(",").map((part) => (/^\s*\d{1,9}\s*$/.test(part) ? Number(part) : Number.NaN));
  const bad = given.findIndex((value) => Number.isNaN(value));
  const signature = `${kind}(${operations.parameters.map((parameter) => parameter.name).join(", ")})`;
  if (bad >= 0 || given.length > operations.parameters.length) {
    throw new InputError({ message: "bad format", found: text, expected: `${signature} with whole numbers` });
  }
  const values = operations.parameters.map((parameter, i) => {
    const value = given[i] ?? parameter.default;
    if (value === undefined) {
      throw new InputError({ message: `format lacks ${parameter.name}`, found: text, expected: signature });
    }
    return value;
  });
  const format = operations.create(values);
  checkFormat(format);
  return format;
}

function unknownKind(word: string): InputError {
  return new InputError({
    message: "unknown storage format",
    found: word,
    expected: `one of ${formatKinds.join(", ")}`,
    known: formatKinds,
  });
}
