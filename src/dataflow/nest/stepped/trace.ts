// A walk through a loop nest as plain data for pictures: what each memory received and gave up in every step, and what
// each unit multiplied.

import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { Boundary, Holdings, Transition, Words } from "./moves.ts";
import type { Needs } from "./sums.ts";
import type { Walk } from "./walk.ts";
import { stepAround } from "./walk.ts";

/**
 * Words by instance of the level that receives them or gives them up, how many each then holds, and how many of the sums
 * that it receives are read back: the others start from 0.
 */
export interface TraceMove {
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
  readonly received: readonly (readonly number[])[];
  readonly givenUp: readonly (readonly number[])[];
  readonly held: readonly number[];
  readonly readBack: readonly number[];
}

/** Words that one unit multiplies and the sum that the product goes to; an operand is missing where it is padding. */
export interface TraceProduct {
  readonly unit: number;
  readonly A?: number;
  readonly B?: number;
  readonly C: number;
}

export interface TraceStep {
  readonly moves: readonly TraceMove[];
  readonly products: readonly TraceProduct[];
}

/** One entry for each step of the datapath, and one for what leaves at the end. */
export type NestTrace = readonly TraceStep[];

/** The trace of a walk; boundaries to the datapath do not appear as moves. */
export function traceOf(
  walk: Walk,
  boundaries: readonly (Boundary & { readonly transitions: readonly Transition[]; readonly holdings: Holdings })[],
  needs: Needs,
): NestTrace {
  const count = needs.C.length;
  return Array.from({ length: count + 1 }, (_, step): TraceStep => {
    const end = step === count;
    const moves = boundaries.flatMap(({ operand, parent, child, transitions, holdings }): TraceMove[] => {
      if (child === walk.levels) return [];
      const at = end ? transitions.length - 1 : stepAround(walk, walk.levels, step, child);
      if (!end && step > 0 && stepAround(walk, walk.levels, step - 1, child) === at) return [];
      const { received = [], givenUp = [], readBack = [] } = transitions[at] ?? {};
      // At the end sums leave; what else is there stays.
      const held = sizes(holdings[end && operand !== "C" ? at - 1 : at], received.length);
      const before = sizes(holdings[at - 1], received.length);
      const same = held.every((size, place) => size === before[place]);
      if (same && [...received, ...givenUp].every(({ size }) => size === 0)) return [];
      const counted = received.map(() => 0);
      for (const { to } of readBack) counted[to] = (counted[to] ?? 0) + 1;
      return [
        { operand, parent, child, received: listed(received), givenUp: listed(givenUp), held, readBack: counted },
      ];
    });
    const products = (needs.C[step] ?? []).flatMap((words, unit): TraceProduct[] =>
      [...words].map((C) => {
        const [A] = needs.A[step]?.[unit] ?? [];
        const [B] = needs.B[step]?.[unit] ?? [];
        return { unit, ...(A === undefined ? {} : { A }), ...(B === undefined ? {} : { B }), C };
      }),
    );
    return { moves, products };
  });
}

/** How many words each instance holds; none before the first step, and no sums after the last. */
const sizes = (words: readonly Words[] = [], instances: number): number[] =>
  Array.from({ length: instances }, (_, place) => words[place]?.size ?? 0);

const listed = (words: readonly Words[]): number[][] => words.map((set) => [...set]);
