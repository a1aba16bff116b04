// Cycles of a schedule: a tile's time out of the times of the tiles in it and of what moves beside them, level by level,
// each kind of step once.

import { operandKeys } from "../../mapping/nest/problem.ts";
import { allFlags, atFirst, atLast, nextFirst, wasLast } from "./chain.ts";
import type { Boundary, Bound } from "./evaluate.ts";
import { changeOf, leftOf } from "./evaluate.ts";
import type { BoundaryCounts, SparsityFactors } from "./evaluation.ts";

/** Cycles of a tile and where they went. */
interface Duration {
  cycles: number;
  fill: number;
  /** By stage, the datapath last. */
  readonly waiting: Float64Array;
}

/** Cycles and stack of a bound schedule; `counts` are those of its boundaries, `steps` the datapath's. */
export function nestTime(
  bound: Bound,
  counts: readonly BoundaryCounts[],
  steps: number,
  factors: SparsityFactors | undefined,
): { cycles: number; stack: Readonly<Record<string, number>> } {
  const { prepared, chains, slots, levelOf, inUse, spread, boundaries } = bound;
  const { memories, memoryOf, hierarchy } = prepared;
  const { wordBytes } = hierarchy;
  const levels = hierarchy.levels.length;
  const stepCycles = factors?.stepCycles ?? 1;
  const dims = chains.length;
  const stageBoundaries = Array.from({ length: levels + 1 }, (_, stage) =>
    boundaries.filter(({ child }) => child === stage),
  );
  const widthOf = (operand: "A" | "B" | "C" | "partial", child: number): number =>
    factors === undefined ? wordBytes[operand] : factors.bytes(operand, child);
  const ragged = chains.some((chain) => chain.ragged);

  // Bytes through the ports of each memory, for moves beside the work and for those between.
  const read = new Float64Array(2 * memories.length);
  const written = new Float64Array(2 * memories.length);
  const clear = (): void => {
    read.fill(0);
    written.fill(0);
  };
  const parentOf = ({ operand, parent }: Boundary): number => memoryOf[parent]?.[operand] ?? 0;
  const childOf = ({ operand, child }: Boundary): number => memoryOf[child]?.[operand] ?? 0;
  const groupOf = (boundary: Boundary, split: boolean): number =>
    split && (memories[parentOf(boundary)]?.overlapped === false || memories[childOf(boundary)]?.overlapped === false)
      ? memories.length
      : 0;
  const add = (port: Float64Array, index: number, bytes: number): void => {
    port[index] = (port[index] ?? 0) + bytes;
  };

  /** What a joint change reads above for the stage: tiles of inputs, and partial sums unless it is their first time. */
  const addReads = (stage: number, change: Int32Array, firstTime: boolean, split: boolean): void => {
    for (const boundary of stageBoundaries[stage] ?? []) {
      const { operand, parent } = boundary;
      if (operand === 2 && firstTime) continue;
      const group = groupOf(boundary, split);
      const words =
        changeOf(bound, boundary, stage, parent, change, false) -
        changeOf(bound, boundary, stage, parent, change, true);
      const width = widthOf(operand === 2 ? "partial" : (operandKeys[operand] ?? "A"), stage);
      add(read, group + parentOf(boundary), words * width);
      const given =
        operand === 2
          ? words
          : changeOf(bound, boundary, stage, stage, change, false) -
            changeOf(bound, boundary, stage, stage, change, true);
      add(written, group + childOf(boundary), given * width);
    }
  };
  /** The farthest level whose results the loop at `position` moves on; else the stage, whose units act alone. */
  const moverOf = (stage: number, position: number): number => {
    for (const { operand, parent, fence } of boundaries) {
      if (operand === 2 && parent > 0 && parent < stage && position <= fence) return parent;
    }
    return stage;
  };
  /** What a joint change gives back to above the stage; `final` where no sum goes on; `position` of the loop that moved. */
  const addWrites = (stage: number, change: Int32Array, final: boolean, position: number, split: boolean): void => {
    for (const boundary of stageBoundaries[stage] ?? []) {
      const { operand, parent, innermost } = boundary;
      if (operand !== 2) continue;
      const group = groupOf(boundary, split);
      const mover = moverOf(stage, position);
      const words =
        leftOf(bound, stage, parent, change, mover) - changeOf(bound, boundary, stage, parent, change, true);
      const given = leftOf(bound, stage, stage, change, mover) - changeOf(bound, boundary, stage, stage, change, true);
      add(
        written,
        group + parentOf(boundary),
        words * widthOf(final && spread[parent] !== true ? "C" : "partial", stage),
      );
      add(
        read,
        group + childOf(boundary),
        given * widthOf(final && !innermost && spread[stage] !== true ? "C" : "partial", stage),
      );
    }
  };
  let slowest = 0;
  const portTime = (group: number, round: boolean): number => {
    let longest = 0;
    for (const [index, memory] of memories.entries()) {
      const [out, into] = [read[group + index] ?? 0, written[group + index] ?? 0];
      if (out === 0 && into === 0) continue;
      const units = inUse[memory.level] ?? 1;
      let cycles = memory.sharedPort
        ? (out + into) / (units * memory.readBytesPerCycle)
        : Math.max(out / (units * memory.readBytesPerCycle), into / (units * memory.writeBytesPerCycle));
      if (round) cycles = Math.ceil(cycles);
      if (cycles > longest) {
        longest = cycles;
        slowest = memory.level;
      }
    }
    return longest;
  };

  const known = Array.from({ length: levels + 1 }, () => new Map<string, Duration>());
  const fresh = (): Duration => ({ cycles: 0, fill: 0, waiting: new Float64Array(levels + 1) });
  const addTo = (sum: Duration, part: Duration, times: number): void => {
    sum.cycles += part.cycles * times;
    sum.fill += part.fill * times;
    for (let level = 1; level <= levels; level++) {
      sum.waiting[level] = (sum.waiting[level] ?? 0) + (part.waiting[level] ?? 0) * times;
    }
  };

  const datapath = (change: Int32Array, firstTime: boolean): Duration => {
    clear();
    for (const boundary of stageBoundaries[levels] ?? []) {
      const words = changeOf(bound, boundary, levels, boundary.parent, change, false);
      const width = widthOf(boundary.operand === 2 ? "partial" : (operandKeys[boundary.operand] ?? "A"), levels);
      const parent = parentOf(boundary);
      if (boundary.operand < 2 || !firstTime) add(read, parent, words * width);
      if (boundary.operand === 2) add(written, parent, words * width);
    }
    const result = fresh();
    const transfer = portTime(0, factors === undefined);
    result.cycles = Math.max(stepCycles, transfer);
    if (transfer > stepCycles) result.waiting[levels] = transfer - stepCycles;
    return result;
  };

  /** Adds `times` steps that take `inner` each, or longer where what the ports hold now takes longer. */
  const addStep = (sum: Duration, stage: number, inner: Duration, times: number): void => {
    const longer = (Math.max(0, portTime(0, true) - inner.cycles) + portTime(memories.length, true)) * times;
    addTo(sum, inner, times);
    sum.cycles += longer;
    sum.waiting[stage] = (sum.waiting[stage] ?? 0) + longer;
  };

  /** Calls for every joint kind of step of a level, given how each dimension is reached and left. */
  const joint = (
    stage: number,
    states: Int32Array,
    moved: Int32Array,
    moving: Int32Array,
    visit: (arrive: Int32Array, leave: Int32Array, flags: number, count: number) => void,
  ): void => {
    const arrive = new Int32Array(dims);
    const leave = new Int32Array(dims);
    const descend = (slot: number, flags: number, count: number): void => {
      if (slot === dims) {
        visit(arrive.slice(), leave.slice(), flags, count);
        return;
      }
      const own = chains[slot]?.stages[stage];
      const cases = 2 * (own?.ownLoops ?? 0) + 1;
      const list = own?.steps[states[slot] ?? 0]?.[(moved[slot] ?? 0) * cases + (moving[slot] ?? 0)];
      if (list === undefined) return;
      for (let index = 0; index < list.count.length; index++) {
        arrive[slot] = list.arrive[index] ?? 0;
        leave[slot] = list.leave[index] ?? 0;
        descend(slot + 1, flags & (list.flags[index] ?? 0), count * (list.count[index] ?? 0));
      }
    };
    descend(0, allFlags, 1);
  };
  /** By dimension, which case it is that the loop at `position` moves, for loops of one level; -1 for a loop around them. */
  const casesOf = (stage: number, position: number): Int32Array => {
    const result = new Int32Array(dims);
    for (let at = 0; at <= position; at++) {
      if (levelOf[at] !== stage) continue;
      const slot = slots[at] ?? 0;
      result[slot] = (result[slot] ?? 0) + (at === position ? 1 : 2);
    }
    return result;
  };

  /**
   * A tile held at level `stage`, reached by a joint change when the loop at `position` moved; flags say of all reduced
   * loops around whether they are at their first, at their last, and were at their last before.
   */
  const tile = (stage: number, change: Int32Array, flags: number, position: number): Duration => {
    const key = `${change.join()}|${flags}|${ragged ? position : 0}`;
    const seen = known[stage]?.get(key);
    if (seen !== undefined) return seen;
    const result =
      stage === levels ? datapath(change, (flags & atFirst) !== 0) : compose(stage, change, flags, position);
    known[stage]?.set(key, result);
    return result;
  };
  const compose = (stage: number, change: Int32Array, flags: number, position: number): Duration => {
    const sum = fresh();
    const states = Int32Array.from(change, (key, slot) => chains[slot]?.stages[stage]?.stateOf[key] ?? 0);
    const own = slots.flatMap((_, at) => (levelOf[at] === stage ? [at] : []));
    const next = stage + 1;
    if (next === levels) {
      const free = Int32Array.from(chains, (chain) => 2 * (chain.stages[stage]?.ownLoops ?? 0));
      joint(stage, states, free, free, (arrive, _, inner, count) => {
        addTo(sum, tile(next, arrive, flags & inner & atFirst, 0), count);
      });
      return sum;
    }
    const first = Int32Array.from(change, (key, slot) => chains[slot]?.stages[stage]?.firstOf[key] ?? 0);
    clear();
    addReads(next, first, (flags & atFirst) !== 0, false);
    addWrites(next, first, (flags & wasLast) !== 0, position, false);
    const swap = portTime(0, true);
    sum.cycles += swap;
    sum.fill += swap;
    // The first step: the innermost loop that has another step moves next.
    const none = new Int32Array(dims);
    let mover = -1;
    for (const at of own) {
      const slot = slots[at] ?? 0;
      const index = casesOf(stage, at)[slot] ?? 0;
      if ((chains[slot]?.stages[stage]?.counts[states[slot] ?? 0]?.[index >> 1] ?? 1) > 1) mover = at;
    }
    joint(stage, states, none, mover < 0 ? none : casesOf(stage, mover), (_, leave, inner) => {
      const bits = (flags & inner & (atFirst | atLast)) | (flags & wasLast);
      const body = tile(next, first, bits, position);
      clear();
      if (mover >= 0) addReads(next, leave, (flags & atFirst) !== 0 && (inner & nextFirst) !== 0, true);
      addStep(sum, next, body, 1);
    });
    for (const came of own) {
      const moved = casesOf(stage, came);
      for (const goes of [...own, -1]) {
        joint(stage, states, moved, goes < 0 ? none : casesOf(stage, goes), (arrive, leave, inner, count) => {
          const last = (flags & atLast) !== 0 && (inner & wasLast) !== 0;
          const bits = (flags & inner & (atFirst | atLast)) | (last ? wasLast : 0);
          const body = tile(next, arrive, bits, came);
          clear();
          if (goes >= 0) addReads(next, leave, (flags & atFirst) !== 0 && (inner & nextFirst) !== 0, true);
          addWrites(next, arrive, last, came, true);
          addStep(sum, next, body, count);
        });
      }
    }
    return sum;
  };

  const starts = Int32Array.from(chains, (chain) => chain.stages[0]?.start ?? 0);
  const total = tile(0, starts, atFirst | atLast, -1);
  let drain = 0;
  for (let stage = 1; stage < levels; stage++) {
    clear();
    const wraps = Int32Array.from(chains, (chain) => chain.stages[stage]?.wrap ?? 0);
    for (const boundary of stageBoundaries[stage] ?? []) {
      if (boundary.operand !== 2) continue;
      const { parent, innermost } = boundary;
      add(
        written,
        parentOf(boundary),
        leftOf(bound, stage, parent, wraps, 0) * widthOf(spread[parent] === true ? "partial" : "C", stage),
      );
      add(
        read,
        childOf(boundary),
        leftOf(bound, stage, stage, wraps, 0) * widthOf(innermost || spread[stage] === true ? "partial" : "C", stage),
      );
    }
    drain += portTime(0, true);
  }

  // No memory moves its bytes of the whole run in less time.
  clear();
  for (const [index, count] of counts.entries()) {
    const boundary = boundaries[index];
    if (boundary === undefined) continue;
    const { operand, child, innermost } = boundary;
    const partial = widthOf("partial", child);
    const final = widthOf("C", child);
    const width = operand === 2 ? partial : widthOf(operandKeys[operand] ?? "A", child);
    add(read, parentOf(boundary), count.reads * width);
    if (operand === 2) add(written, parentOf(boundary), count.partialWrites * partial + count.finalWrites * final);
    if (child === levels) continue;
    add(written, childOf(boundary), count.deliveries * width);
    if (operand === 2) {
      const finals = innermost || spread[child] === true ? 0 : count.finalWrites;
      add(read, childOf(boundary), finals * final + (count.surrendered - finals) * partial);
    }
  }
  const recursive = total.cycles + drain;
  const least = portTime(0, true);
  const name = (level: number): string => hierarchy.levels[level]?.name ?? "";
  const stack: Record<string, number> = { compute: steps * stepCycles };
  for (let stage = 1; stage < levels; stage++) stack[`wait ${name(stage)}`] = total.waiting[stage] ?? 0;
  stack["wait datapath"] = total.waiting[levels] ?? 0;
  stack["fill"] = total.fill;
  stack["drain"] = drain;
  for (let level = 0; level < levels; level++) {
    stack[`bandwidth ${name(level)}`] = level === slowest ? Math.max(0, least - recursive) : 0;
  }
  const cycles = Math.max(recursive, least);
  return { cycles: factors === undefined ? cycles : Math.ceil(cycles), stack };
}
