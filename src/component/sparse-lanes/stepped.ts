// The lanes of an array one cycle and one bit at a time, with find-first, rank addressing into compressed register files
// and real values: the reference that the times of packed.ts must equal. No cleverness.

import { arithmetic } from "../arithmetic.ts";
import type { LaneEvents, LaneMode, RoundBarrier, SparseLanes } from "./sparse-lanes.ts";

/** One bank: with a bitmap only its ones are in `values`, in order; without one every position is. */
export interface LaneBank {
  readonly bits?: readonly boolean[];
  readonly values: readonly number[];
}

/** What a unit works on in one round. */
export interface UnitRound {
  /** One bank a lane; with `select`, all lanes read the bank of that number. */
  readonly inputs: readonly LaneBank[];
  readonly select?: number;
  /** One bank a lane. */
  readonly weights: readonly LaneBank[];
  /** Where sums go: one output in mode VxV, one for each lane in mode MxM. */
  readonly outputs: readonly number[];
}

/** Rounds of all units in lockstep order; a unit without work in a round passes it at once. */
export interface LaneProgram {
  readonly mode: LaneMode;
  readonly units: readonly { readonly column: number; readonly rounds: readonly (UnitRound | undefined)[] }[];
  /** After which rounds an output point ends, so that sums leave the accumulators. */
  readonly pointEnds: readonly boolean[];
  /** After which rounds the whole array waits, whatever the barrier; counting of rounds starts anew there. */
  readonly joins: readonly boolean[];
}

/** Cycles of all lanes of all units by what they did; sums to cycles x lanes. */
export interface LaneTime {
  /** A multiplication. */
  busy: number;
  /** Waiting for a lane of the same unit, or looking at an empty bitmap. */
  laneWait: number;
  /** Waiting for a unit of the same column. */
  unitWait: number;
  /** Waiting for another column. */
  columnWait: number;
}

export interface SteppedLanes {
  readonly cycles: number;
  /** Cycles up to the end of each part between joins. */
  readonly parts: readonly number[];
  readonly time: LaneTime;
  readonly events: LaneEvents;
}

type Stage = "lane" | "unit" | "column" | "array";

interface Lane {
  readonly unit: number;
  /** Rounds completed. */
  done: number;
  working: boolean;
  /** Combined bitmap: positions still to be multiplied. */
  combined: boolean[];
  accumulator: number;
}

/** Receives every sum that leaves a unit, whole or partial. */
export type SumSink = (output: number, sum: number) => void;

/** Looks on while lanes are stepped; it is told and changes nothing. */
export interface LaneObserver {
  /**
   * What a lane does in a cycle, lanes in the order of units: the position that it has multiplied, which is gone from its
   * combined bitmap, or -1. It works on round `done`, or waits after the one before.
   */
  readonly acts: (lane: number, state: Readonly<Omit<Lane, "unit">>, position: number) => void;
  /** A sum leaves a unit: at the end of a cycle, or before the next one begins. */
  readonly leaves: (unit: number, output: number, sum: number) => void;
  /** The cycle is over. */
  readonly ends: () => void;
}

export function steppedLanes(
  config: Pick<SparseLanes, "lanes" | "barrier" | "sparsity" | "accumulator">,
  program: LaneProgram,
  sink: SumSink,
  observer?: LaneObserver,
): SteppedLanes {
  const { multiplyAdd, add } = arithmetic[config.accumulator];
  const { units, pointEnds, joins, mode } = program;
  const stages = stageAfter(config.barrier, pointEnds, joins);
  const total = stages.length;
  const lanes: Lane[] = units.flatMap((_, unit) =>
    Array.from({ length: config.lanes }, () => ({ unit, done: 0, working: false, combined: [], accumulator: 0 })),
  );
  const flushed = units.map(() => 0);
  const time: LaneTime = { busy: 0, laneWait: 0, unitWait: 0, columnWait: 0 };
  const events: LaneEvents = {
    multiplyAccumulate: 0,
    inputRead: 0,
    weightRead: 0,
    bitmapRead: 0,
    findFirst: 0,
    outputWrite: 0,
  };
  const parts: number[] = [];

  const roundOf = (unit: number, round: number): UnitRound | undefined => units[unit]?.rounds[round];
  const columnOf = (unit: number): number => units[unit]?.column ?? 0;
  const ofUnit = (unit: number): Lane[] => lanes.filter((lane) => lane.unit === unit);
  const inputsOf = ({ inputs, select }: UnitRound, index: number): LaneBank | undefined => inputs[select ?? index];

  /** Whether all whom a lane waits for after the round before `round` have completed it. */
  const mayStart = (lane: Lane, round: number): boolean => {
    const stage = round === 0 ? "lane" : (stages[round - 1] ?? "array");
    return lanes.every(
      (other) =>
        other.done >= round ||
        stage === "lane" ||
        (stage === "unit" && other.unit !== lane.unit) ||
        (stage === "column" && columnOf(other.unit) !== columnOf(lane.unit)),
    );
  };

  const start = (lane: Lane, index: number): void => {
    const round = roundOf(lane.unit, lane.done);
    if (round === undefined) {
      lane.done++;
      return;
    }
    const input = inputsOf(round, index);
    const weight = round.weights[index];
    const size = Math.min(positions(input), positions(weight));
    lane.combined = Array.from(
      { length: size },
      (_, position) => (input?.bits?.[position] ?? true) && (weight?.bits?.[position] ?? true),
    );
    events.bitmapRead += (config.sparsity === "both" ? 2 : 0) + (/^(weights|inputs)$/.test(config.sparsity) ? 1 : 0);
    lane.working = true;
  };

  const multiply = (lane: Lane, index: number, position: number): void => {
    const round = roundOf(lane.unit, lane.done);
    if (round === undefined) throw new Error("a lane works without a round");
    const input = inputsOf(round, index);
    const weight = round.weights[index];
    if (input === undefined || weight === undefined) throw new Error("a lane works without a bank");
    lane.accumulator = multiplyAdd(lane.accumulator, elementAt(input, position), elementAt(weight, position));
    lane.combined[position] = false;
    events.multiplyAccumulate++;
    events.inputRead++;
    events.weightRead++;
    if (config.sparsity !== "none") events.findFirst++;
  };

  /** Sums of output points that all lanes of a unit have completed leave it. */
  const flush = (unit: number): void => {
    const own = ofUnit(unit);
    const completed = Math.min(...own.map((lane) => lane.done));
    for (let round = flushed[unit] ?? 0; round < completed; round++) {
      if (pointEnds[round] !== true) continue;
      let last = round;
      while (last > 0 && roundOf(unit, last) === undefined && pointEnds[last - 1] !== true) last--;
      const work = roundOf(unit, last);
      if (work === undefined) continue;
      if (mode === "VxV") {
        const sum = own.reduce((before, lane) => add(before, lane.accumulator), 0);
        observer?.leaves(unit, work.outputs[0] ?? -1, sum);
        sink(work.outputs[0] ?? -1, sum);
      } else {
        for (const [index, output] of work.outputs.entries()) {
          const sum = own[index]?.accumulator ?? 0;
          observer?.leaves(unit, output, sum);
          sink(output, sum);
        }
      }
      events.outputWrite += work.outputs.length;
      for (const lane of own) lane.accumulator = 0;
    }
    flushed[unit] = completed;
  };

  let cycles = 0;
  for (;;) {
    let moved = true;
    while (moved) {
      moved = false;
      for (const [index, lane] of lanes.entries()) {
        if (lane.working || lane.done === total || !mayStart(lane, lane.done)) continue;
        start(lane, index % config.lanes);
        flush(lane.unit);
        moved = true;
      }
    }
    const completed = Math.min(...lanes.map((lane) => lane.done));
    const ended = joins.filter((join, round) => join && round < completed).length;
    while (parts.length < ended) parts.push(cycles);
    if (completed === total) break;
    const workingUnits = new Set(lanes.filter((lane) => lane.working).map((lane) => lane.unit));
    const workingColumns = new Set([...workingUnits].map(columnOf));
    for (const [index, lane] of lanes.entries()) {
      const position = lane.working ? lane.combined.indexOf(true) : -1;
      if (position >= 0) {
        multiply(lane, index % config.lanes, position);
        time.busy++;
      } else if (workingUnits.has(lane.unit)) time.laneWait++;
      else if (workingColumns.has(columnOf(lane.unit))) time.unitWait++;
      else time.columnWait++;
      observer?.acts(index, lane, position);
      if (lane.working && !lane.combined.includes(true)) {
        lane.working = false;
        lane.done++;
      }
    }
    for (const unit of units.keys()) flush(unit);
    observer?.ends();
    cycles++;
  }
  return { cycles, parts, time, events };
}

/** Who waits for whom after each round. */
function stageAfter(barrier: RoundBarrier, pointEnds: readonly boolean[], joins: readonly boolean[]): readonly Stage[] {
  let since = 0;
  return joins.map((join, round) => {
    since++;
    const due = "rounds" in barrier && since === barrier.rounds;
    if (join || due) since = 0;
    if (join) return "array";
    if (due) return barrier.scope;
    return barrier.scope === "lane" && pointEnds[round] !== true ? "lane" : "unit";
  });
}

const positions = (bank: LaneBank | undefined): number => bank?.bits?.length ?? bank?.values.length ?? 0;

/** The element at a position with a one: its place in the compressed bank is the number of ones before it. */
function elementAt({ bits, values }: LaneBank, position: number): number {
  const rank = bits === undefined ? position : bits.slice(0, position).filter(Boolean).length;
  const value = values[rank];
  if (value === undefined) throw new Error(`no element at position ${position}`);
  return value;
}
