// What every film of a tile keeps, whatever machine it shows: lengths, codes, order, and that what moves is what its
// sender shows.

import { expect } from "vitest";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { activities } from "../../src/simulate/replay/replay.ts";

/** Where the slots of each part begin among those of a cycle, and how many there are. */
export function slotsOf({ parts }: Pick<Replay, "parts">): { readonly first: readonly number[]; readonly all: number } {
  let all = 0;
  const first = parts.map(({ slots }) => {
    const at = all;
    all += slots.length;
    return at;
  });
  return { first, all };
}

/** Asserts the laws of a film. */
export function checkFilm(film: Replay): void {
  const { cycles, parts, links, activity, values, moves, timeline, program, captions } = film;
  const slots = slotsOf(film);
  expect(activity.length).toBe(cycles * parts.length);
  expect(values.length).toBe(cycles * slots.all);
  expect(activity.every((code) => code < activities.length)).toBe(true);
  expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
  for (const { x, y, width, height } of parts) {
    expect(Math.min(width, height)).toBeGreaterThan(0);
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
  }
  const overlaps = parts.some((a, i) =>
    parts.some(
      (b, j) => i < j && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
    ),
  );
  expect(overlaps).toBe(false);
  for (const { from, to } of links) expect([parts[from], parts[to]]).not.toContain(undefined);

  expect(moves.start.length).toBe(cycles + 1);
  expect(moves.start[0]).toBe(0);
  expect(moves.start[cycles]).toBe(moves.link.length);
  expect(moves.value.length).toBe(moves.link.length);
  if (moves.coordinate !== undefined) expect(moves.coordinate.length).toBe(moves.link.length);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let i = moves.start[cycle] ?? 0; i < (moves.start[cycle + 1] ?? 0); i++) {
      const from = links[moves.link[i] ?? -1]?.from ?? -1;
      const at = cycle * slots.all + (slots.first[from] ?? 0);
      const shown = values.subarray(at, at + (parts[from]?.slots.length ?? 0));
      const value = moves.value[i] ?? NaN;
      if (Number.isNaN(value) || !shown.includes(value)) {
        expect.fail(`cycle ${cycle}: ${value} moves from ${parts[from]?.name}, which shows ${shown.join(", ")}`);
      }
    }
  }
  for (const [part, { capacity, name }] of parts.entries()) {
    if (capacity === undefined) continue;
    for (let cycle = 0; cycle < cycles; cycle++) {
      const held = values[cycle * slots.all + (slots.first[part] ?? 0)] ?? NaN;
      if (!(held >= 0 && held <= capacity)) expect.fail(`cycle ${cycle}: ${name} holds ${held} of ${capacity}`);
    }
  }
  for (const { segments } of timeline) {
    let end = 0;
    for (const segment of segments) {
      expect(segment.start).toBeGreaterThanOrEqual(end);
      expect(segment.end).toBeGreaterThan(segment.start);
      expect(activities).toContain(segment.activity);
      end = segment.end;
    }
    expect(end).toBeLessThanOrEqual(cycles);
  }
  expect(program.line.length).toBe(cycles);
  expect(program.line.every((line) => line < program.lines.length)).toBe(true);
  let before = -1;
  for (const { cycle, text } of captions) {
    expect(cycle).toBeGreaterThan(before);
    expect(cycle).toBeLessThan(cycles);
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(text).not.toMatch(/undefined|NaN/);
    before = cycle;
  }
  expect(film.sentences.length).toBeGreaterThanOrEqual(3);
  expect(film.agreement.length).toBeGreaterThan(0);
}

/** Values that move along the links of a part, with their coordinates, in order. */
function along(film: Replay, isIts: (link: { from: number; to: number }) => boolean): (readonly [number, number])[] {
  const { moves, links } = film;
  return [...moves.link].flatMap((link, i) => {
    const way = links[link];
    return way !== undefined && isIts(way) ? [[moves.coordinate?.[i] ?? NaN, moves.value[i] ?? NaN] as const] : [];
  });
}

export const movesInto = (film: Replay, part: string): (readonly [coordinate: number, value: number])[] =>
  along(film, ({ to }) => film.parts[to]?.name === part);

export const movesOutOf = (film: Replay, part: string): (readonly [coordinate: number, value: number])[] =>
  along(film, ({ from }) => film.parts[from]?.name === part);

/** Cycles of all parts of a kind that do something, by part and cycle. */
export function activeCycles(
  film: Replay,
  isIts: (part: Replay["parts"][number]) => boolean,
  what: (typeof activities)[number],
): number {
  const code = activities.indexOf(what);
  const { parts, activity, cycles } = film;
  const its = parts.flatMap((part, index) => (isIts(part) ? [index] : []));
  let total = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (const part of its) if (activity[cycle * parts.length + part] === code) total++;
  }
  return total;
}
