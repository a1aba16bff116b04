// A walk through a loop nest as plain data for pictures: what each memory received and gave up in every step, and what
// each unit multiplied.

import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { Boundary, Transition, Words } from "./moves.ts";
import type { Needs } from "./sums.ts";
import type { Walk } from "./walk.ts";
import { stepAround } from "./walk.ts";

/** Words by instance of the level that receives them or gives them up. */
export interface TraceMove {
  readonly operand: OperandKey;
  readonly parent: number;
  readonly child: number;
  readonly received: readonly (readonly number[])[];
  readonly givenUp: readonly (readonly number[])[];
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
  boundaries: readonly (Boundary & { readonly transitions: readonly Transition[] })[],
  needs: Needs,
): NestTrace {
  const count = needs.C.length;
  return Array.from({ length: count + 1 }, (_, step): TraceStep => {
    const end = step === count;
    const moves = boundaries.flatMap(({ operand, parent, child, transitions }): TraceMove[] => {
      if (child === walk.levels) return [];
      const at = end ? transitions.length - 1 : stepAround(walk, walk.levels, step, child);
      if (!end && step > 0 && stepAround(walk, walk.levels, step - 1, child) === at) return [];
      const { received = [], givenUp = [] } = transitions[at] ?? {};
      if ([...received, ...givenUp].every(({ size }) => size === 0)) return [];
      return [{ operand, parent, child, received: listed(received), givenUp: listed(givenUp) }];
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

const listed = (words: readonly Words[]): number[][] => words.map((set) => [...set]);
