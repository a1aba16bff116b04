// Bytes through the ports of all memories, and the time of the slowest.

import type { Hierarchy } from "../../mapping/nest/schedule.ts";

/** Memories far to near; arrays hold two groups one after the other: moves beside the work, then those between. */
export interface Ports {
  readonly count: number;
  readonly level: Int32Array;
  readonly shared: Uint8Array;
  readonly readRate: Float64Array;
  readonly writeRate: Float64Array;
  /** Instances in use, set for each schedule. */
  readonly units: Float64Array;
  readonly read: Float64Array;
  readonly written: Float64Array;
  /** Level of the memory that decided the last time; the farthest among equals. */
  slowest: number;
}

export function portsOf({ levels }: Hierarchy): Ports {
  const memories = levels.flatMap((level, index) => level.memories.map((memory) => ({ ...memory, level: index })));
  return {
    count: memories.length,
    level: Int32Array.from(memories, ({ level }) => level),
    shared: Uint8Array.from(memories, ({ sharedPort }) => Number(sharedPort)),
    readRate: Float64Array.from(memories, ({ readBytesPerCycle }) => readBytesPerCycle),
    writeRate: Float64Array.from(memories, ({ writeBytesPerCycle }) => writeBytesPerCycle),
    units: new Float64Array(memories.length),
    read: new Float64Array(2 * memories.length),
    written: new Float64Array(2 * memories.length),
    slowest: 0,
  };
}

export function clearPorts({ read, written }: Ports): void {
  for (let index = 0; index < read.length; index++) {
    read[index] = 0;
    written[index] = 0;
  }
}

/** Cycles of the slowest port of the group at `from` (0 or the number of memories); all instances share the bytes. */
export function portTime(ports: Ports, from: number, round: boolean): number {
  const { count, shared, readRate, writeRate, units, read, written } = ports;
  let longest = 0;
  for (let index = 0; index < count; index++) {
    const out = read[from + index] ?? 0;
    const into = written[from + index] ?? 0;
    if (out === 0 && into === 0) continue;
    const instances = units[index] ?? 1;
    const reading = instances * (readRate[index] ?? 1);
    const exact =
      shared[index] === 1
        ? (out + into) / reading
        : Math.max(out / reading, into / (instances * (writeRate[index] ?? 1)));
    const cycles = round ? Math.ceil(exact) : exact;
    if (cycles > longest) {
      longest = cycles;
      ports.slowest = ports.level[index] ?? 0;
    }
  }
  return longest;
}
