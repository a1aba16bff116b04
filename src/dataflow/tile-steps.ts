// Builds the nested repeats of a memory schedule: a tile cut into steps, and loops over tiles in which equal iterations
// are kept once.

import type { ProgramNode, Step } from "./program.ts";
import { repeat } from "./program.ts";

/** One step of a tile that is cut into steps. */
export interface TilePart {
  readonly vectors: number;
  readonly first: boolean;
  readonly last: boolean;
  /** This part's share of bytes that are spread evenly over the tile's vectors; the last part takes the rest. */
  readonly share: (bytes: number) => number;
}

/** Cuts a tile of `vectors` vectors into steps of at most `perStep`; all but the first and the last are equal. */
export function splitTile(vectors: number, perStep: number, step: (part: TilePart) => Step): ProgramNode[] {
  const steps = Math.ceil(vectors / perStep);
  if (steps === 1) return [step({ vectors, first: true, last: true, share: (bytes) => bytes })];
  const each = (bytes: number): number => Math.floor((bytes * perStep) / vectors);
  const first = step({ vectors: perStep, first: true, last: false, share: each });
  const last = step({
    vectors: vectors - perStep * (steps - 1),
    first: false,
    last: true,
    share: (bytes) => bytes - each(bytes) * (steps - 1),
  });
  if (steps === 2) return [first, last];
  const middle = step({ vectors: perStep, first: false, last: false, share: each });
  return [first, repeat(steps - 2, [middle]), last];
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
