// What the moving of one loop of an even schedule reads above a stage, and takes away from it, as bytes at the ports.

import type { Ports } from "../ports.ts";
import type { EvenBoundary, EvenNest } from "./even-nest.ts";
import { addLeft, addTaken, changes } from "./even-ports.ts";
import type { SlideCase } from "./slides.ts";
import { findWords, noSlide, placeOf, slideCase, wordsBrought, wordsBroughtToAll } from "./slides.ts";

/**
 * Adds what a stage reads when the loop at a position moves: tiles of inputs, and partial sums unless it is their first
 * time. The pieces of slides begin at the words `beginX` and `beginY`, NaN clear of padding. Where `split`, moves that do
 * not run beside the work go to the other group of ports.
 */
export function addReads(
  even: EvenNest,
  ports: Ports,
  list: readonly EvenBoundary[],
  position: number,
  firstTime: boolean,
  beginX: number,
  beginY: number,
  split: boolean,
): void {
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary === undefined || !changes(boundary, position)) continue;
    const { operand, slides, beside, above, all, lastAlone } = boundary;
    if (operand === 2 && firstTime) continue;
    const from = split && !beside ? ports.count : 0;
    if (!slides) {
      addTaken(ports, boundary, from, above, operand === 2 ? above : all);
      continue;
    }
    const x = slideCase(even, 0, boundary, position);
    const y = even.slides.length > 1 ? slideCase(even, 1, boundary, position) : noSlide;
    const atX = placeIn(even, 0, boundary.child, beginX);
    const atY = placeIn(even, 1, boundary.child, beginY);
    findAt(even, 0, boundary.child, x, atX);
    findAt(even, 1, boundary.child, y, atY);
    const words = above * wordsBrought(x, y, atX, atY, position <= lastAlone);
    const given = words === 0 ? 0 : all * wordsBroughtToAll(x, y, atX, atY, position <= lastAlone);
    addTaken(ports, boundary, from, words, given);
  }
}

/** The place of a piece of a stage that begins at a word. */
export function placeIn({ slides, levelSpans }: EvenNest, index: number, stage: number, begin: number): number {
  return placeOf(begin, levelSpans[2 * stage + index] ?? 0, slides[index]?.extent ?? 0);
}

/** Makes the words of a slide known at a place. */
export function findAt(even: EvenNest, index: number, stage: number, found: SlideCase, place: number): void {
  if (found.known[place] === 1) return;
  const slide = even.slides[index];
  const words = even.room.stages[stage]?.[index];
  if (slide !== undefined && words !== undefined) findWords(words, slide, found, place);
}

/** Adds the results that a stage gives back when the loop at a position moves, finished ones where `last`. */
export function addWrites(
  ports: Ports,
  list: readonly EvenBoundary[],
  position: number,
  last: boolean,
  split: boolean,
): void {
  if (position < 0) return;
  const boundary = list[list.length - 1];
  if (boundary === undefined || boundary.operand < 2 || !changes(boundary, position)) return;
  addLeft(ports, boundary, split && !boundary.beside ? ports.count : 0, last);
}
