// What storage formats share: the encoded tensor, the statistics that decide its size, the operations that a format
// offers, and the way from a dense tensor to its non-zeros and back.

import { InputError } from "../../base/error.ts";
import { countNonZeros, coordinatesOf, elementBits, elementCount, magnitudeMask, wordsOf, zeros } from "../tensor.ts";
import type { ElementType, Tensor, TensorData } from "../tensor.ts";
import type { BitStream } from "./bits.ts";

/**
 * The bits of a tensor in some format: stored values at the element type's width, and named metadata streams. Shape,
 * type and the lengths of the streams travel in a machine's descriptors and are not counted.
 */
export interface Streams {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: TensorData;
  readonly metadata: Readonly<Record<string, BitStream>>;
}

export interface Encoded<F> extends Streams {
  readonly format: F;
}

/** What the size of a tensor depends on in any format. */
export interface TensorStatistics {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly nonZeros: number;
  /**
   * How many non-zeros have how many zeros between them and the non-zero before (row-major, from the start of the
   * tensor): [zeros, non-zeros] by ascending zeros. Zeros after the last non-zero are in no run.
   */
  readonly zeroRuns: readonly (readonly [zeros: number, nonZeros: number])[];
}

/** A format's parameter, in the order of its constructor's arguments; an integer. */
export interface FormatParameter {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default?: number;
}

/** One format. All operations throw InputError where the tensor or the widths do not fit the format. */
export interface FormatOperations<F> {
  readonly parameters: readonly FormatParameter[];
  create(values: readonly number[]): F;
  /** Parameter values in the order of `parameters`. */
  valuesOf(format: F): readonly number[];
  /** Throws where parameters contradict each other; ranges are checked by `parameters`. */
  check?(format: F): void;
  encode(tensor: Tensor, format: F): Streams;
  decode(streams: Streams, format: F): Tensor;
  /** Bits, from statistics; `zeroRuns` is used by run-length alone. */
  sizeBits(statistics: TensorStatistics, format: F): number;
  /** Throws where the tensor does not obey the format's structure. */
  requireFit?(tensor: Tensor, format: F): void;
  /** Bits expected of uniformly random positions, where `sizeBits` needs more than the number of non-zeros. */
  expectedBits?(type: ElementType, shape: readonly number[], density: number, format: F): number;
}

export interface NonZeros {
  /** Row-major indices, ascending. */
  readonly positions: Uint32Array;
  readonly values: TensorData;
}

/** Row-major positions and values of all non-zeros (NaN is one, -0 is not). */
export function collect(tensor: Tensor): NonZeros {
  const positions = positionsOfNonZeros(tensor);
  return { positions, values: gather(tensor, positions) };
}

/** Row-major positions of all non-zeros, ascending. */
export function positionsOfNonZeros(tensor: Tensor): Uint32Array {
  const words = wordsOf(tensor.data);
  const mask = magnitudeMask(tensor.type);
  const count = countNonZeros(tensor);
  // One slot more than needed: the loop writes first and counts after, which spares a branch that no predictor guesses.
  const positions = new Uint32Array(count + 1);
  let next = 0;
  for (let i = 0; i < words.length; i++) {
    positions[next] = i;
    next += ((words[i] ?? 0) & mask) !== 0 ? 1 : 0;
  }
  return positions.subarray(0, count);
}

/** The elements at `positions`, bit for bit. */
export function gather(tensor: Pick<Tensor, "type" | "data">, positions: Uint32Array): TensorData {
  const values = zeros(tensor.type, positions.length);
  const from = wordsOf(tensor.data);
  const to = wordsOf(values);
  for (let i = 0; i < positions.length; i++) to[i] = from[positions[i] ?? 0] ?? 0;
  return values;
}

/** The dense tensor that has `values` at `positions` and zeros elsewhere. Throws InputError for a bad position. */
export function scatter(streams: Streams, positions: Uint32Array, values: TensorData): Tensor {
  const { type, shape } = streams;
  const data = zeros(type, elementCount(shape));
  if (positions.length !== values.length) throw damaged("values", `${positions.length}`, values.length);
  const from = wordsOf(values);
  const to = wordsOf(data);
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    if (position >= to.length) throw damaged("positions", `below ${to.length}`, position);
    to[position] = from[i] ?? 0;
  }
  return { type, shape, data };
}

/** The error for an encoded tensor whose streams contradict each other. */
export function damaged(stream: string, expected: string, found: number): InputError {
  return new InputError({ path: stream, message: "encoded tensor is damaged", found: String(found), expected });
}

/** A metadata stream by name. Throws InputError unless it has `bits` bits. */
export function metadata(streams: Streams, name: string, bits: number): BitStream {
  const stream = streams.metadata[name];
  if (stream === undefined || stream.bits !== bits || stream.bytes.length !== Math.ceil(bits / 8)) {
    throw damaged(name, `${bits} bits`, stream?.bits ?? 0);
  }
  return stream;
}

/** Throws InputError when `largest` does not fit a field of `bits` bits. */
export function requireWidth(parameter: string, bits: number, largest: number): void {
  if (largest >= 2 ** bits) {
    throw new InputError({
      path: parameter,
      message: `${bits} bits cannot hold ${largest}`,
      found: String(bits),
      expected: `at least ${Math.ceil(Math.log2(largest + 1))}`,
    });
  }
}

/** Bits of `count` stored values. */
export function valueBits(type: ElementType, count: number): number {
  return count * elementBits(type);
}

/** Type, shape, number of non-zeros and histogram of zero runs, in one pass over the tensor. */
export function statisticsOf(tensor: Tensor): TensorStatistics {
  const positions = positionsOfNonZeros(tensor);
  const shortRuns = new Uint32Array(4096);
  const longRuns = new Map<number, number>();
  let after = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    const run = position - after;
    if (run < shortRuns.length) shortRuns[run] = (shortRuns[run] ?? 0) + 1;
    else longRuns.set(run, (longRuns.get(run) ?? 0) + 1);
    after = position + 1;
  }
  const zeroRuns: [number, number][] = [];
  for (const [run, count] of shortRuns.entries()) if (count > 0) zeroRuns.push([run, count]);
  for (const entry of [...longRuns].sort((a, b) => a[0] - b[0])) zeroRuns.push(entry);
  return { type: tensor.type, shape: tensor.shape, nonZeros: positions.length, zeroRuns };
}

/** A rule of at most `limit` non-zeros in each block, broken: names the block's first element and its length. */
export function blockTooFull(tensor: Tensor, position: number, block: number, limit: number): InputError {
  const coordinates = coordinatesOf(tensor.shape, position).join(", ");
  return new InputError({
    path: `[${coordinates}]`,
    message: `the block of ${block} elements that starts here has too many non-zeros`,
    found: `more than ${limit}`,
    expected: `at most ${limit}`,
  });
}
