// Laws of films of sparse machines, beyond those of every film: what captions say, and what moves into and out of parts.

import { expect } from "vitest";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { activities } from "../../src/simulate/replay/replay.ts";
import { expectApart, expectForm, shown, slotStarts } from "./replays.ts";

/** Asserts that a film has the form of all films, that senders show what moves, and that captions are sentences. */
export function checkFilm(film: Replay): void {
  expectForm(film);
  expectApart(film);
  const { moves, links, parts, cycles } = film;
  const starts = slotStarts(film);
  if (moves.coordinate !== undefined) expect(moves.coordinate.length).toBe(moves.link.length);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let i = moves.start[cycle] ?? 0; i < (moves.start[cycle + 1] ?? 0); i++) {
      const from = links[moves.link[i] ?? -1]?.from ?? -1;
      const value = moves.value[i] ?? NaN;
      if (Number.isNaN(value) || !shown(film, starts, cycle, from).includes(value)) {
        expect.fail(`cycle ${cycle}: ${value} moves from ${parts[from]?.name}, which does not show it`);
      }
    }
  }
  for (const { text } of film.captions) {
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(text).not.toMatch(/undefined|NaN/);
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
