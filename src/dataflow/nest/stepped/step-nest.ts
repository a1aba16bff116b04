// The reference for loop nests: walks a schedule step by step, keeps the set of words that every instance of every level
// holds, watches which words change, and counts and times exactly that. Without factorisation and without cleverness.

import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, NestMemory, Schedule } from "../../../mapping/nest/schedule.ts";
import type { BoundaryCounts, NestEvaluation, SparsityFactors } from "../evaluation.ts";
import type { Boundary, Holdings, Transition } from "./moves.ts";
import { holdingsOf, needsOf, transitionsOf } from "./moves.ts";
import type { Load, Port } from "./ports.ts";
import type { NestValues, Needs } from "./sums.ts";
import { resultsOf, spreadAbove } from "./sums.ts";
import type { StageMove } from "./time.ts";
import { timeOf } from "./time.ts";
import type { NestTrace } from "./trace.ts";
import { traceOf } from "./trace.ts";
import type { Walk } from "./walk.ts";
import { walkOf } from "./walk.ts";

export interface SteppedOptions {
  /** Operands to multiply; the evaluation then has `output`. */
  readonly values?: NestValues;
  readonly sparsity?: SparsityFactors;
  /** Whether to give `trace`. */
  readonly trace?: boolean;
}

export interface SteppedEvaluation extends NestEvaluation {
  /** Results, row-major over the ranks of C, summed in the nest's order. */
  readonly output?: Float64Array;
  readonly trace?: NestTrace;
}

/** A boundary with all that ever crosses it. */
export interface BoundaryMoves extends Boundary {
  /** Whether the datapath takes its words from the child. */
  readonly innermost: boolean;
  readonly transitions: readonly Transition[];
  /** What the instances of the child hold in each of its steps. */
  readonly holdings: Holdings;
}

/**
 * Walks a valid schedule. Time and memory grow with steps times units times tiles: for small problems only.
 * The schedule must have passed `checkSchedule`.
 */
export function stepNest(
  problem: NestProblem,
  hierarchy: Hierarchy,
  schedule: Schedule,
  options: SteppedOptions = {},
): SteppedEvaluation {
  const walk = walkOf(problem, hierarchy, schedule);
  const needs: Needs = { A: needsOf(walk, "A"), B: needsOf(walk, "B"), C: needsOf(walk, "C") };
  const boundaries = operandKeys.flatMap((operand) => boundariesOf(walk, hierarchy, schedule, operand, needs[operand]));
  const bytes = options.sparsity?.bytes ?? ((operand: OperandKey | "partial") => hierarchy.wordBytes[operand]);
  const ports = new Map<NestMemory, Port>();
  const portOf = (level: number, operand: OperandKey): Port | undefined => {
    const memory = hierarchy.levels[level]?.memories.find(({ operands }) => operands.includes(operand));
    if (memory === undefined) return undefined;
    const port = ports.get(memory) ?? { memory, level, instances: walk.instances[level]?.length ?? 1 };
    ports.set(memory, port);
    return port;
  };
  const moves = walk.steps.map((steps, stage) =>
    Array.from({ length: stage === 0 ? 0 : steps.length + 1 }, (_, at) =>
      boundaries
        .filter(({ child }) => child === stage)
        .map((boundary) => stageMove(walk, boundary, at, portOf, (operand) => bytes(operand, stage))),
    ),
  );
  const stepCycles = options.sparsity?.stepCycles ?? 1;
  const { cycles, stack } = timeOf(walk, hierarchy, moves, stepCycles, options.sparsity !== undefined);
  return {
    cycles,
    stack,
    macs: needs.C.reduce((sum, units) => sum + units.filter(({ size }) => size > 0).length, 0),
    steps: needs.C.length,
    units: walk.instances[walk.levels]?.length ?? 1,
    boundaries: boundaries.map((boundary) => countsOf(walk, boundary)),
    ...(options.values === undefined
      ? {}
      : {
          output: resultsOf(
            walk,
            boundaries.filter(({ operand }) => operand === "C"),
            needs,
            options.values,
          ),
        }),
    ...(options.trace === true ? { trace: traceOf(walk, boundaries, needs) } : {}),
  };
}

/** The boundaries of an operand, far to near, with everything that crosses them. */
function boundariesOf(
  walk: Walk,
  hierarchy: Hierarchy,
  schedule: Schedule,
  operand: OperandKey,
  needs: Holdings,
): readonly BoundaryMoves[] {
  const keepers = hierarchy.levels.flatMap(({ memories }, level) => {
    const can = memories.some(({ operands }) => operands.includes(operand));
    return can && schedule.bypass[level]?.includes(operand) !== true ? [level] : [];
  });
  const boundaries: BoundaryMoves[] = [];
  let parent = 0;
  let holdings: Holdings | undefined;
  for (const child of [...keepers.slice(1), walk.levels]) {
    const held: Holdings =
      child === walk.levels ? needs : holdingsOf(walk, operand, child, holdings && { level: parent, holdings });
    const boundary = { operand, parent, child, innermost: child === (keepers.at(-1) ?? 0) };
    boundaries.push({ ...boundary, transitions: transitionsOf(walk, boundary, held), holdings: held });
    parent = child;
    holdings = held;
  }
  return boundaries;
}

/** Words of one transition by what a count or a port makes of them. */
function wordsOfTransition(walk: Walk, { operand, parent, child, innermost }: BoundaryMoves, transition: Transition) {
  const { received, givenUp, readBack, written, reads } = transition;
  const total = (words: readonly ReadonlySet<number>[]): number => words.reduce((sum, { size }) => sum + size, 0);
  // Units of the datapath return accumulators; what is still to be added to is as wide as one, and so are the words of
  // the memory that the datapath adds to, although the last of each are finished.
  const last = written.filter((word) => word.last).length;
  const finalWrites = child === walk.levels || spreadAbove(walk, parent) ? 0 : last;
  const finalGivenUp = child === walk.levels || innermost || spreadAbove(walk, child) ? 0 : last;
  return {
    reads,
    deliveries: operand === "C" ? readBack.length : total(received),
    readBacks: readBack.length,
    finalWrites,
    partialWrites: written.length - finalWrites,
    surrendered: total(givenUp),
    finalGivenUp,
  };
}

function countsOf(walk: Walk, boundary: BoundaryMoves): BoundaryCounts {
  const { operand, parent, child, transitions } = boundary;
  const counts = { reads: 0, deliveries: 0, partialWrites: 0, finalWrites: 0, surrendered: 0, readBacks: 0 };
  for (const transition of transitions) {
    const words = wordsOfTransition(walk, boundary, transition);
    counts.reads += words.reads;
    counts.deliveries += words.deliveries;
    counts.partialWrites += words.partialWrites;
    counts.finalWrites += words.finalWrites;
    counts.surrendered += words.surrendered;
    counts.readBacks += words.readBacks;
  }
  return { operand, parent, child, ...counts };
}

/** What a boundary moves in one transition, at the ports of its two memories; the datapath has none. */
function stageMove(
  walk: Walk,
  boundary: BoundaryMoves,
  at: number,
  portOf: (level: number, operand: OperandKey) => Port | undefined,
  bytes: (operand: OperandKey | "partial") => number,
): StageMove {
  const { operand, parent, child } = boundary;
  const transition = boundary.transitions[at];
  const above = portOf(parent, operand);
  if (transition === undefined || above === undefined) return { overlapped: true, incoming: [], outgoing: [] };
  const below = child === walk.levels ? undefined : portOf(child, operand);
  const words = wordsOfTransition(walk, boundary, transition);
  const inWord = bytes(operand === "C" ? "partial" : operand);
  const incoming: Load[] = [{ port: above, readBytes: words.reads * inWord, writtenBytes: 0 }];
  const outgoing: Load[] = [
    {
      port: above,
      readBytes: 0,
      writtenBytes: words.finalWrites * bytes("C") + words.partialWrites * bytes("partial"),
    },
  ];
  if (below !== undefined) {
    incoming.push({ port: below, readBytes: 0, writtenBytes: words.deliveries * inWord });
    outgoing.push({
      port: below,
      readBytes: words.finalGivenUp * bytes("C") + (words.surrendered - words.finalGivenUp) * bytes("partial"),
      writtenBytes: 0,
    });
  }
  return { overlapped: above.memory.overlapped && below?.memory.overlapped !== false, incoming, outgoing };
}
