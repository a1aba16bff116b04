// A schedule's cycles and where they went, out of what its steps take: the drain of its last tiles, and no memory moves the
// bytes of the whole run in less time than its ports allow.

import type { BoundaryCounts, SparsityFactors } from "./evaluation.ts";
import { clearPorts, portTime } from "./ports.ts";
import type { PreparedNest } from "./prepare.ts";

/** A boundary's memories and bytes of a word. */
export interface BoundaryPorts {
  readonly operand: number;
  readonly child: number;
  readonly parentMemory: number;
  /** -1 for the datapath. */
  readonly childMemory: number;
  /** Bytes of a word: of an input or a partial sum, of a finished result above, and of one in the child. */
  readonly width: number;
  readonly finalWidth: number;
  readonly finalGivenWidth: number;
}

/** What all steps take: their cycles from `at` on, those of fills among them, then those of waiting by stage. */
export interface StepCycles {
  readonly durations: Float64Array;
  readonly at: number;
  /** Steps of the datapath times the cycles of each. */
  readonly compute: number;
  readonly drain: number;
}

/** Cycles and stack of a run; `boundaries` are those of `counts`. */
export function runTime(
  { ports, hierarchy, waits, bandwidths }: PreparedNest,
  boundaries: readonly BoundaryPorts[],
  counts: readonly BoundaryCounts[],
  { durations, at, compute, drain }: StepCycles,
  factors: SparsityFactors | undefined,
): { cycles: number; stack: Readonly<Record<string, number>> } {
  const levels = hierarchy.levels.length;
  clearPorts(ports);
  const { read, written } = ports;
  for (let index = 0; index < counts.length; index++) {
    const [count, boundary] = [counts[index], boundaries[index]];
    if (count === undefined || boundary === undefined) continue;
    const { operand, child, parentMemory, childMemory, width, finalWidth, finalGivenWidth } = boundary;
    read[parentMemory] = (read[parentMemory] ?? 0) + count.reads * width;
    written[parentMemory] = (written[parentMemory] ?? 0) + count.partialWrites * width + count.finalWrites * finalWidth;
    if (child === levels) continue;
    written[childMemory] = (written[childMemory] ?? 0) + count.deliveries * width;
    if (operand === 2) {
      const finals = finalGivenWidth === width ? 0 : count.finalWrites;
      read[childMemory] = (read[childMemory] ?? 0) + finals * finalGivenWidth + (count.surrendered - finals) * width;
    }
  }
  const recursive = (durations[at] ?? 0) + drain;
  const least = portTime(ports, 0, true);
  const stack: Record<string, number> = { compute };
  for (let stage = 1; stage < levels; stage++) stack[waits[stage] ?? ""] = durations[at + stage + 1] ?? 0;
  stack["wait datapath"] = durations[at + levels + 1] ?? 0;
  stack["fill"] = durations[at + 1] ?? 0;
  stack["drain"] = drain;
  for (let level = 0; level < levels; level++) {
    stack[bandwidths[level] ?? ""] = level === ports.slowest ? Math.max(0, least - recursive) : 0;
  }
  const cycles = Math.max(recursive, least);
  // A sum of fractions is off in its last digits, which must not make a cycle.
  return { cycles: factors === undefined ? cycles : Math.ceil(cycles * (1 - 1e-12)), stack };
}

/** Cycles in which a memory's last tile of results leaves: words as they arrive above, and as all units give them. */
export function drainTime(
  ports: PreparedNest["ports"],
  { parentMemory, childMemory, finalWidth, finalGivenWidth }: BoundaryPorts,
  words: number,
  given: number,
): number {
  clearPorts(ports);
  ports.written[parentMemory] = words * finalWidth;
  ports.read[childMemory] = given * finalGivenWidth;
  return portTime(ports, 0, true);
}
