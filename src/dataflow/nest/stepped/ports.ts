// What each transition costs at the ports of both memories of a boundary, and how long a group of moves takes on them.

import type { NestMemory } from "../../../mapping/nest/schedule.ts";

/** A memory of a level; its instances pool their ports. */
export interface Port {
  readonly memory: NestMemory;
  readonly level: number;
  /** Instances in use. */
  readonly instances: number;
}

/** Bytes that some move reads and writes at one memory, over all its instances. */
export interface Load {
  readonly port: Port;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** The time of the slowest port; its level, the farthest among equals. */
export interface Duration {
  readonly cycles: number;
  readonly level: number;
}

/**
 * Cycles that the loads take together: memories work side by side, what one memory moves adds up on its ports. Whole
 * cycles unless `rounding` says otherwise.
 */
export function duration(loads: readonly Load[], rounding: (cycles: number) => number = Math.ceil): Duration {
  const pooled = new Map<NestMemory, { port: Port; readBytes: number; writtenBytes: number }>();
  for (const { port, readBytes, writtenBytes } of loads) {
    const sum = pooled.get(port.memory) ?? { port, readBytes: 0, writtenBytes: 0 };
    sum.readBytes += readBytes;
    sum.writtenBytes += writtenBytes;
    pooled.set(port.memory, sum);
  }
  let longest: Duration = { cycles: 0, level: Infinity };
  for (const load of pooled.values()) {
    const { memory, instances, level } = load.port;
    const { readBytesPerCycle, writeBytesPerCycle } = memory;
    const cycles = rounding(
      memory.sharedPort
        ? (load.readBytes + load.writtenBytes) / (instances * readBytesPerCycle)
        : Math.max(
            load.readBytes / (instances * readBytesPerCycle),
            load.writtenBytes / (instances * writeBytesPerCycle),
          ),
    );
    if (cycles > longest.cycles || (cycles === longest.cycles && level < longest.level)) longest = { cycles, level };
  }
  return longest;
}
