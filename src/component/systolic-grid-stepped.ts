// The systolic grid one cycle at a time, moving real values: the reference that the closed forms must equal. No
// cleverness: registers are typed arrays, a vector advances one pipeline stage a cycle, empty slots are bubbles.

import type { GridEvents, GridMode, SystolicGrid } from "./systolic-grid.ts";
import type { MultiplyAdd } from "./arithmetic.ts";
import { arithmetic } from "./arithmetic.ts";

/** Receives a finished sum when it leaves the grid. `row` is 0 unless outputs are stationary. */
export type ResultSink = (value: number, tag: number, row: number, column: number) => void;

/** What enters at the edges in one cycle. */
export interface Entry {
  /** Returned to the sink with the results of this vector. */
  readonly tag: number;
  /** Operand of each used row. */
  readonly left: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** Stationary outputs only: operand of each used column, and whether the sums start or end with this vector. */
  readonly top?: Float64Array;
  readonly first?: boolean;
  readonly last?: boolean;
}

/** Sees what the units do in each step, for pictures. Nothing that it is told of can be changed through it. */
export interface GridObserver {
  /** A unit multiplies what comes from the left by what rests there, or comes from above, and `sum` leaves it. */
  readonly multiply: (row: number, column: number, left: number, other: number, sum: number, tag: number) => void;
  /** A unit below the last used row hands a sum on. */
  readonly pass: (row: number, column: number, sum: number, tag: number) => void;
  /** After this step the unit's place in the chain that loads holds `value`; NaN for nothing. */
  readonly load: (row: number, column: number, value: number) => void;
  /** The chain is full: vectors that are entered after the next swap meet this value. */
  readonly latch: (row: number, column: number, value: number) => void;
}

/** A grid in the middle of its work. Calls before `step` say what enters in that cycle; nothing means a bubble. */
export interface SteppedGrid {
  readonly events: GridEvents;
  /**
   * Enters one row of the next stationary operand at the top, last row first; unused rows enter with no columns.
   * `first` and `last` mark the first and the last of the R rows of a tile.
   */
  loadRow(values: Float64Array, columns: number, first: boolean, last: boolean): void;
  /** The operand loaded last becomes the one that vectors entered from now on meet. */
  swap(): void;
  enter(entry: Entry): void;
  step(sink: ResultSink): void;
  /** True while a vector is inside. */
  busy(): boolean;
}

/** Builds the stepped grid of a configuration. Weight- and input-stationary grids differ in what the caller feeds. */
export function steppedGrid(grid: SystolicGrid, mode: GridMode, observer?: GridObserver): SteppedGrid {
  const { multiplyAdd } = arithmetic[grid.accumulator];
  return mode.stationary === "outputs"
    ? outputStationary(grid, multiplyAdd, observer)
    : operandStationary(grid, mode.collapse, multiplyAdd, observer);
}

const newEvents = (): GridEvents => ({ multiplyAccumulate: 0, streamHop: 0, partialSumHop: 0, loadHop: 0 });

/** The vectors inside the grid: slot `(newest + age) % depth` entered `age` steps ago. */
function newFlight(depth: number, edge: number) {
  return {
    depth,
    newest: 0,
    tag: new Int32Array(depth).fill(-1),
    rows: new Int32Array(depth),
    columns: new Int32Array(depth),
    flags: new Uint8Array(depth),
    edge: new Float64Array(depth * edge),
  };
}

/** Rows of the stationary operand on their way across the column groups, in slots like those of `newFlight`. */
const newLoads = (columnGroups: number, columns: number) => ({
  newest: 0,
  columns: new Int32Array(columnGroups).fill(-1),
  flags: new Uint8Array(columnGroups),
  plane: new Uint8Array(columnGroups),
  values: new Float64Array(columnGroups * columns),
});

/** Marks the first and the last row or vector of a tile. */
const FIRST = 1;
const LAST = 2;

type Flight = ReturnType<typeof newFlight>;

function takeSlot(flight: Flight): number {
  flight.newest = (flight.newest + flight.depth - 1) % flight.depth;
  flight.tag[flight.newest] = -1;
  return flight.newest;
}

/** The oldest vector has passed the last unit once its step is over. */
const retire = (flight: Flight): void => {
  flight.tag[(flight.newest + flight.depth - 1) % flight.depth] = -1;
};

const inFlight = (flight: Flight): boolean => flight.tag.some((tag) => tag >= 0);

function operandStationary(
  grid: SystolicGrid,
  collapse: number,
  multiplyAdd: MultiplyAdd,
  observer: GridObserver | undefined,
): SteppedGrid {
  const { rows: R, columns: C } = grid;
  // With exposed preload the units read the chain itself: the copy below is then bookkeeping, not an event.
  const latched = grid.preload === "hidden";
  const rowGroups = Math.ceil(R / collapse);
  const columnGroups = Math.ceil(C / collapse);
  const flight = newFlight(rowGroups + columnGroups - 1, R);
  const { depth, tag, rows: usedRows, columns: usedColumns, flags: plane, edge } = flight;
  const events = newEvents();
  // The stationary operand is shifted down a chain and latched into a plane when its last row has entered; vectors in
  // flight use one plane while the next tile is latched into the other.
  const chain = new Float64Array(R * C);
  const valid = new Uint8Array(R * C);
  const weights = [new Float64Array(R * C), new Float64Array(R * C)] as const;
  let loadingPlane: 0 | 1 = 0;
  // A loaded row reaches column group h after h cycles, with the same skew as the vectors that will meet it.
  const loads = newLoads(columnGroups, C);
  let pendingLoad = false;
  let pendingEntry = false;
  // stream[r * columnGroups + h]: operand of row r as column group h sees it. sums[g * C + c]: what left row group g.
  const stream = new Float64Array(R * columnGroups);
  const sums = new Float64Array(rowGroups * C);

  const shiftLoads = (): void => {
    for (let h = 0; h < columnGroups; h++) {
      const slot = (loads.newest + h) % columnGroups;
      const used = loads.columns[slot] ?? -1;
      if (used < 0) continue;
      const flags = loads.flags[slot] ?? 0;
      const plane = weights[loads.plane[slot] === 0 ? 0 : 1];
      const end = Math.min(C, (h + 1) * collapse);
      for (let c = h * collapse; c < end; c++) {
        for (let r = R - 1; r > 0; r--) {
          chain[r * C + c] = chain[(r - 1) * C + c] ?? 0;
          valid[r * C + c] = (flags & FIRST) !== 0 ? 0 : (valid[(r - 1) * C + c] ?? 0);
          events.loadHop += valid[r * C + c] ?? 0;
        }
        chain[c] = loads.values[slot * C + c] ?? 0;
        valid[c] = c < used ? 1 : 0;
        events.loadHop += valid[c] ?? 0;
        if (observer !== undefined) {
          for (let r = 0; r < R; r++) observer.load(r, c, valid[r * C + c] === 1 ? (chain[r * C + c] ?? 0) : NaN);
        }
        if ((flags & LAST) === 0) continue;
        for (let r = 0; r < R; r++) {
          plane[r * C + c] = chain[r * C + c] ?? 0;
          if (latched) events.loadHop += valid[r * C + c] ?? 0;
          observer?.latch(r, c, valid[r * C + c] === 1 ? (chain[r * C + c] ?? 0) : NaN);
        }
      }
    }
  };

  /** Operands move one column group to the right; the left edge is fed with the skew of each row group. */
  const shiftStream = (): void => {
    for (let r = 0; r < R; r++) {
      const base = r * columnGroups;
      stream.copyWithin(base + 1, base, base + columnGroups - 1);
      const slot = (flight.newest + Math.floor(r / collapse)) % depth;
      stream[base] = (tag[slot] ?? -1) >= 0 && r < (usedRows[slot] ?? 0) ? (edge[slot * R + r] ?? 0) : 0;
    }
  };

  const accumulate = (sink: ResultSink): void => {
    let products = 0;
    let words = 0;
    let partialSums = 0;
    // The bottom group first, so that each group reads what the one above held in the last cycle.
    for (let g = rowGroups - 1; g >= 0; g--) {
      const base = g * C;
      if (g === 0) sums.fill(0, 0, C);
      else sums.copyWithin(base, base - C, base);
      let next = (flight.newest + g) % depth;
      for (let h = 0; h < columnGroups; h++) {
        const slot = next;
        next = slot + 1 === depth ? 0 : slot + 1;
        const vector = tag[slot] ?? -1;
        const columnStart = h * collapse;
        const columnEnd = Math.min(usedColumns[slot] ?? 0, columnStart + collapse);
        if (vector < 0 || columnEnd <= columnStart) continue;
        const stationary = weights[plane[slot] === 0 ? 0 : 1];
        const rowEnd = Math.min((g + 1) * collapse, usedRows[slot] ?? 0);
        for (let r = g * collapse; r < rowEnd; r++) {
          const x = stream[r * columnGroups + h] ?? 0;
          const row = r * C;
          for (let c = columnStart; c < columnEnd; c++) {
            sums[base + c] = multiplyAdd(sums[base + c] ?? 0, stationary[row + c] ?? 0, x);
          }
          if (observer !== undefined) {
            for (let c = columnStart; c < columnEnd; c++) {
              observer.multiply(r, c, x, stationary[row + c] ?? 0, sums[base + c] ?? 0, vector);
            }
          }
          products += columnEnd - columnStart;
          // One register write for each row and column group that the word crosses.
          words++;
        }
        if (observer !== undefined) {
          const rowsOfGroup = Math.min(R, (g + 1) * collapse);
          for (let r = Math.max(rowEnd, g * collapse); r < rowsOfGroup; r++) {
            for (let c = columnStart; c < columnEnd; c++) observer.pass(r, c, sums[base + c] ?? 0, vector);
          }
        }
        partialSums += columnEnd - columnStart;
        if (g === rowGroups - 1) for (let c = columnStart; c < columnEnd; c++) sink(sums[base + c] ?? 0, vector, 0, c);
      }
    }
    events.multiplyAccumulate += products;
    events.streamHop += words;
    events.partialSumHop += partialSums;
  };

  return {
    events,
    loadRow(values, columns, first, last) {
      loads.newest = (loads.newest + columnGroups - 1) % columnGroups;
      loads.columns[loads.newest] = columns;
      loads.flags[loads.newest] = (first ? FIRST : 0) + (last ? LAST : 0);
      loads.plane[loads.newest] = loadingPlane;
      loads.values.set(values.subarray(0, C), loads.newest * C);
      pendingLoad = true;
    },
    swap() {
      loadingPlane = loadingPlane === 0 ? 1 : 0;
    },
    enter({ tag: vector, left, rows, columns }) {
      const slot = takeSlot(flight);
      tag[slot] = vector;
      plane[slot] = loadingPlane === 0 ? 1 : 0;
      usedRows[slot] = rows;
      usedColumns[slot] = columns;
      edge.set(left.subarray(0, rows), slot * R);
      pendingEntry = true;
    },
    step(sink) {
      if (!pendingLoad) {
        loads.newest = (loads.newest + columnGroups - 1) % columnGroups;
        loads.columns[loads.newest] = -1;
      }
      if (!pendingEntry) takeSlot(flight);
      pendingLoad = false;
      pendingEntry = false;
      shiftStream();
      accumulate(sink);
      shiftLoads();
      retire(flight);
    },
    busy: () => inFlight(flight),
  };
}

function outputStationary(
  grid: SystolicGrid,
  multiplyAdd: MultiplyAdd,
  observer: GridObserver | undefined,
): SteppedGrid {
  const { rows: R, columns: C } = grid;
  const flight = newFlight(R + C - 1, R + C);
  const { depth, tag, rows: usedRows, columns: usedColumns, flags, edge } = flight;
  const events = newEvents();
  const sums = new Float64Array(R * C);
  const rowOperand = new Float64Array(R * C);
  const columnOperand = new Float64Array(R * C);
  let pendingEntry = false;
  return {
    events,
    loadRow() {
      throw new Error("stationary outputs are not loaded");
    },
    swap() {},
    enter({ tag: vector, left, rows, columns, top, first, last }) {
      const slot = takeSlot(flight);
      tag[slot] = vector;
      usedRows[slot] = rows;
      usedColumns[slot] = columns;
      flags[slot] = (first === true ? FIRST : 0) + (last === true ? LAST : 0);
      edge.set(left.subarray(0, rows), slot * (R + C));
      if (top !== undefined) edge.set(top.subarray(0, columns), slot * (R + C) + R);
      pendingEntry = true;
    },
    step(sink) {
      if (!pendingEntry) takeSlot(flight);
      pendingEntry = false;
      // From the far corner back, so that each unit reads what its neighbours held in the last cycle.
      for (let r = R - 1; r >= 0; r--) {
        let next = (flight.newest + r + C - 1) % depth;
        for (let c = C - 1; c >= 0; c--) {
          const slot = next;
          next = slot === 0 ? depth - 1 : slot - 1;
          const vector = tag[slot] ?? -1;
          if (vector < 0 || r >= (usedRows[slot] ?? 0) || c >= (usedColumns[slot] ?? 0)) continue;
          const unit = r * C + c;
          const x = (c === 0 ? edge[slot * (R + C) + r] : rowOperand[unit - 1]) ?? 0;
          const y = (r === 0 ? edge[slot * (R + C) + R + c] : columnOperand[unit - C]) ?? 0;
          rowOperand[unit] = x;
          columnOperand[unit] = y;
          const flag = flags[slot] ?? 0;
          const sum = multiplyAdd((flag & FIRST) === 0 ? (sums[unit] ?? 0) : 0, y, x);
          sums[unit] = sum;
          events.streamHop += 2;
          events.multiplyAccumulate++;
          events.partialSumHop++;
          if (observer !== undefined) observer.multiply(r, c, x, y, sum, vector);
          // The column's result bus takes one sum a cycle: in column c, row r finishes r + c cycles after (0, 0).
          if ((flag & LAST) !== 0) sink(sum, vector, r, c);
        }
      }
      retire(flight);
    },
    busy: () => inFlight(flight),
  };
}
