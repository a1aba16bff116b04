// What every film must keep to, whatever machine it shows: lengths that fit, activities in range, moves between parts
// that hold what moves, rows, lines and captions inside the film.

import { expect } from "vitest";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { activities } from "../../src/simulate/replay/replay.ts";

/** First slot of each part among all slots, and their number last. */
export function slotStarts({ parts }: Replay): readonly number[] {
  const starts = [0];
  for (const { slots } of parts) starts.push((starts.at(-1) ?? 0) + slots.length);
  return starts;
}

/** The values that a part shows in a cycle. */
export function shown(film: Replay, starts: readonly number[], cycle: number, part: number): readonly number[] {
  const base = cycle * (starts.at(-1) ?? 0);
  return Array.from(film.values.subarray(base + (starts[part] ?? 0), base + (starts[part + 1] ?? 0)));
}

/** What `kinds` of parts do in each cycle: how often each activity. */
export function activityCounts(film: Replay, cycle: number, kind: string): Record<string, number> {
  const counts: Record<string, number> = {};
  film.parts.forEach((part, at) => {
    if (part.kind !== kind) return;
    const name = activities[film.activity[cycle * film.parts.length + at] ?? 0] ?? "";
    counts[name] = (counts[name] ?? 0) + 1;
  });
  return counts;
}

/** Asserts the form of a film, and that all of its figures agree. */
export function expectForm(film: Replay): void {
  const { cycles, parts, links, moves, program } = film;
  const starts = slotStarts(film);
  expect(film.activity.length).toBe(cycles * parts.length);
  expect(film.values.length).toBe(cycles * (starts.at(-1) ?? 0));
  expect(film.activity.every((activity) => activity < activities.length)).toBe(true);
  expect(moves.start.length).toBe(cycles + 1);
  expect(moves.start[0]).toBe(0);
  for (let cycle = 0; cycle < cycles; cycle++) {
    if ((moves.start[cycle + 1] ?? 0) < (moves.start[cycle] ?? 0)) throw new Error("moves go back in time");
  }
  expect(moves.start[cycles]).toBe(moves.link.length);
  expect(moves.value.length).toBe(moves.link.length);
  expect(moves.link.every((link) => link < links.length)).toBe(true);
  for (const { from, to } of links) {
    if (!(from in parts) || !(to in parts) || from === to) throw new Error(`a link from ${from} to ${to}`);
  }
  for (const part of parts) {
    if (part.x < 0 || part.y < 0 || part.width <= 0 || part.height <= 0) throw new Error(`${part.name} has no place`);
  }
  expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
  parts.forEach(({ name, capacity = Infinity, kind }, part) => {
    if (kind !== "memory" && kind !== "queue") return;
    for (let cycle = 0; cycle < cycles; cycle++) {
      const [held = NaN] = shown(film, starts, cycle, part);
      if (held < 0 || held > capacity) throw new Error(`cycle ${cycle}: ${name} holds ${held} of ${capacity}`);
    }
  });
  for (const { segments } of film.timeline) {
    let end = 0;
    for (const segment of segments) {
      if (segment.start < end || segment.end <= segment.start || segment.end > cycles) throw new Error("a bad segment");
      end = segment.end;
    }
  }
  expect(program.line.length).toBe(cycles);
  expect(program.line.every((line) => line < program.lines.length)).toBe(true);
  film.captions.forEach(({ cycle }, at) => {
    if (cycle >= cycles || cycle <= (film.captions[at - 1]?.cycle ?? -1)) throw new Error("captions out of order");
  });
  for (const { figure, stepped, run } of film.agreement) expect(stepped, figure).toBe(run);
}

/** Boxes may touch, but not overlap; bars that show nothing may cross. */
export function expectApart({ parts }: Replay): void {
  const boxes = parts.filter(({ slots }) => slots.length > 0).toSorted((a, b) => a.x - b.x);
  const room = 1e-9;
  boxes.forEach((a, at) => {
    for (const b of boxes.slice(at + 1)) {
      if (b.x >= a.x + a.width - room) break;
      if (b.y < a.y + a.height - room && a.y < b.y + b.height - room) throw new Error(`${a.name} lies on ${b.name}`);
    }
  });
}

/**
 * Asserts that every value that moves is in a slot of the part that sends it, in that cycle, and, of values of A and B
 * that units and registers get, in a slot of the one that receives it: in the next cycle, or in the same one where nothing delays it.
 * Memories show how many words they hold and not which.
 */
export function expectMovesShown(film: Replay): void {
  const starts = slotStarts(film);
  const { moves, links, parts } = film;
  for (let cycle = 0; cycle < film.cycles; cycle++) {
    for (let at = moves.start[cycle] ?? 0; at < (moves.start[cycle + 1] ?? 0); at++) {
      const link = links[moves.link[at] ?? 0];
      const value = moves.value[at] ?? NaN;
      if (link === undefined || link.counts === true) continue;
      const from = parts[link.from];
      const to = parts[link.to];
      if (from?.kind !== "memory" && !shown(film, starts, cycle, link.from).includes(value)) {
        throw new Error(`cycle ${cycle}: ${from?.name} sends ${value}, which it does not hold`);
      }
      const arrival = link.through === true ? cycle : cycle + 1;
      const operand = link.operand === "A" || link.operand === "B";
      if (to?.kind === "memory" || !operand || arrival >= film.cycles) continue;
      if (!shown(film, starts, arrival, link.to).includes(value)) {
        throw new Error(`cycle ${cycle}: ${to?.name} gets ${value}, which it does not hold`);
      }
    }
  }
}
