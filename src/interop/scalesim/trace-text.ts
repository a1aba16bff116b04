// Traces as SCALE-Sim writes them: `cycle,address,address,...`, integers for SRAM and floats for DRAM. Rows are turned
// into bytes as they come and handed on in blocks, so that a trace of any length takes little memory.

import type { TraceFile, TraceSink } from "./trace.ts";

/** The files of a layer's traces, by SCALE-Sim's names. */
export const traceFiles: readonly TraceFile[] = [
  "IFMAP_SRAM",
  "FILTER_SRAM",
  "OFMAP_SRAM",
  "IFMAP_DRAM",
  "FILTER_DRAM",
  "OFMAP_DRAM",
];

export const traceFileName = (file: TraceFile): string => `${file}_TRACE.csv`;

/** A sink that turns rows into text. `finish` hands on what is left; nothing may follow it. */
export interface TraceText extends TraceSink {
  readonly finish: () => void;
}

const blockBytes = 2 ** 18;
/** A sign, 16 digits, a point, a zero and a separator. */
const longestNumber = 20;

interface Block {
  readonly bytes: Uint8Array;
  used: number;
  readonly width: number;
  /** DRAM's numbers are floats. */
  readonly float: boolean;
}

/**
 * The text of traces, in blocks of at most 256 KiB that `write` must use before it returns. Cycles and addresses are
 * whole numbers of less than 2^53; throws RangeError for others that it meets, and Error for a row of a file that was
 * not opened or with too few addresses.
 */
export function traceText(write: (file: TraceFile, bytes: Uint8Array) => void): TraceText {
  const blocks = new Map<TraceFile, Block>();
  return {
    open: (file, width) => {
      blocks.set(file, { bytes: new Uint8Array(blockBytes), used: 0, width, float: file.endsWith("DRAM") });
    },
    row: (file, cycle, addresses) => {
      const block = blocks.get(file);
      if (block === undefined || addresses.length < block.width) {
        throw new Error(`${file}: a row of ${addresses.length} addresses of ${block?.width ?? 0}`);
      }
      addRow(block, cycle, addresses, (bytes) => write(file, bytes));
    },
    finish: () => {
      for (const [file, { bytes, used }] of blocks) if (used > 0) write(file, bytes.subarray(0, used));
      blocks.clear();
    },
  };
}

const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const lineFeed = 0x0a;

function addRow(block: Block, cycle: number, addresses: Float64Array, write: (bytes: Uint8Array) => void): void {
  const { bytes, width, float } = block;
  const last = blockBytes - longestNumber;
  let at = block.used;
  for (let i = -1; i < width; i++) {
    if (at > last) {
      write(bytes.subarray(0, at));
      at = 0;
    }
    const value = i < 0 ? cycle : (addresses[i] ?? 0);
    if (value === -1) {
      bytes[at++] = minus;
      bytes[at++] = zero + 1;
    } else {
      at = addInteger(bytes, at, value);
    }
    if (float) {
      bytes[at++] = point;
      bytes[at++] = zero;
    }
    bytes[at++] = i === width - 1 ? lineFeed : comma;
  }
  block.used = at;
}

const billion = 1e9;

/** Writes a whole number at `at`; the index after its last digit. */
function addInteger(bytes: Uint8Array, at: number, value: number): number {
  let size = value;
  let start = at;
  if (value < 0) {
    bytes[start++] = minus;
    size = -value;
  }
  if (size < billion) return addDigits(bytes, start, size | 0, digitsOf(size | 0));
  if (!Number.isSafeInteger(size)) throw new RangeError(`a trace holds whole numbers below 2^53, not ${value}`);
  const high = Math.floor(size / billion);
  return addDigits(bytes, addDigits(bytes, start, high, digitsOf(high)), size - high * billion, 9);
}

function digitsOf(value: number): number {
  if (value < 1e4) {
    if (value < 100) return value < 10 ? 1 : 2;
    return value < 1000 ? 3 : 4;
  }
  if (value < 1e6) return value < 1e5 ? 5 : 6;
  if (value < 1e8) return value < 1e7 ? 7 : 8;
  return 9;
}

/** The tens and ones of 0 to 99: two digits at a time halve the divisions. */
const pairs = Uint8Array.from({ length: 200 }, (_, i) => zero + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

/** Writes `count` digits of a whole number below 10^9, the leading ones 0; the index after them. */
function addDigits(bytes: Uint8Array, at: number, value: number, count: number): number {
  const end = at + count;
  let position = end;
  let rest = value | 0;
  while (position - at >= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) * 2;
    bytes[--position] = pairs[pair + 1] ?? 0;
    bytes[--position] = pairs[pair] ?? 0;
    rest = next;
  }
  if (position > at) bytes[--position] = zero + (rest % 10);
  return end;
}
