// Builds the nested repeats of a memory schedule: a tile cut into steps, and loops over tiles in which equal iterations
// are kept once.

import type { FoldRange } from "./grid-machine.ts";
import { foldRange, folds } from "./grid-machine.ts";
import type { ProgramNode, Step } from "./program.ts";
import { repeat } from "./program.ts";

/** One step of a tile that is cut into steps. */
export interface TilePart {
  /** The tile's vectors that it streams, counted from the tile's first. */
  readonly range: FoldRange;
  readonly first: boolean;
  readonly last: boolean;
  /** This part's share of bytes that are spread evenly over the tile's vectors; the last part takes the rest. */
  readonly share: (bytes: number) => number;
}

/**
 * Cuts a tile of `vectors` vectors into steps of at most `perStep`. All but the first and the last are equal, but for
 * what `fresh` says that a range of vectors needs and earlier ones of the tile did not bring.
 */
export function splitTile(
  vectors: number,
  perStep: number,
  fresh: ((range: FoldRange) => number) | undefined,
  step: (part: TilePart) => Step,
): ProgramNode[] {
  const parts = folds(vectors, perStep);
  const last = parts.count - 1;
  const each = (bytes: number): number => Math.floor((bytes * perStep) / vectors);
  const part = (index: number): ProgramNode[] => [
    step({
      range: foldRange(parts, index),
      first: index === 0,
      last: index === last,
      share: index === last ? (bytes) => bytes - each(bytes) * last : each,
    }),
  ];
  if (last === 0) return part(0);
  if (fresh === undefined) {
    if (last < 3) return [...part(0), ...(last === 2 ? part(1) : []), ...part(last)];
    return [...part(0), repeat(last - 1, part(1)), ...part(last)];
  }
  const alike = (a: number, b: number): boolean =>
    a > 0 && b < last && fresh(foldRange(parts, a)) === fresh(foldRange(parts, b));
  return loopOfRuns(parts.count, alike, part);
}

/** A loop in which iterations a < b are known to be alike when `alike(a, b)`: built once and repeated. */
export function loopOfRuns(
  count: number,
  alike: (a: number, b: number) => boolean,
  body: (index: number) => ProgramNode[],
): ProgramNode[] {
  const nodes: ProgramNode[] = [];
  let index = 0;
  while (index < count) {
    let end = index + 1;
    while (end < count && alike(index, end)) end++;
    const part = body(index);
    if (end - index === 1) nodes.push(...part);
    else nodes.push(repeat(end - index, part));
    index = end;
  }
  return nodes;
}

/** A loop whose iterations, but for the first and the last, recur after `period` of them. */
export function periodicLoop(count: number, period: number, body: (index: number) => ProgramNode[]): ProgramNode[] {
  const nodes: ProgramNode[] = [...body(0)];
  const last = count - 1;
  let index = 1;
  const periods = Math.floor((last - 1) / period);
  if (periods > 1) {
    const once: ProgramNode[] = [];
    for (; index <= period; index++) append(once, body(index));
    nodes.push(repeat(periods, once));
    index = 1 + periods * period;
  }
  for (; index < last; index++) append(nodes, body(index));
  if (last > 0) nodes.push(...body(last));
  return nodes;
}

/** Appends nodes, folding a run of equal steps into one repeat. */
function append(nodes: ProgramNode[], added: readonly ProgramNode[]): void {
  for (const node of added) {
    const before = nodes.at(-1);
    const step = before?.kind === "repeat" && before.body.length === 1 ? before.body[0] : before;
    if (node.kind === "step" && step?.kind === "step" && equalSteps(step, node)) {
      nodes[nodes.length - 1] = repeat(before?.kind === "repeat" ? before.count + 1 : 2, [step]);
    } else {
      nodes.push(node);
    }
  }
}

const equalSteps = (a: Step, b: Step): boolean =>
  a.fetchA === b.fetchA &&
  a.fetchB === b.fetchB &&
  a.fetchC === b.fetchC &&
  a.writeC === b.writeC &&
  a.load === b.load &&
  a.stream === b.stream &&
  a.startsTile === b.startsTile;

/** Largest n in [1, limit] that still fits, for a monotone test that holds at 1. */
export function largestFitting(limit: number, fits: (n: number) => boolean): number {
  let low = 1;
  let high = limit;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
