// Bytes that one change of an even schedule sends through the ports of the memories at one stage's boundaries, and the
// cycles that they take.

import type { Ports } from "../ports.ts";
import type { EvenBoundary, EvenNest } from "./even-nest.ts";

/** Empties the ports that the boundaries of a stage use. */
export function clearStage({ read, written, count }: Ports, boundaries: readonly EvenBoundary[]): void {
  for (let index = 0; index < boundaries.length; index++) {
    const boundary = boundaries[index];
    if (boundary === undefined) continue;
    const { parentMemory, childMemory } = boundary;
    read[parentMemory] = 0;
    written[parentMemory] = 0;
    read[count + parentMemory] = 0;
    written[count + parentMemory] = 0;
    if (childMemory < 0) continue;
    read[childMemory] = 0;
    written[childMemory] = 0;
    read[count + childMemory] = 0;
    written[count + childMemory] = 0;
  }
}

/** Cycles of the slowest port that the boundaries of a stage use, of the group at `from`, rounded up where `round`. */
export function stageTime(ports: Ports, boundaries: readonly EvenBoundary[], from: number, round: boolean): number {
  let longest = 0;
  for (let index = 0; index < boundaries.length; index++) {
    const boundary = boundaries[index];
    if (boundary === undefined) continue;
    const { parentMemory, childMemory } = boundary;
    longest = Math.max(longest, memoryTime(ports, parentMemory, from));
    if (childMemory >= 0) longest = Math.max(longest, memoryTime(ports, childMemory, from));
  }
  return round ? Math.ceil(longest) : longest;
}

function memoryTime(
  { shared, readRate, writeRate, units, read, written }: Ports,
  memory: number,
  from: number,
): number {
  const out = read[from + memory] ?? 0;
  const into = written[from + memory] ?? 0;
  if (out === 0 && into === 0) return 0;
  const instances = units[memory] ?? 1;
  const reading = instances * (readRate[memory] ?? 1);
  return shared[memory] === 1
    ? (out + into) / reading
    : Math.max(out / reading, into / (instances * (writeRate[memory] ?? 1)));
}

/** Adds words that a boundary takes to the ports of the group at `from`. */
export function addTaken(
  { read, written }: Ports,
  { parentMemory, childMemory, width }: EvenBoundary,
  from: number,
  words: number,
  given: number,
): void {
  read[from + parentMemory] = (read[from + parentMemory] ?? 0) + words * width;
  written[from + childMemory] = (written[from + childMemory] ?? 0) + given * width;
}

/** Adds results that leave, as finished ones where `last`. */
export function addLeft({ read, written }: Ports, boundary: EvenBoundary, from: number, last: boolean): void {
  const { parentMemory, childMemory, above, all, width, finalWidth, finalGivenWidth } = boundary;
  const up = from + parentMemory;
  const down = from + childMemory;
  written[up] = (written[up] ?? 0) + above * (last ? finalWidth : width);
  read[down] = (read[down] ?? 0) + all * (last ? finalGivenWidth : width);
}

/** Whether a boundary may move words when the loop at a position does; -1 is the first step, at which all do. */
export const changes = ({ lastHas }: EvenBoundary, position: number): boolean => position <= lastHas;

/** Steps of the datapath in a tile held at a stage. */
export function stepsInside({ ends, loops, countAt }: EvenNest, stage: number): number {
  let steps = 1;
  for (let at = ends[stage] ?? 0; at < loops; at++) steps *= countAt[at] ?? 1;
  return steps;
}
