// Watches a stepped grid machine through a tile and records the film: what every unit and register holds and does, what
// moves, how full the buffers are. What happens when is kept for the timeline and the captions.

import type { Entry } from "../../../component/systolic-grid-stepped.ts";
import type { Program, Step } from "../../../dataflow/program.ts";
import { expand } from "../../../dataflow/program.ts";
import type { MachineObserver, PassedTransfer, Waiting } from "../../grid/stepped-machine.ts";
import type { OperandName } from "../../result.ts";
import type { Recording } from "../film.ts";
import type { GridPicture } from "./picture.ts";
import { leftSlot, nextSlot, sumSlot, topSlot } from "./picture.ts";

/** What the array's edges and the channel did, cycle by cycle. */
export interface GridMarks {
  /** What kept a vector from entering; undefined in cycles in which one entered. */
  readonly waiting: (Waiting | undefined)[];
  readonly loading: boolean[];
  /** Multiplications, and sums that left. */
  readonly products: number[];
  readonly results: number[];
  readonly transfers: PassedTransfer[];
}

/** What the film needs to know of the tile beforehand. */
export interface WatchedTile {
  readonly rows: number;
  readonly columns: number;
  readonly program: Program;
  readonly vectorInterval: number;
  readonly hidden: boolean;
  /** Words of the tile's operands, and bytes of a word off chip. */
  readonly words: Readonly<Record<"A" | "B", number>>;
  readonly bytes: Readonly<Record<OperandName, number>>;
}

export interface GridWatch extends MachineObserver {
  readonly marks: GridMarks;
  /** Records what is known only at the end: how full the buffers were. */
  readonly finish: () => void;
}

/** Waiting that is for want of data or of a place for it, not a part of the tile's own course. */
export const stalls = (waiting: Waiting | undefined): boolean =>
  waiting === "operands" || waiting === "output buffer" || waiting === "buffer port";

/** An observer that records on `film`. */
export function watchGrid(picture: GridPicture, tile: WatchedTile, film: Recording): GridWatch {
  const { rows: R, columns: C, collapse, units, link, roles } = picture;
  const outputsRest = roles.stationary === "outputs";
  const marks: GridMarks = { waiting: [], loading: [], products: [], results: [], transfers: [] };
  const levels = {
    A: new Float64Array(film.cycles),
    B: new Float64Array(film.cycles),
    C: new Float64Array(film.cycles),
  };
  /** What rests in each unit from cycle to cycle, and what waits there for its turn. */
  const resting = new Float64Array(R * C).fill(NaN);
  const next = new Float64Array(R * C).fill(NaN);
  const entered: (Entry | undefined)[] = [];
  const loaded: ({ readonly values: Float64Array; readonly columns: number } | undefined)[] = [];
  let t = 0;
  let firstEntry = -1;
  let products = 0;
  let results = 0;
  const steps = [...expand(tile.program.nodes)];
  let step = 0;
  let vectorsInStep = 0;

  const change = (operand: OperandName, cycle: number, words: number): void => {
    if (cycle < film.cycles) levels[operand][cycle] = (levels[operand][cycle] ?? 0) + words;
  };
  const touch = (operand: OperandName, cycle: number, what: "loading" | "passing"): void => {
    const buffer = picture.buffers[operand];
    if (what === "loading" || !film.busy(cycle, buffer)) film.act(cycle, buffer, what);
  };
  // Operands whose home is on chip lie there from the start.
  for (const operand of ["A", "B"] as const) if (link.dram[operand] < 0) change(operand, 0, tile.words[operand]);

  /** The buffer forgets what a finished step brought as soon as a later one brings more. */
  const forget = (done: Step): void => {
    step++;
    vectorsInStep = 0;
    const later = steps.slice(step);
    if (link.dram.A >= 0 && later.some(({ fetchA }) => fetchA > 0)) change("A", t + 1, -done.fetchA / tile.bytes.A);
    if (link.dram.B >= 0 && later.some(({ fetchB }) => fetchB > 0)) change("B", t + 1, -done.fetchB / tile.bytes.B);
  };

  /** A value in the registers before a row or column: `count` of them, `age` cycles after it entered. */
  const delayed = (
    registers: readonly number[],
    links: readonly number[],
    into: number,
    valueAt: (age: number) => number,
    operand: OperandName,
  ): void => {
    const count = registers.length;
    const fresh = valueAt(0);
    if (!Number.isNaN(fresh)) {
      film.move(t, count === 0 ? into : (links[count - 1] ?? into), fresh);
      touch(operand, t, "passing");
    }
    for (let near = 0; near < count; near++) {
      const value = valueAt(count - 1 - near);
      const register = registers[near];
      if (register === undefined || Number.isNaN(value)) continue;
      film.act(t, register, "passing");
      film.show(t, register, 0, value);
      film.move(t, near === 0 ? into : (links[near - 1] ?? into), value);
    }
  };

  const edges = (): void => {
    for (let r = 0; r < tile.rows; r++) {
      const value = (age: number): number => entered[t - age]?.left[r] ?? NaN;
      delayed(picture.leftDelay[r] ?? [], link.leftDelay[r] ?? [], link.left[r * C] ?? -1, value, roles.left);
    }
    for (let c = 0; c < tile.columns; c++) {
      const value = (age: number): number => {
        if (outputsRest) return entered[t - age]?.top?.[c] ?? NaN;
        const row = loaded[t - age];
        return row === undefined || c >= row.columns ? NaN : (row.values[c] ?? NaN);
      };
      delayed(picture.topDelay[c] ?? [], link.topDelay[c] ?? [], link.top[c] ?? -1, value, roles.top);
    }
  };

  /** A unit without work waits where the wave that passes it brought nothing because something was missing. */
  const stall = (): void => {
    for (let r = 0; r < tile.rows; r++) {
      for (let c = 0; c < tile.columns; c++) {
        const unit = units + r * C + c;
        if (film.busy(t, unit)) continue;
        const entry = t - Math.floor(r / collapse) - Math.floor(c / collapse);
        const since = firstEntry < 0 ? t : entry;
        if (firstEntry >= 0 && entry < firstEntry) continue;
        if (stalls(marks.waiting[since])) film.act(t, unit, "stalled");
      }
    }
  };

  return {
    marks,
    loadRow(_tile, _row, values, columns) {
      loaded[t] = { values: values.slice(), columns };
    },
    enter(_tile, entry) {
      if (firstEntry < 0) firstEntry = t;
      if (t < film.cycles) entered[t] = { ...entry, left: entry.left.slice(0, entry.rows), ...copyOfTop(entry) };
      vectorsInStep++;
      const now = steps[step];
      if (now !== undefined && vectorsInStep * tile.vectorInterval >= now.stream) forget(now);
    },
    multiply(r, c, x, other, sum) {
      const at = r * C + c;
      const unit = units + at;
      const useful = x !== 0 && other !== 0;
      products++;
      film.act(t, unit, useful ? "useful" : "zero");
      film.show(t, unit, leftSlot, x);
      if (c > 0) {
        // Into another stage the value passed a register: it left the unit before in the last cycle.
        const crossed = c % collapse === 0;
        film.move(crossed ? t - 1 : t, link.left[at] ?? -1, x);
        if (crossed) film.act(t - 1, picture.columnBars[c / collapse - 1] ?? -1, "passing");
      }
      if (outputsRest) {
        film.show(t, unit, topSlot, other);
        resting[at] = sum;
        if (r > 0) {
          film.move(t - 1, link.top[at] ?? -1, other);
          film.act(t - 1, picture.rowBars[r - 1] ?? -1, "passing");
        }
        return;
      }
      resting[at] = other;
      next[at] = NaN;
      handDown(r, c, sum);
    },
    pass(r, c, sum) {
      film.act(t, units + r * C + c, "passing");
      handDown(r, c, sum);
    },
    load(r, c, value) {
      const at = r * C + c;
      if (!tile.hidden) resting[at] = value;
      if (Number.isNaN(value)) return;
      if (tile.hidden) next[at] = value;
      if (!film.busy(t, units + at)) film.act(t, units + at, "loading");
      if (r > 0) film.move(t - 1, link.top[at] ?? -1, value);
    },
    latch(r, c, value) {
      if (tile.hidden) next[r * C + c] = value;
    },
    result(r, c, value, total) {
      results++;
      const at = outputsRest ? r * C + c : (R - 1) * C + c;
      film.move(t, link.result[at] ?? -1, value);
      touch("C", t, "loading");
      change("C", t, 1);
      const adder = picture.adders[c];
      if (adder !== undefined) {
        film.act(t, adder, "passing");
        film.show(t, adder, 0, total);
        film.move(t, link.adder[c] ?? -1, total);
        return;
      }
      film.show(t, units + at, sumSlot, resting[at] ?? NaN);
      resting[at] = NaN;
    },
    transfer(transfer) {
      marks.transfers.push(transfer);
      const { kind, step: of, start, end, arrives } = transfer;
      const off = (operand: OperandName): boolean => link.dram[operand] >= 0;
      const words = {
        A: kind === "fetch" && off("A") ? of.fetchA / tile.bytes.A : 0,
        B: kind === "fetch" && off("B") ? of.fetchB / tile.bytes.B : 0,
        C: kind === "write" && off("C") ? of.writeC / tile.bytes.C : 0,
      };
      const all = words.A + words.B + words.C;
      const cycles = Math.max(1, end - start);
      // A before B: what has passed of each after a share of the transfer.
      const passed = (operand: OperandName, share: number): number => {
        const before = operand === "B" ? words.A : 0;
        return Math.min(words[operand], Math.max(0, Math.floor(all * share) - before));
      };
      for (let i = 0; i < cycles && start + i < film.cycles; i++) {
        const cycle = start + i;
        let moved = 0;
        for (const operand of ["A", "B", "C"] as const) {
          const now = passed(operand, (i + 1) / cycles) - passed(operand, i / cycles);
          if (now <= 0) continue;
          moved += now;
          film.move(cycle, link.dram[operand], now);
          const there = cycle + (arrives - end);
          change(operand, there, kind === "write" ? -now : now);
          touch(operand, there, kind === "write" ? "passing" : "loading");
        }
        if (picture.dram < 0) continue;
        film.act(cycle, picture.dram, "passing");
        if (moved > 0) film.show(cycle, picture.dram, 0, moved);
      }
    },
    cycle(waiting, loading) {
      marks.waiting[t] = waiting;
      marks.loading[t] = loading;
      marks.products[t] = products;
      marks.results[t] = results;
      products = 0;
      results = 0;
      if (t < film.cycles) {
        edges();
        stall();
        for (let at = 0; at < R * C; at++) {
          const value = resting[at] ?? NaN;
          if (!Number.isNaN(value)) film.show(t, units + at, outputsRest ? sumSlot : topSlot, value);
          if (tile.hidden) film.show(t, units + at, nextSlot, next[at] ?? NaN);
        }
      }
      t++;
    },
    finish() {
      for (const operand of ["A", "B", "C"] as const) {
        let level = 0;
        for (let cycle = 0; cycle < film.cycles; cycle++) {
          level += levels[operand][cycle] ?? 0;
          film.show(cycle, picture.buffers[operand], 0, level);
        }
      }
    },
  };

  /** The sum shows in the unit and is on its way to the one below: into the same stage at once, or to its register. */
  function handDown(r: number, c: number, sum: number): void {
    const at = r * C + c;
    film.show(t, units + at, sumSlot, sum);
    if (r + 1 >= R) return;
    film.move(t, link.sum[at + C] ?? -1, sum);
    if ((r + 1) % collapse === 0) film.act(t, picture.rowBars[(r + 1) / collapse - 1] ?? -1, "passing");
  }
}

const copyOfTop = ({ top, columns }: Entry): Pick<Entry, "top"> =>
  top === undefined ? {} : { top: top.slice(0, columns) };
