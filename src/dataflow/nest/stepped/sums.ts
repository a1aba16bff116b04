// Carries values through a loop nest in its own order: partial sums rest in the instances that hold them, are added on
// their way up and read back where the counts say so. Whatever would lose a sum throws.

import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Boundary, Holdings, Transition } from "./moves.ts";
import type { Walk } from "./walk.ts";
import { instancesAbove, stepAround } from "./walk.ts";

/** A result on its way: its value and how many products are in it. */
interface Sum {
  readonly value: number;
  readonly products: number;
}

export interface NestValues {
  /** All words, row-major over the ranks of the operand. */
  readonly A: ArrayLike<number>;
  readonly B: ArrayLike<number>;
}

type Moves = Boundary & { readonly transitions: readonly Transition[] };

/** What the units need of each operand, by step of the datapath and unit. */
export type Needs = Readonly<Record<"A" | "B" | "C", Holdings>>;

const zero: Sum = { value: 0, products: 0 };

/** Results of the nest, row-major over the ranks of C, as float64. `boundaries` are those of C, far to near. */
export function resultsOf(walk: Walk, boundaries: readonly Moves[], needs: Needs, values: NestValues): Float64Array {
  const sums: Map<number, Sum>[][] = walk.instances.map((instances) => instances.map(() => new Map<number, Sum>()));
  const cell = (level: number, instance: number): Map<number, Sum> => sums[level]?.[instance] ?? new Map<number, Sum>();
  const between = boundaries.filter(({ child }) => child < walk.levels);
  const above = new Map(boundaries.map((moves) => [moves, instancesAbove(walk, moves.child, moves.parent)]));
  const complete = reducedDimensions(walk.problem).reduce((n, index) => n * sizeOf(walk.problem, index), 1);
  const count = walk.steps[walk.levels]?.length ?? 0;

  /** Sums that leave the child are added into the parent, which must not hold another part of the same sum. */
  const write = (moves: Moves, { givenUp, written }: Transition): void => {
    const spread = spreadAbove(walk, moves.parent);
    for (const { word, into, last } of written) {
      let total = zero;
      for (const [instance, words] of givenUp.entries()) {
        if (above.get(moves)?.[instance] !== into || !words.has(word)) continue;
        const part = cell(moves.child, instance).get(word) ?? zero;
        total = { value: total.value + part.value, products: total.products + part.products };
        cell(moves.child, instance).delete(word);
      }
      if ((cell(moves.parent, into).get(word)?.products ?? 0) > 0) throw lost("overwritten", moves, word);
      if (last && moves.child < walk.levels && !spread && total.products !== complete) {
        throw lost("given up for good before it is complete", moves, word);
      }
      cell(moves.parent, into).set(word, total);
    }
  };
  /** Sums that are read back move to one instance of the child; all others start from 0, and nothing may be left. */
  const enter = (moves: Moves, { received, readBack }: Transition): void => {
    for (const { word, from, to } of readBack) {
      cell(moves.child, to).set(word, cell(moves.parent, from).get(word) ?? zero);
      cell(moves.parent, from).delete(word);
    }
    for (const [instance, words] of received.entries()) {
      const from = above.get(moves)?.[instance] ?? 0;
      for (const word of words) {
        if ((cell(moves.parent, from).get(word)?.products ?? 0) > 0) throw lost("left behind", moves, word);
      }
    }
  };

  for (let step = 0; step <= count; step++) {
    const end = step === count;
    // Stages whose step begins now; at the end everything leaves.
    const due = between.flatMap((moves) => {
      const at = end ? moves.transitions.length - 1 : stepAround(walk, walk.levels, step, moves.child);
      const entered = end || step === 0 || stepAround(walk, walk.levels, step - 1, moves.child) !== at;
      const transition = moves.transitions[at];
      return entered && transition !== undefined ? [{ moves, transition }] : [];
    });
    for (const { moves, transition } of due.toReversed()) write(moves, transition);
    for (const { moves, transition } of due) enter(moves, transition);
    if (end) break;
    const last = boundaries.at(-1);
    const transition = last?.transitions[step];
    if (last === undefined || transition === undefined) continue;
    enter(last, transition);
    for (const [unit, words] of needs.C[step]?.entries() ?? []) {
      for (const word of words) {
        const product = factor(values.A, needs.A[step]?.[unit]) * factor(values.B, needs.B[step]?.[unit]);
        const { value, products } = cell(walk.levels, unit).get(word) ?? zero;
        cell(walk.levels, unit).set(word, { value: value + product, products: products + 1 });
      }
    }
    write(last, transition);
  }
  const results = walk.problem.operands.C.reduce((n, { extent }) => n * extent, 1);
  return Float64Array.from({ length: results }, (_, word) => {
    const sum = cell(0, 0).get(word) ?? zero;
    if (sum.products !== complete) throw new Error(`stepped nest: result ${word} has ${sum.products} products`);
    return sum.value;
  });
}

/** The word that a unit needs; padding is zero. */
function factor(values: ArrayLike<number>, words: ReadonlySet<number> = new Set()): number {
  const [word] = words;
  return word === undefined ? 0 : (values[word] ?? 0);
}

/** Whether a sum is spread over several instances of a level: a reduced dimension has a spatial loop above it. */
export function spreadAbove(walk: Walk, level: number): boolean {
  const reduced = new Set(reducedDimensions(walk.problem));
  return walk.loops.some(
    (loop) => loop.multicast !== undefined && loop.level < level && loop.steps > 1 && reduced.has(loop.dimension),
  );
}

const sizeOf = (problem: NestProblem, dimension: number): number => problem.dimensions[dimension]?.size ?? 1;

const lost = (what: string, { parent, child }: Boundary, word: number): Error =>
  new Error(`stepped nest: the sum of result ${word} is ${what} between levels ${parent} and ${child}`);
