// Decodes PNG images (all bit depths and colour types, not interlaced) with the platform's own inflate.

import { InputError } from "../base/error.ts";

/** Eight-bit RGBA pixels, row by row from the top left. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Largest image that is decoded: 100 megapixels, 400 MB of RGBA. */
export const maximumPixels = 100e6;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
}

const samplesPerPixel: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const signature = [137, 80, 78, 71, 13, 10, 26, 10];

export const isPng = (bytes: Uint8Array): boolean => signature.every((byte, index) => bytes[index] === byte);

/**
 * The pixels of a PNG file; 16-bit samples keep their upper byte, transparency stays in the fourth channel.
 * @throws InputError for truncated, damaged, interlaced or oversized images.
 */
export async function decodePng(bytes: Uint8Array, file: string): Promise<Image> {
  const fault = (message: string, found?: string) =>
    new InputError({ file, message, ...(found === undefined ? {} : { found }) });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let header: Header | undefined;
  let palette: Uint8Array = new Uint8Array();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let ended = false;
  for (let at = 8; !ended && at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    const body = bytes.subarray(at + 8, at + 8 + length);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IHDR") header = readHeader(body, fault);
    else if (type === "PLTE") palette = body;
    else if (type === "IDAT") parts.push(new Uint8Array(body));
    else if (type === "IEND") ended = true;
    at += 12 + length;
  }
  if (header === undefined || !ended) throw fault("truncated or damaged PNG image");
  const bits = header.depth * (samplesPerPixel[header.colour] ?? 1);
  const rowBytes = Math.ceil((header.width * bits) / 8);
  const raw = await inflate(parts, (rowBytes + 1) * header.height, fault);
  unfilter(raw, rowBytes, Math.max(1, bits >> 3), fault);
  return { width: header.width, height: header.height, data: toRgba(raw, rowBytes, header, palette) };
}

type Faulting = (message: string, found?: string) => InputError;

function readHeader(body: Uint8Array, fault: Faulting): Header {
  if (body.length !== 13) throw fault("damaged PNG header");
  const view = new DataView(body.buffer, body.byteOffset, 13);
  const [width, height, depth, colour] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)];
  if (width === 0 || height === 0 || width * height > maximumPixels) {
    throw fault("image size outside 1 pixel to 100 megapixels", `${String(width)} x ${String(height)}`);
  }
  if (samplesPerPixel[colour] === undefined || ![1, 2, 4, 8, 16].includes(depth)) throw fault("damaged PNG header");
  if (view.getUint8(12) !== 0) throw fault("interlaced PNG images are not supported");
  return { width, height, depth, colour };
}

/** Exactly `expected` bytes; a stream that holds more (or is damaged) is refused before it can fill the memory. */
async function inflate(
  parts: readonly Uint8Array<ArrayBuffer>[],
  expected: number,
  fault: Faulting,
): Promise<Uint8Array> {
  const result = new Uint8Array(expected);
  let filled = 0;
  try {
    const pixels: ReadableStream<Uint8Array> = new Blob([...parts])
      .stream()
      .pipeThrough(new DecompressionStream("deflate"));
    const reader = pixels.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (filled + chunk.value.length > expected) {
        await reader.cancel();
        throw fault("damaged PNG image: more pixels than its header says");
      }
      result.set(chunk.value, filled);
      filled += chunk.value.length;
    }
  } catch (error) {
    throw error instanceof InputError ? error : fault("damaged PNG image: its pixels do not inflate");
  }
  if (filled !== expected) {
    throw fault("truncated PNG image", `${String(filled)} of ${String(expected)} bytes of pixels`);
  }
  return result;
}

/** Undoes the row filters in place (PNG specification, section 9). */
function unfilter(raw: Uint8Array, rowBytes: number, step: number, fault: Faulting): void {
  for (let start = 0; start < raw.length; start += rowBytes + 1) {
    const filter = raw[start] ?? 0;
    if (filter > 4) throw fault("damaged PNG image: unknown row filter", String(filter));
    for (let i = start + 1; i <= start + rowBytes; i++) {
      const left = i - step > start ? (raw[i - step] ?? 0) : 0;
      const above = start > 0 ? (raw[i - rowBytes - 1] ?? 0) : 0;
      const corner = start > 0 && i - step > start ? (raw[i - rowBytes - 1 - step] ?? 0) : 0;
      raw[i] = (raw[i] ?? 0) + prediction(filter, left, above, corner);
    }
  }
}

function prediction(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const [toLeft, toAbove, toCorner] = [
    Math.abs(above - corner),
    Math.abs(left - corner),
    Math.abs(left + above - 2 * corner),
  ];
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
}

function toRgba(
  raw: Uint8Array,
  rowBytes: number,
  { width, height, depth, colour }: Header,
  palette: Uint8Array,
): Uint8Array {
  const samples = samplesPerPixel[colour] ?? 1;
  const scale = colour === 3 || depth >= 8 ? 1 : 255 / (2 ** depth - 1);
  const data = new Uint8Array(width * height * 4);
  const sample = (row: number, index: number): number => {
    const base = row * (rowBytes + 1) + 1;
    if (depth >= 8) return raw[base + index * (depth >> 3)] ?? 0;
    const bit = index * depth;
    return (((raw[base + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1)) * scale;
  };
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      const first = sample(y, x * samples);
      const grey = samples <= 2;
      data[to] = colour === 3 ? (palette[first * 3] ?? 0) : first;
      data[to + 1] = colour === 3 ? (palette[first * 3 + 1] ?? 0) : grey ? first : sample(y, x * samples + 1);
      data[to + 2] = colour === 3 ? (palette[first * 3 + 2] ?? 0) : grey ? first : sample(y, x * samples + 2);
      data[to + 3] = samples === 2 ? sample(y, x * samples + 1) : samples === 4 ? sample(y, x * samples + 3) : 255;
    }
  }
  return data;
}
