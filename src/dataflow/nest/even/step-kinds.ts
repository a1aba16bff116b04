// The steps of one level's loops in a tile by which loop has just moved and which moves next: one of the two is always the
// innermost one. Each kind stands for many steps, told apart by where the loops are that sums run over.

import type { EvenNest } from "./even-nest.ts";

/** Steps of a tile: the last one; those that a loop's moving led to, or leads from; those between two of the innermost. */
export const [lastStep, arriving, leaving, between] = [0, 1, 2, 3];

/** The steps of one kind. */
export interface StepKind {
  /** Positions of the loop that has just moved, and of the one that moves next; -1 for none. */
  came: number;
  goes: number;
  /** All steps; those in which the reduced loops that take part are at their first; at their last. */
  times: number;
  firsts: number;
  lasts: number;
  /** Whether no reduced loop takes part, so that all steps are both. */
  alike: boolean;
  /** Whether reduced loops inside those that take part keep the steps from being first ones, or last ones. */
  notFirst: boolean;
  notLast: boolean;
  /** Whether sums run over the loop that has just moved, and over the one that moves next. */
  cameReduced: boolean;
  goesReduced: boolean;
}

export const stepKind = (): StepKind => ({
  came: 0,
  goes: 0,
  times: 1,
  firsts: 1,
  lasts: 1,
  alike: true,
  notFirst: false,
  notLast: false,
  cameReduced: false,
  goesReduced: false,
});

export const isReduced = ({ reduced, slotAt }: EvenNest, position: number): boolean =>
  reduced[slotAt[position] ?? 0] === 1;

/** Whether sums run over some loop at positions from `from` to before `to`. */
export function someReduced(even: EvenNest, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isReduced(even, at)) return true;
  return false;
}

/**
 * Sets a kind of the steps of the loops at positions from `from` to before `end`: where `other` has moved or is to move,
 * as `kind` says, and the innermost one does the other. `plain` counts but the loops that slides have no part in.
 */
export function setKind(
  even: EvenNest,
  from: number,
  end: number,
  other: number,
  kind: number,
  plain: boolean,
  found: StepKind,
): void {
  const { slotAt, countAt, slideOf } = even;
  found.came = kind === arriving ? other : end - 1;
  found.goes = kind === lastStep ? -1 : kind === leaving ? other : end - 1;
  found.cameReduced = isReduced(even, found.came);
  found.goesReduced = kind !== lastStep && isReduced(even, found.goes);
  found.times = 1;
  found.firsts = 1;
  found.lasts = 1;
  found.alike = true;
  const last = kind === lastStep ? from - 1 : other;
  for (let at = from; at <= last; at++) {
    const sums = isReduced(even, at);
    if (sums) found.alike = false;
    if (plain && (slideOf[slotAt[at] ?? 0] ?? -1) >= 0) continue;
    const count = countAt[at] ?? 1;
    // The loop that has just moved is not at its first step, one that moves next not at its last.
    const own = at < other ? 0 : kind;
    const steps = own === 0 ? count : own === between ? count - 2 : count - 1;
    found.times *= steps;
    if (!sums) {
      found.firsts *= steps;
      found.lasts *= steps;
    } else {
      if (own === arriving || own === between) found.firsts = 0;
      if (own === leaving || own === between) found.lasts = 0;
    }
  }
  const inside = someReduced(even, last + 1, end);
  found.notFirst = inside && (kind === lastStep || kind === leaving);
  found.notLast = inside && kind === arriving;
}
