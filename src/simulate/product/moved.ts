// Bytes moved to and from one memory, by operand, and two products after one another.

import type { MemoryTraffic } from "../result.ts";

export interface Moved {
  readonly read: number;
  readonly write: number;
}

export const nothing: Moved = { read: 0, write: 0 };

export const moved = (A: Moved, B: Moved, C: Moved): MemoryTraffic => ({
  read: A.read + B.read + C.read,
  write: A.write + B.write + C.write,
  operands: { A, B, C },
});

/** The same with A and B in each other's place: what a product moves when the transposed one is run. */
export const swapped = ({ read, write, operands: { A, B, C } }: MemoryTraffic): MemoryTraffic => ({
  read,
  write,
  operands: { A: B, B: A, C },
});

/** `readBit` and `writeBit` of memories that are priced by the bit. */
export function bitEvents(
  traffic: Readonly<Record<string, MemoryTraffic>>,
  memories: readonly string[],
): Record<string, number> {
  return Object.fromEntries(
    memories.flatMap((memory): [string, number][] => [
      [`${memory}.readBit`, (traffic[memory]?.read ?? 0) * 8],
      [`${memory}.writeBit`, (traffic[memory]?.write ?? 0) * 8],
    ]),
  );
}
