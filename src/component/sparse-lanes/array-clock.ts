// Time of an array whose units run ahead of each other between barriers: sums of each unit are folded into those of
// its column, and columns into the array, whenever they wait for each other.

import type { RoundBarrier } from "./sparse-lanes.ts";
import type { LaneTime } from "./stepped.ts";

export interface ArrayClock {
  /** Cycles of each unit since its column waited last; the caller adds to them. */
  readonly unitCycles: Float64Array;
  /** A round of all units is over. */
  endRound(): void;
  /** All units wait for each other; returns the cycles of the array so far. */
  join(): number;
  /** How the lanes spent the cycles up to the last join, given their multiplications. */
  laneTime(lanes: number, busy: number): LaneTime;
}

/** `columnOf` gives the column of each unit, from 0; the cycles of units may be kept in an array of the caller's. */
export function arrayClock(
  barrier: RoundBarrier,
  columnOf: Int32Array,
  unitCycles: Float64Array = new Float64Array(columnOf.length),
): ArrayClock {
  const units = columnOf.length;
  const columns = columnOf.reduce((most, column) => Math.max(most, column + 1), 0);
  const slowest = new Float64Array(columns);
  const columnCycles = new Float64Array(columns);
  const unitsOf = new Float64Array(columns);
  for (const column of columnOf) unitsOf[column] = (unitsOf[column] ?? 0) + 1;
  const due = "rounds" in barrier ? barrier.rounds : Infinity;
  const wide = barrier.scope === "array";
  let rounds = 0;
  let cycles = 0;
  let unitTotal = 0;
  let columnTotal = 0;

  const waitInColumns = (): void => {
    for (let unit = 0; unit < units; unit++) {
      const column = columnOf[unit] ?? 0;
      const own = unitCycles[unit] ?? 0;
      unitTotal += own;
      unitCycles[unit] = 0;
      if (own > (slowest[column] ?? 0)) slowest[column] = own;
    }
    for (let column = 0; column < columns; column++) {
      const own = slowest[column] ?? 0;
      slowest[column] = 0;
      columnTotal += own * (unitsOf[column] ?? 0);
      columnCycles[column] = (columnCycles[column] ?? 0) + own;
    }
  };
  const waitInArray = (): void => {
    waitInColumns();
    let most = 0;
    for (let column = 0; column < columns; column++) {
      const own = columnCycles[column] ?? 0;
      columnCycles[column] = 0;
      if (own > most) most = own;
    }
    cycles += most;
  };
  return {
    unitCycles,
    endRound() {
      rounds++;
      if (rounds < due) return;
      rounds = 0;
      if (wide) waitInArray();
      else waitInColumns();
    },
    join() {
      rounds = 0;
      waitInArray();
      return cycles;
    },
    laneTime: (lanes, busy) => ({
      busy,
      laneWait: lanes * unitTotal - busy,
      unitWait: lanes * (columnTotal - unitTotal),
      columnWait: lanes * (units * cycles - columnTotal),
    }),
  };
}
