// Draws the trace of a stepped nest on its picture: words that move between memories, what every box holds, what the
// units multiply. What moved when is kept for the timeline and the captions.

import type { SteppedEvaluation } from "../../../dataflow/nest/stepped/step-nest.ts";
import type { Walk } from "../../../dataflow/nest/stepped/walk.ts";
import { instancesAbove } from "../../../dataflow/nest/stepped/walk.ts";
import type { OperandKey } from "../../../mapping/nest/problem.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { Hierarchy } from "../../../mapping/nest/schedule.ts";
import type { Recording } from "../film.ts";
import type { NestPicture } from "./picture.ts";
import { unitSlots } from "./picture.ts";
import type { NestTile } from "./tile.ts";

/** What the film and its words are about. */
export interface NestStory {
  readonly walk: Walk;
  readonly hierarchy: Hierarchy;
  readonly tile: NestTile;
  readonly run: SteppedEvaluation;
  readonly picture: NestPicture;
  /** Temporal loops of more than one step, by their place in the walk. */
  readonly loops: readonly number[];
}

/** Words that came to a level, or left it upwards, in a step: over all its instances. */
export interface NestMark {
  readonly step: number;
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
  readonly upwards: boolean;
  readonly words: number;
}

/** For each instance of a stage the place in the picture that it has: its coordinate on each axis of the levels above. */
function placesOf({ walk, hierarchy, tile }: NestStory, stage: number): readonly number[] {
  return (walk.instances[stage] ?? []).map((indices) => {
    let place = 0;
    let at = 0;
    for (let level = 0; level < stage; level++) {
      const axes = hierarchy.levels[level]?.axes ?? [];
      const coordinates = axes.map(() => 0);
      for (const { axis, dimension, tile: covered } of tile.schedule.levels[level]?.spatial ?? []) {
        const index = axes.findIndex(({ name }) => name === axis);
        const loop = walk.loops.filter(({ multicast }) => multicast !== undefined)[at];
        if (loop?.dimension !== dimension || loop.tile !== covered) throw new Error("spatial loops out of order");
        coordinates[index] = (coordinates[index] ?? 0) * loop.steps + (indices[at] ?? 0);
        at++;
      }
      axes.forEach(({ units }, index) => {
        place = place * units + (coordinates[index] ?? 0);
      });
    }
    return place;
  });
}

/** Draws all steps that the film has, and returns the moves of the whole walk. */
export function drawTrace(
  story: NestStory,
  values: Readonly<Record<"A" | "B", Float64Array>>,
  gated: readonly ("A" | "B")[],
  film: Recording,
): readonly NestMark[] {
  const { walk, picture, run, loops } = story;
  const { boxes, units } = picture;
  const { trace = [], boundaries } = run;
  const marks: NestMark[] = [];
  const places = walk.instances.map((_, stage) => placesOf(story, stage));
  const boxOf = (level: number, operand: OperandKey) =>
    boxes.find((box) => box.level === level && box.operands.includes(operand));
  const partOf = (level: number, operand: OperandKey, instance: number): number =>
    level === walk.levels
      ? (units[places[level]?.[instance] ?? 0] ?? -1)
      : (boxOf(level, operand)?.parts[places[level]?.[instance] ?? 0] ?? -1);
  const above = boundaries.map(({ parent, child }) => instancesAbove(walk, child, parent));
  const boundaryOf = (operand: OperandKey, child: number): number =>
    boundaries.findIndex((boundary) => boundary.operand === operand && boundary.child === child);

  /** Words of each operand that each part holds. */
  const held = new Map<number, Record<OperandKey, number>>();
  const hold = (part: number, operand: OperandKey, words: number): void => {
    const now = held.get(part) ?? { A: 0, B: 0, C: 0 };
    held.set(part, { ...now, [operand]: words });
  };
  // The first level holds the operands of the tile; results come as they are given up.
  const results = new Set<number>();
  for (const operand of ["A", "B"] as const) hold(partOf(0, operand, 0), operand, values[operand].length);

  const move = (step: number, from: number, to: number, operand: OperandKey, words: number, counts: boolean): void => {
    // Memories of one unit are one box: nothing is seen to move.
    if (from < 0 || to < 0 || from === to) return;
    film.move(step, picture.link(from, to, operand, counts), words);
    if (!counts) return;
    film.act(step, to, "loading");
    if (!film.busy(step, from)) film.act(step, from, "passing");
  };

  for (const [step, { moves, products }] of trace.entries()) {
    for (const { operand, parent, child, received, givenUp, held: holds, readBack } of moves) {
      const up = above[boundaryOf(operand, child)] ?? [];
      let down = 0;
      let upwards = 0;
      for (let instance = 0; instance < received.length; instance++) {
        const box = partOf(child, operand, instance);
        const from = partOf(parent, operand, up[instance] ?? 0);
        const leaving = givenUp[instance] ?? [];
        const entering = operand === "C" ? (readBack[instance] ?? 0) : (received[instance]?.length ?? 0);
        if (leaving.length > 0) move(step, box, from, operand, leaving.length, true);
        if (entering > 0) move(step, from, box, operand, entering, true);
        if (parent === 0) for (const word of leaving) results.add(word);
        hold(box, operand, holds[instance] ?? 0);
        down += entering;
        upwards += leaving.length;
      }
      if (parent === 0 && operand === "C") {
        for (const words of received) for (const word of words) results.delete(word);
      }
      if (down > 0) marks.push({ step, operand, parent, child, upwards: false, words: down });
      if (upwards > 0) marks.push({ step, operand, parent, child, upwards: true, words: upwards });
    }
    if (step >= film.cycles) continue;
    hold(partOf(0, "C", 0), "C", results.size);
    for (const { unit, A, B } of products) {
      const box = units[places[walk.levels]?.[unit] ?? 0] ?? -1;
      const a = A === undefined ? 0 : (values.A[A] ?? 0);
      const b = B === undefined ? 0 : (values.B[B] ?? 0);
      const waits = (a === 0 && gated.includes("A")) || (b === 0 && gated.includes("B"));
      film.act(step, box, waits ? "gated" : a === 0 || b === 0 ? "zero" : "useful");
      if (A !== undefined) film.show(step, box, unitSlots.A, a);
      if (B !== undefined) film.show(step, box, unitSlots.B, b);
      film.show(step, box, unitSlots.C, a * b);
      for (const [operand, value] of [
        ["A", A === undefined ? NaN : a] as const,
        ["B", B === undefined ? NaN : b] as const,
      ]) {
        const from = innermost(operand, unit);
        if (!Number.isNaN(value)) move(step, from, box, operand, value, false);
      }
      move(step, box, innermost("C", unit), "C", a * b, false);
    }
    showHeld(step);
    turn(step);
  }
  return marks;

  /** The box that the datapath takes an operand from. */
  function innermost(operand: OperandKey, unit: number): number {
    const at = boundaryOf(operand, walk.levels);
    return partOf(boundaries[at]?.parent ?? 0, operand, above[at]?.[unit] ?? 0);
  }

  function showHeld(step: number): void {
    for (const { parts, slots, operands } of boxes) {
      for (const part of parts) {
        const words = held.get(part) ?? { A: 0, B: 0, C: 0 };
        let all = 0;
        for (const operand of operandKeys) {
          if (!operands.includes(operand)) continue;
          all += words[operand];
          film.show(step, part, slots[operand], words[operand]);
        }
        if (slots.all >= 0) film.show(step, part, slots.all, all);
      }
    }
  }

  /** Loops show at which turn they are; after the last step they are done. */
  function turn(step: number): void {
    const temporal = walk.loops.flatMap(({ multicast }, index) => (multicast === undefined ? [index] : []));
    const now = walk.steps[walk.levels]?.[step]?.temporal;
    const before = walk.steps[walk.levels]?.[step - 1]?.temporal;
    loops.forEach((loop, index) => {
      const counter = picture.counters[index] ?? -1;
      const at = temporal.indexOf(loop);
      if (now === undefined) return;
      film.show(step, counter, 0, now[at] ?? 0);
      if (before === undefined || now[at] !== before[at]) film.act(step, counter, "passing");
    });
  }
}
