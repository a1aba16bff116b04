// Compression of zeros on the way to and from a memory: blocks of a mask and packed non-zeros, or as they are where that
// is smaller. Exact bytes, the rate of the decoder, its stepped reference, and its price. The storage format `zvc` is
// the same without headers and without blocks kept as they are.

import { InputError } from "../base/error.ts";
import type { Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";

export interface ZeroValueCodec {
  readonly kind: "zeroValueCodec";
  /** Elements of a block, which is the length of its mask; the last mask of a stream is whole too. */
  readonly blockElements: number;
  readonly elementBits: number;
  /** Bits in front of each block that say whether it is compressed; 0 compresses every block. */
  readonly headerBits: number;
  /** Stored elements that the decoder places in a cycle. */
  readonly elementsPerCycle: number;
}

/** @throws InputError for counts that are no whole numbers from 1, or a header below 0 bits. */
export function zeroValueCodec(parameters: Omit<ZeroValueCodec, "kind">): ZeroValueCodec {
  const { blockElements, elementBits, headerBits, elementsPerCycle } = parameters;
  for (const [path, value] of Object.entries({ blockElements, elementBits, elementsPerCycle })) {
    check(path, value, 1);
  }
  check("headerBits", headerBits, 0);
  return { kind: "zeroValueCodec", ...parameters };
}

function check(path: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new InputError({
    path,
    message: "impossible codec",
    found: String(value),
    expected: `a whole number from ${least}`,
  });
}

/** Whether a block is stored with a mask. */
const isCompressed = ({ blockElements, elementBits, headerBits }: ZeroValueCodec, elements: number, nonZeros: number) =>
  headerBits === 0 || blockElements + nonZeros * elementBits < elements * elementBits;

/** Bits of a block of `elements`, all but the last having `blockElements`. */
export function blockBits(codec: ZeroValueCodec, elements: number, nonZeros: number): number {
  const { blockElements, elementBits, headerBits } = codec;
  const stored = isCompressed(codec, elements, nonZeros)
    ? blockElements + nonZeros * elementBits
    : elements * elementBits;
  return headerBits + stored;
}

/** Cycles to decode a block: mask and values come side by side, `elementsPerCycle` stored values at a time, at least one. */
export function blockCycles(codec: ZeroValueCodec, elements: number, nonZeros: number): number {
  const stored = isCompressed(codec, elements, nonZeros) ? nonZeros : elements;
  return Math.max(1, Math.ceil(stored / codec.elementsPerCycle));
}

export interface StreamCounts {
  readonly blocks: number;
  readonly bits: number;
  readonly cycles: number;
  /** Values that the decoder places. */
  readonly values: number;
}

/** Of a whole stream: a byte for each element, 1 where it is not zero. */
export function streamCounts(codec: ZeroValueCodec, nonZeros: Uint8Array): StreamCounts {
  const { blockElements } = codec;
  let blocks = 0;
  let bits = 0;
  let cycles = 0;
  let values = 0;
  for (let start = 0; start < nonZeros.length; start += blockElements) {
    const end = Math.min(nonZeros.length, start + blockElements);
    let ones = 0;
    for (let i = start; i < end; i++) ones += nonZeros[i] ?? 0;
    blocks++;
    bits += blockBits(codec, end - start, ones);
    cycles += blockCycles(codec, end - start, ones);
    values += isCompressed(codec, end - start, ones) ? ones : end - start;
  }
  return { blocks, bits, cycles, values };
}

/** Expected bits of `elements` of which each is non-zero with probability `density`, without looking at blocks kept as they are. */
export function expectedBits(codec: ZeroValueCodec, elements: number, density: number): number {
  const { blockElements, headerBits, elementBits } = codec;
  return Math.ceil(elements / blockElements) * (blockElements + headerBits) + elements * density * elementBits;
}

/** A block as it lies in memory; without a mask the values are all its elements. */
export interface ZeroValueBlock {
  readonly elements: number;
  readonly mask?: readonly boolean[];
  readonly values: readonly number[];
}

/** The blocks of a stream of values. */
export function encodeZeroValues(codec: ZeroValueCodec, values: readonly number[]): readonly ZeroValueBlock[] {
  const blocks: ZeroValueBlock[] = [];
  for (let start = 0; start < values.length; start += codec.blockElements) {
    const block = values.slice(start, start + codec.blockElements);
    const kept = block.filter((value) => value !== 0);
    const elements = block.length;
    if (!isCompressed(codec, elements, kept.length)) blocks.push({ elements, values: block });
    else blocks.push({ elements, mask: block.map((value) => value !== 0), values: kept });
  }
  return blocks;
}

/** The decoder one cycle at a time: takes up to `elementsPerCycle` stored values of one block and places them. The reference. */
export function steppedDecode(
  codec: ZeroValueCodec,
  blocks: readonly ZeroValueBlock[],
): { readonly values: readonly number[]; readonly cycles: number } {
  const values: number[] = [];
  let cycles = 0;
  for (const block of blocks) {
    const waiting = [...block.values];
    const arrived: number[] = [];
    do {
      arrived.push(...waiting.splice(0, codec.elementsPerCycle));
      cycles++;
    } while (waiting.length > 0);
    for (let i = 0; i < block.elements; i++) values.push((block.mask?.[i] ?? true) ? (arrived.shift() ?? 0) : 0);
  }
  return { values, cycles };
}

/**
 * Energy of `mask`, one mask register written, and of `value`, one stored element placed. Area of two blocks' masks and
 * values, one arriving while the other is decoded; the shifter that aligns them is not counted.
 */
export function zeroValueCodecCost(codec: ZeroValueCodec, technology: Technology): ComponentCost {
  const mask = technology.register(codec.blockElements);
  const value = technology.register(codec.elementBits);
  return {
    energy: { mask, value },
    squareMillimetres: 2 * (mask.squareMillimetres + codec.blockElements * value.squareMillimetres),
    tables: [mask.table],
    leakageWatts: 0,
  };
}
