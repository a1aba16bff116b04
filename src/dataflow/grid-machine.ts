// What the grid dataflow shares between planning and scheduling: the machine it needs, folds of a dimension over units,
// and what a buffer can hold and serve.

import { InputError } from "../base/error.ts";
import { portBitsPerCycle, workingBytes } from "../component/memory/sram.ts";
import type { SystolicGrid } from "../component/systolic-grid.ts";
import type { NumberFormat } from "../technology/technology.ts";
import type { Route } from "./route.ts";

/** What the grid dataflow needs to know of a machine. */
export interface GridMachine {
  readonly grid: SystolicGrid;
  /** Format of the results that leave the machine. */
  readonly output: NumberFormat;
  readonly routes: Readonly<Record<"A" | "B" | "C", Route>>;
}

/** Folds of a dimension over `size` units: all but the last are full. */
export interface Folds {
  readonly count: number;
  readonly size: number;
  readonly last: number;
}

export function folds(extent: number, size: number): Folds {
  const count = Math.ceil(extent / size);
  return { count, size, last: extent - (count - 1) * size };
}

/** [from, to) of the extent that a fold covers. */
export type FoldRange = readonly [number, number];

export const foldRange = ({ count, size, last }: Folds, index: number): FoldRange => [
  index * size,
  index * size + (index === count - 1 ? last : size),
];

/** The sizes of all folds, and how many there are of each. */
export const foldSizes = ({ count, size, last }: Folds): readonly (readonly [size: number, times: number])[] =>
  count === 1 || size === last
    ? [[last, count]]
    : [
        [size, count - 1],
        [last, 1],
      ];

/** Cycles that an edge of `words` words takes to be served by a buffer's ports. */
export const portInterval = (words: number, bits: number, route: Route): number =>
  Math.ceil((words * bits) / portBitsPerCycle(route.bufferMemory));

/** Bytes of `route`'s buffer that one tile may use; throws when `needed` bytes do not fit. */
export function requireWorking(route: Route, needed: number, what: string): number {
  const working = workingBytes(route.bufferMemory);
  if (needed > working) {
    throw new InputError({
      path: `components.${route.buffer}.bytes`,
      message: `too small for ${what}${route.bufferMemory.doubleBuffered ? ", of which half the buffer holds one" : ""}`,
      found: `${route.bufferMemory.bytes} B`,
      expected: `at least ${needed * (route.bufferMemory.doubleBuffered ? 2 : 1)} B`,
    });
  }
  return working;
}
