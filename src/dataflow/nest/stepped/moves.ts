// What moves between two successive levels that keep an operand: the words that every instance holds in every step, and
// by comparing a step with the one before, who receives, gives up, reads and writes what.

import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { Walk } from "./walk.ts";
import { boxOf, instancesAbove, readGroups, stepAround, wordsOf } from "./walk.ts";

export type Words = ReadonlySet<number>;

/** Words that an operand's instances of one level hold: by step of the stage, then by instance. */
export type Holdings = readonly (readonly Words[])[];

/** Two levels; `child` is the number of levels for the datapath, which keeps nothing. */
export interface Boundary {
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
}

/** What moves when a stage enters a step (or, in the entry after the last step, when all work is done). */
export interface Transition {
  /** Words that come to each instance of the child; of results those that enter, read back or starting from 0. */
  readonly received: readonly Words[];
  /** Results that leave each instance of the child. */
  readonly givenUp: readonly Words[];
  /** Partial sums read back: the word, the instance of the parent that it is read from and the one that gets it. */
  readonly readBack: readonly { readonly word: number; readonly from: number; readonly to: number }[];
  /** Results written, by instance of the parent; `last` where the word never leaves the child again. */
  readonly written: readonly { readonly word: number; readonly into: number; readonly last: boolean }[];
  /** Words read at the parent, read-backs included. */
  readonly reads: number;
}

const nothing: Words = new Set();

/** The words that are, or are not, among others. */
function among(words: Words, others: Words, wanted: boolean): Words {
  const kept = new Set<number>();
  for (const word of words) if (others.has(word) === wanted) kept.add(word);
  return kept;
}
const without = (words: Words, others: Words): Words => among(words, others, false);
const shared = (words: Words, others: Words): Words => among(words, others, true);

/**
 * What the instances of level `stage` hold in each step. One whose piece is empty idles and keeps what it held; sums
 * only as far as its instance of the parent does (`undefined`: the first level, which holds everything), as otherwise
 * the parent would pass on a sum of which a part is missing.
 */
export function holdingsOf(
  walk: Walk,
  operand: OperandKey,
  stage: number,
  parent: { readonly level: number; readonly holdings: Holdings } | undefined,
): Holdings {
  const above = parent === undefined ? [] : instancesAbove(walk, stage, parent.level);
  let before: readonly Words[] = (walk.instances[stage] ?? []).map(() => nothing);
  return (walk.steps[stage] ?? []).map((step, at) => {
    const around = parent?.holdings[stepAround(walk, stage, at, parent.level)];
    before = (walk.instances[stage] ?? []).map((instance, place): Words => {
      const box = boxOf(walk, stage, step, instance);
      if (box !== undefined) return wordsOf(walk, operand, box);
      const kept = before[place] ?? nothing;
      return operand !== "C" || around === undefined ? kept : shared(kept, around[above[place] ?? 0] ?? nothing);
    });
    return before;
  });
}

/** What every unit of the datapath needs in each step; idle units need nothing. */
export function needsOf(walk: Walk, operand: OperandKey): Holdings {
  return (walk.steps[walk.levels] ?? []).map((step) =>
    (walk.instances[walk.levels] ?? []).map((instance) => {
      const box = boxOf(walk, walk.levels, step, instance);
      return box === undefined ? nothing : wordsOf(walk, operand, box);
    }),
  );
}

/** Transitions into every step of the child's stage, and one more: the end, where all results leave. */
export function transitionsOf(walk: Walk, boundary: Boundary, holdings: Holdings): readonly Transition[] {
  const { operand, parent, child } = boundary;
  const toDatapath = child === walk.levels;
  const units = (walk.instances[child] ?? []).map((_, place) => place);
  const none = units.map(() => nothing);
  const groups = readGroups(walk, parent, child);
  const above = instancesAbove(walk, child, parent);
  const steps: readonly (readonly Words[])[] = [...holdings, none];
  const moved = steps.map((after, at) => {
    const before = steps[at - 1] ?? none;
    // The datapath keeps nothing: it needs its words anew in every step, and returns results in the step itself.
    const received = toDatapath ? after : after.map((words, place) => without(words, before[place] ?? nothing));
    if (operand !== "C") return { received: at === holdings.length ? none : received, givenUp: none };
    return {
      received,
      givenUp: toDatapath ? after : before.map((words, place) => without(words, after[place] ?? nothing)),
    };
  });
  if (operand !== "C") {
    return moved.map((words) => ({ ...words, readBack: [], written: [], reads: sharedReads(words.received, groups) }));
  }
  const lastTime = new Map<string, number>();
  for (const [at, { givenUp }] of moved.entries()) {
    for (const place of units) for (const word of givenUp[place] ?? []) lastTime.set(`${above[place]}:${word}`, at);
  }
  const writtenBefore = new Set<string>();
  return moved.map(({ received, givenUp }, at) => {
    // A sum that was written to this instance of the parent before is read back, once, for the first unit that needs it.
    const readBack = new Map<string, { word: number; from: number; to: number }>();
    for (const place of units) {
      const from = above[place] ?? 0;
      for (const word of received[place] ?? []) {
        const key = `${from}:${word}`;
        if (writtenBefore.has(key) && !readBack.has(key)) readBack.set(key, { word, from, to: place });
      }
    }
    // What several units give up of one sum is added on the way.
    const written = new Map<string, { word: number; into: number; last: boolean }>();
    for (const place of units) {
      const into = above[place] ?? 0;
      for (const word of givenUp[place] ?? []) {
        const key = `${into}:${word}`;
        written.set(key, { word, into, last: lastTime.get(key) === at });
      }
    }
    for (const key of written.keys()) writtenBefore.add(key);
    return {
      received,
      givenUp,
      readBack: [...readBack.values()],
      written: [...written.values()],
      reads: readBack.size,
    };
  });
}

/** Words read for what all units receive: once for the units of a group. */
function sharedReads(received: readonly Words[], groups: readonly string[]): number {
  const read = new Set<string>();
  for (const [place, words] of received.entries()) for (const word of words) read.add(`${groups[place]}:${word}`);
  return read.size;
}
