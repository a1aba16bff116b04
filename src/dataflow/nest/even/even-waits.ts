// Cycles of moves that do not run beside the work, summed over a whole run: what a step moves depends on the loops that
// moved before it and move after it, and on whether sums begin or end.

import type { Ports } from "../ports.ts";
import type { EvenBoundary, EvenNest } from "./even-nest.ts";
import { addReads, addWrites } from "./even-moves.ts";
import { changes, clearStage, stageTime } from "./even-ports.ts";
import { stepsBefore } from "./even-counts.ts";
import { arriving, between, isReduced, lastStep, leaving, setKind, stepKind } from "./step-kinds.ts";

const steps = stepKind();
/** Cycles found so far, by which boundaries change before and after and whether sums begin or end; -1 is not known. */
const known = new Float64Array(256);

/** Whether the moves of some boundary of a stage do not run beside the work. */
export function someApart(list: readonly EvenBoundary[]): boolean {
  for (let index = 0; index < list.length; index++) if (list[index]?.beside === false) return true;
  return false;
}

/** Cycles that the steps of the loops above a stage wait for moves between them; no boundary of the stage slides apart. */
export function apartTime(even: EvenNest, ports: Ports, stage: number): number {
  const { ends, countAt } = even;
  const from = ends[stage - 1] ?? 0;
  const end = ends[stage] ?? 0;
  if (from === end) return 0;
  const list = even.byChild[stage] ?? [];
  known.fill(-1);
  // Tiles: all, and how many of them for one that sums begin in, and one that they end in.
  const tiles = stepsBefore(even, from);
  let settings = 1;
  for (let at = 0; at < from; at++) if (isReduced(even, at)) settings *= countAt[at] ?? 1;
  if (settings === 1) return tiles * tileWaits(even, ports, list, from, end, true, true);
  const share = tiles / settings;
  return (
    share * tileWaits(even, ports, list, from, end, true, false) +
    share * tileWaits(even, ports, list, from, end, false, true) +
    (tiles - 2 * share) * tileWaits(even, ports, list, from, end, false, false)
  );
}

/** The same for one tile, in which sums may begin, or end. */
function tileWaits(
  even: EvenNest,
  ports: Ports,
  list: readonly EvenBoundary[],
  from: number,
  end: number,
  first: boolean,
  final: boolean,
): number {
  const last = end - 1;
  let cycles = moveTime(even, ports, list, -1, last, first && !isReduced(even, last), false);
  for (let other = from; other < last; other++) {
    cycles += kindWaits(even, ports, list, from, end, other, arriving, first, final);
    cycles += kindWaits(even, ports, list, from, end, other, leaving, first, final);
  }
  if ((even.countAt[last] ?? 1) > 2) cycles += kindWaits(even, ports, list, from, end, last, between, first, final);
  return cycles + kindWaits(even, ports, list, from, end, end, lastStep, first, final);
}

function kindWaits(
  even: EvenNest,
  ports: Ports,
  list: readonly EvenBoundary[],
  from: number,
  end: number,
  other: number,
  kind: number,
  first: boolean,
  final: boolean,
): number {
  setKind(even, from, end, other, kind, false, steps);
  const { came, goes, times, alike, cameReduced, goesReduced } = steps;
  const begins = first && !goesReduced;
  const ends = final && !cameReduced;
  if (alike) return times * moveTime(even, ports, list, came, goes, begins, ends);
  const firsts = begins ? steps.firsts : 0;
  const lasts = ends ? steps.lasts : 0;
  let cycles = 0;
  if (firsts > 0) cycles += firsts * moveTime(even, ports, list, came, goes, true, false);
  if (lasts > 0) cycles += lasts * moveTime(even, ports, list, came, goes, false, true);
  const others = times - firsts - lasts;
  return others > 0 ? cycles + others * moveTime(even, ports, list, came, goes, false, false) : cycles;
}

/** Cycles of the moves between two steps, apart from the work. */
function moveTime(
  even: EvenNest,
  ports: Ports,
  list: readonly EvenBoundary[],
  came: number,
  goes: number,
  begins: boolean,
  ends: boolean,
): number {
  let code = (begins ? 1 : 0) + (ends ? 2 : 0);
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary === undefined || boundary.beside) continue;
    if (goes >= 0 && changes(boundary, goes)) code += 4 << index;
    if (came >= 0 && changes(boundary, came)) code += 32 << index;
  }
  const found = known[code] ?? -1;
  if (found >= 0) return found;
  clearStage(ports, list);
  if (goes >= 0) addReads(even, ports, list, goes, begins, Number.NaN, Number.NaN, true);
  addWrites(ports, list, came, ends, true);
  const cycles = stageTime(ports, list, ports.count, true);
  known[code] = cycles;
  return cycles;
}
