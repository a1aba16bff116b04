// Bit-packed streams, least significant bit first: what the metadata of a storage format really occupies.

/** `bits` bits; bit i is bit i mod 8 of byte floor(i / 8), and the last byte is padded with zeros. */
export interface BitStream {
  readonly bits: number;
  readonly bytes: Uint8Array;
}

/** Fields of `width` bits (0 to 32) one after another; higher bits of a field are dropped. */
export function packFields(fields: Uint32Array, width: number): BitStream {
  const bits = fields.length * width;
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  if (width % 8 === 0) packBytes(fields, width / 8, bytes);
  else packOdd(fields, width, bytes);
  return { bits, bytes };
}

function packBytes(fields: Uint32Array, size: number, bytes: Uint8Array): void {
  let next = 0;
  for (let i = 0; i < fields.length; i++) {
    let field = fields[i] ?? 0;
    for (let k = 0; k < size; k++) {
      bytes[next++] = field;
      field >>>= 8;
    }
  }
}

/** Two halves of at most 16 bits each, so that a half and the up to 7 bits before it fit one 32-bit integer. */
function packOdd(fields: Uint32Array, width: number, bytes: Uint8Array): void {
  const low = Math.min(width, 16);
  const high = width - low;
  const lowMask = 2 ** low - 1;
  const highMask = 2 ** high - 1;
  let pending = 0;
  let count = 0;
  let next = 0;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? 0;
    pending |= (field & lowMask) << count;
    for (count += low; count >= 8; count -= 8) {
      bytes[next++] = pending;
      pending >>>= 8;
    }
    if (high === 0) continue;
    pending |= ((field >>> 16) & highMask) << count;
    for (count += high; count >= 8; count -= 8) {
      bytes[next++] = pending;
      pending >>>= 8;
    }
  }
  if (count > 0) bytes[next] = pending;
}

/** The first `count` fields of `width` bits (0 to 32); bits past the end of the stream read as zeros. */
export function unpackFields(stream: BitStream, width: number, count: number): Uint32Array {
  const fields = new Uint32Array(count);
  const { bytes } = stream;
  for (let i = 0; i < count; i++) {
    const first = i * width;
    let byte = Math.floor(first / 8);
    let field = (bytes[byte++] ?? 0) >>> (first % 8);
    let have = 8 - (first % 8);
    while (have < width) {
      // A shift by 32 would wrap round to 0, but `have` is at most 31 here; bits shifted past 32 fall away.
      field |= (bytes[byte++] ?? 0) << have;
      have += 8;
    }
    fields[i] = width === 32 ? field : field & (2 ** width - 1);
  }
  return fields;
}

/** `bits` bits of which those at `positions` are 1. */
export function maskOf(positions: Uint32Array, bits: number): BitStream {
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    const byte = position >>> 3;
    bytes[byte] = (bytes[byte] ?? 0) | (1 << (position & 7));
  }
  return { bits, bytes };
}

/** Positions of the ones, ascending. */
export function positionsOf(mask: BitStream): Uint32Array {
  const { bytes } = mask;
  const positions = new Uint32Array(countOnes(bytes));
  let next = 0;
  for (let byte = 0; byte < bytes.length; byte++) {
    for (let rest = bytes[byte] ?? 0; rest !== 0; rest &= rest - 1) {
      positions[next++] = byte * 8 + (31 - Math.clz32(rest & -rest));
    }
  }
  return positions;
}

function countOnes(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i] ?? 0;
    byte -= (byte >> 1) & 0x55;
    byte = (byte & 0x33) + ((byte >> 2) & 0x33);
    count += (byte + (byte >> 4)) & 0x0f;
  }
  return count;
}

/** Bits that count to `values` different values: ceil(log2(values)), exactly. */
export function bitsFor(values: number): number {
  return values <= 1 ? 0 : 32 - Math.clz32(values - 1);
}
