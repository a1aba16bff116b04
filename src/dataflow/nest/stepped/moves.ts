// What moves between two successive levels that keep an operand: the words that every instance holds in every step, and
// by comparing a step with the one before, who receives, gives up, reads and writes what.

import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { Walk } from "./walk.ts";
import { boxOf, firstAdders, instancesAbove, parentMovesOn, readGroups, wordsOf } from "./walk.ts";

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
  /** Words that come to each instance of the child; of results those that enter: read back, or starting from 0. */
  readonly received: readonly Words[];
  /** Results that leave each instance of the child. */
  readonly givenUp: readonly Words[];
  /** Partial sums read back: the word, the instance of the parent that it is read from and the one that gets it. */
  readonly readBack: readonly { readonly word: number; readonly from: number; readonly to: number }[];
  /**
   * Results written, by instance of the parent; `last` where the word never leaves the child again. Of the units that add
   * to one sum the first one stands for all: what others give up at another time is added to its part on the way.
   */
  readonly written: readonly { readonly word: number; readonly into: number; readonly last: boolean }[];
  /** Words read at the parent, read-backs included. */
  readonly reads: number;
}

const nothing: Words = new Set();

const without = (words: Words, others: Words): Words => {
  const kept = new Set<number>();
  for (const word of words) if (!others.has(word)) kept.add(word);
  return kept;
};

/**
 * What the instances of the child hold in each step. One whose piece is empty idles: it keeps what it held until the
 * tiles of the parent move on, and then gives it up, as the parent could not pass on a sum of which a part is missing.
 */
export function holdingsOf(walk: Walk, { operand, parent, child }: Boundary): Holdings {
  let before: readonly Words[] = (walk.instances[child] ?? []).map(() => nothing);
  return (walk.steps[child] ?? []).map((step, at) => {
    const movesOn = parentMovesOn(walk, operand, parent, child, at);
    before = (walk.instances[child] ?? []).map((instance, place): Words => {
      const box = boxOf(walk, child, step, instance);
      if (box !== undefined) return wordsOf(walk, operand, box);
      return movesOn ? nothing : (before[place] ?? nothing);
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
  const firsts = firstAdders(walk, parent, child).map((first) => first || toDatapath);
  const lastTime = new Map<string, number>();
  for (const [at, { givenUp }] of moved.entries()) {
    for (const place of units) {
      if (firsts[place] !== true) continue;
      for (const word of givenUp[place] ?? []) lastTime.set(`${above[place]}:${word}`, at);
    }
  }
  const writtenBefore = new Set<string>();
  return moved.map(({ received, givenUp }, at) => {
    const readBack = new Map<string, { word: number; from: number; to: number }>();
    const written = new Map<string, { word: number; into: number; last: boolean }>();
    for (const place of units) {
      if (firsts[place] !== true) continue;
      const parentInstance = above[place] ?? 0;
      // A sum that was written to this instance of the parent before is read back, by the first of its units.
      for (const word of received[place] ?? []) {
        const key = `${parentInstance}:${word}`;
        if (!writtenBefore.has(key) || readBack.has(key)) continue;
        readBack.set(key, { word, from: parentInstance, to: place });
      }
      for (const word of givenUp[place] ?? []) {
        const key = `${parentInstance}:${word}`;
        written.set(key, { word, into: parentInstance, last: lastTime.get(key) === at });
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
