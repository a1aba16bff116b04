// The whole machine one cycle at a time: the array moving values, the off-chip channel moving bytes, the buffers' halves
// filling and emptying. The reference that overlap.ts and the closed-form counts must equal, event for event.

import type { GridEvents, GridMode, SystolicGrid } from "../../component/systolic-grid.ts";
import type { Entry, GridObserver } from "../../component/systolic-grid-stepped.ts";
import { steppedGrid } from "../../component/systolic-grid-stepped.ts";
import { arithmetic } from "../../component/arithmetic.ts";
import type { GridPlan } from "../../dataflow/grid.ts";
import { foldRange, folds } from "../../dataflow/grid-machine.ts";
import type { Step } from "../../dataflow/program.ts";
import { expand } from "../../dataflow/program.ts";
import type { GridMapping } from "../../mapping/grid-mapping.ts";
import type { MatrixProduct } from "../../workload/lowering.ts";
import type { Channel } from "./overlap.ts";
import type { Transfer } from "./stepped-channel.ts";
import { newChannel } from "./stepped-channel.ts";

/** Elements of the lowered operands of product `p`. */
export interface OperandValues {
  readonly a: (p: number, m: number, k: number) => number;
  readonly b: (p: number, k: number, n: number) => number;
}

export interface SteppedResult {
  readonly cycles: number;
  readonly events: GridEvents;
  /** Words that the array read from and wrote to each operand's buffer. */
  readonly words: { readonly A: number; readonly B: number; readonly sumsRead: number; readonly sumsWritten: number };
  /** C of every product, row-major [count][M][N]. */
  readonly output: Float64Array;
}

/** A tile as the stepped machine walks it: which part of the product, and its vectors. */
interface Tile {
  readonly product: number;
  readonly rowStart: number;
  readonly rows: number;
  readonly columnStart: number;
  readonly columns: number;
  readonly vectorStart: number;
}

/** What keeps the array from taking in a vector. */
export type Waiting = "operands" | "output buffer" | "buffer port" | "resting operand" | "earlier tile" | "nothing";

/** A transfer that has passed the channel: cycles from `start` to before `end`; what was fetched is there at `arrives`. */
export interface PassedTransfer {
  readonly kind: "fetch" | "sums" | "write";
  readonly step: Step;
  readonly start: number;
  readonly end: number;
  readonly arrives: number;
}

/** Sees the machine at work, for pictures, and changes nothing. What it is given it must copy to keep. */
export interface MachineObserver extends GridObserver {
  /** Row `row` of a tile's resting operand enters at the top, in the first `columns` columns. */
  readonly loadRow: (tile: number, row: number, values: Float64Array, columns: number) => void;
  readonly enter: (tile: number, entry: Entry) => void;
  /** A sum leaves the array at the bottom of a column, or from unit (row, column) where outputs rest; `total` is what the buffer then holds. */
  readonly result: (row: number, column: number, value: number, total: number) => void;
  readonly transfer: (transfer: PassedTransfer) => void;
  /** A cycle is over. `waiting` is undefined where a vector entered. */
  readonly cycle: (waiting: Waiting | undefined, loading: boolean) => void;
}

/** Runs a planned layer cycle by cycle. Time and memory grow with the work: for references and audits. */
export function stepMachine(
  product: MatrixProduct,
  plan: GridPlan,
  grid: SystolicGrid,
  mapping: GridMapping,
  channel: Channel,
  values: OperandValues,
  observer?: MachineObserver,
): SteppedResult {
  const mode: GridMode = { stationary: mapping.stationary, collapse: mapping.collapse };
  const array = steppedGrid(grid, mode, observer);
  const steps = [...expand(plan.program.nodes)];
  const tiles = tilesOf(product, plan, grid, mapping);
  const { add } = arithmetic[grid.accumulator];
  const output = new Float64Array(product.count * product.M * product.N);
  const accumulated = new Uint8Array(output.length);
  const words = { A: 0, B: 0, sumsRead: 0, sumsWritten: 0 };
  const hidden = grid.preload === "hidden";
  const resting = mapping.stationary;

  // What the controller knows. Each array is indexed by step.
  /** Transfers that a step still waits for. */
  const awaited = new Uint8Array(steps.length);
  const streamedAt = new Int32Array(steps.length).fill(-1);
  const drainedAt = new Int32Array(steps.length).fill(-1);
  const written = new Uint8Array(steps.length);
  let cycle = 0;
  let waiting: Waiting | undefined;

  const streamed = (step: number): boolean =>
    step < 0 || ((streamedAt[step] ?? -1) >= 0 && (streamedAt[step] ?? 0) <= cycle);
  const drained = (step: number): boolean =>
    step < 0 || ((drainedAt[step] ?? -1) >= 0 && (drainedAt[step] ?? 0) <= cycle);
  const arrive = (i: number): void => {
    awaited[i] = (awaited[i] ?? 0) - 1;
  };
  const passed = (kind: PassedTransfer["kind"], step: Step, start: number, end: number): void => {
    const arrives = kind === "write" ? end : end + channel.latencyCycles;
    observer?.transfer({ kind, step, start, end, arrives });
  };
  const fetchOf = (i: number, step: Step): Transfer => ({
    bytes: step.channelFetch,
    ready: () => streamed(i - 2),
    latency: channel.latencyCycles,
    done: () => arrive(i),
    passed: (start, end) => passed("fetch", step, start, end),
  });
  // Spilt sums fill the half that the step before last has written back.
  const sumsOf = (i: number, step: Step): Transfer => ({
    bytes: step.channelSums,
    ready: () => streamed(i - 2) && outputHalfFree(i),
    latency: channel.latencyCycles,
    done: () => arrive(i),
    passed: (start, end) => passed("sums", step, start, end),
  });
  const writeOf = (i: number, step: Step): Transfer => ({
    bytes: step.channelWrite,
    ready: () => drained(i),
    latency: 0,
    done: () => {
      written[i] = 1;
    },
    passed: (start, end) => passed("write", step, start, end),
  });
  const fetches: Transfer[] = [];
  const writes: Transfer[] = [];
  const sums: Transfer[] = [];
  const inOrder: Transfer[] = [];
  steps.forEach((step, i) => {
    const before = steps[i - 2];
    // A step that fetches nothing waits for nothing.
    if (step.channelFetch > 0) {
      fetches.push(fetchOf(i, step));
      inOrder.push(fetchOf(i, step));
    }
    if (before !== undefined) inOrder.push(writeOf(i - 2, before));
    if (step.channelSums > 0) {
      sums.push(sumsOf(i, step));
      inOrder.push(sumsOf(i, step));
    }
    writes.push(writeOf(i, step));
    awaited[i] = (step.channelFetch > 0 ? 1 : 0) + (step.channelSums > 0 ? 1 : 0);
  });
  steps.slice(-2).forEach((step, i, last) => inOrder.push(writeOf(steps.length - last.length + i, step)));
  // A channel without a limit has no queue to stand in: every transfer starts when it may.
  const dma =
    channel.bytesPerCycle === Infinity
      ? [newChannel(fetches, Infinity), newChannel(writes, Infinity), newChannel(sums, Infinity)]
      : [newChannel(inOrder, channel.bytesPerCycle)];

  // The array's controller.
  let current = 0;
  let tileIndex = -1;
  let stepVector = 0;
  let entryCycles = 0;
  let streaming = false;
  let tileStartedAt = 0;
  let vectorInTile = 0;
  let load: { tile: number; step: number; cycles: number } | undefined;
  let loadedTile = -1;
  let nextLoad = 0;
  let lastDrain = 0;
  const loadRows = grid.rows;
  const loadInterval = plan.loadCycles / Math.max(1, loadRows);
  const firstStepOfTile: number[] = [];
  steps.forEach((step, i) => {
    if (step.startsTile) firstStepOfTile.push(i);
  });
  const row = new Float64Array(Math.max(grid.columns, 1));
  const left = new Float64Array(grid.rows);
  const top = new Float64Array(grid.columns);

  const sink = (value: number, tag: number, r: number, c: number): void => {
    const tile = tiles[Math.floor(tag / maxVectors)];
    if (tile === undefined) return;
    const vector = tile.vectorStart + (tag % maxVectors);
    const [m, n] =
      resting === "weights"
        ? [tile.columnStart + c, vector]
        : resting === "inputs"
          ? [vector, tile.columnStart + c]
          : [tile.columnStart + c, tile.rowStart + r];
    const at = (tile.product * product.M + m) * product.N + n;
    if (accumulated[at] === 1) {
      words.sumsRead++;
      output[at] = add(output[at] ?? 0, value);
    } else {
      accumulated[at] = 1;
      output[at] = value;
    }
    words.sumsWritten++;
    observer?.result(r, c, value, output[at] ?? 0);
  };
  const maxVectors = Math.max(product.M, product.N, product.K) + 1;

  const maxCycles = 1e9;
  while (true) {
    for (const part of dma) part.settle(cycle);
    waiting = "nothing";
    const moving = controller();
    if (!moving && current >= steps.length && cycle >= lastDrain && dma.every((part) => part.idle())) break;
    array.step(sink);
    for (const part of dma) part.tick(cycle);
    observer?.cycle(waiting, load !== undefined);
    cycle++;
    if (cycle > maxCycles) throw new Error("the stepped machine does not end");
  }
  return { cycles: Math.max(cycle, lastDrain), events: array.events, words, output };

  /** Decides what enters the array this cycle; true while something does. */
  function controller(): boolean {
    const loading = advanceLoad();
    if (!streaming) tryStart();
    if (!streaming) return loading;
    const step = steps[current];
    const tile = tiles[tileIndex];
    if (step === undefined || tile === undefined) return loading;
    entryCycles++;
    waiting = "buffer port";
    // A vector enters in the last of the cycles that its buffer's ports need for it.
    if (entryCycles % plan.vectorInterval === 0) enterVector(tile, step);
    if (entryCycles === step.stream) finishStep();
    return true;
  }

  /** The half of the output buffer that a step fills must have been written back. */
  function outputHalfFree(step: number): boolean {
    return step < 2 || (steps[step - 2]?.channelWrite ?? 0) === 0 || written[step - 2] === 1;
  }

  function waitingFor(step: Step): Waiting | undefined {
    if (awaited[current] !== 0) return "operands";
    if (!outputHalfFree(current)) return "output buffer";
    if (step.startsTile && !hidden && !drained(current - 1)) return "earlier tile";
    if (step.load > 0 && loadedTile < tileIndex + 1) return "resting operand";
    return undefined;
  }

  function tryStart(): void {
    const step = steps[current];
    if (step === undefined) return;
    waiting = waitingFor(step);
    if (waiting !== undefined) return;
    if (step.startsTile) {
      tileIndex++;
      vectorInTile = 0;
      tileStartedAt = cycle;
      if (step.load > 0) {
        array.swap();
        // With hidden preload the next load may enter in the very cycle in which this tile starts.
        if (hidden && load === undefined) advanceLoad();
      }
    }
    streaming = true;
    stepVector = 0;
    entryCycles = 0;
  }

  function advanceLoad(): boolean {
    if (plan.loadCycles === 0) return false;
    if (load === undefined) {
      const step = firstStepOfTile[nextLoad];
      if (step === undefined || awaited[step] !== 0) return false;
      const free = hidden ? nextLoad === 0 || (tileIndex >= nextLoad - 1 && tileStartedAt <= cycle) : drained(step - 1);
      if (!free) return false;
      load = { tile: nextLoad, step, cycles: 0 };
      nextLoad++;
    }
    const tile = tiles[load.tile];
    if (tile === undefined) return false;
    if (load.cycles === plan.loadCycles) {
      loadedTile = load.tile;
      load = undefined;
      return false;
    }
    load.cycles++;
    if (load.cycles % loadInterval === 0) {
      const fromBottom = load.cycles / loadInterval - 1;
      const r = loadRows - 1 - fromBottom;
      const used = r < tile.rows ? tile.columns : 0;
      for (let c = 0; c < used; c++) {
        row[c] =
          resting === "weights"
            ? values.a(tile.product, tile.columnStart + c, tile.rowStart + r)
            : values.b(tile.product, tile.rowStart + r, tile.columnStart + c);
      }
      if (resting === "weights") words.A += used;
      else words.B += used;
      array.loadRow(row, used, fromBottom === 0, r === 0);
      observer?.loadRow(load.tile, r, row, used);
    }
    return true;
  }

  function enterVector(tile: Tile, step: Step): void {
    const index = vectorInTile;
    const vector = tile.vectorStart + index;
    const vectorsOfTile = resting === "outputs" ? product.K : 0;
    for (let r = 0; r < tile.rows; r++) {
      left[r] =
        resting === "weights"
          ? values.b(tile.product, tile.rowStart + r, vector)
          : resting === "inputs"
            ? values.a(tile.product, vector, tile.rowStart + r)
            : values.b(tile.product, vector, tile.rowStart + r);
    }
    let entry: Entry = { tag: tileIndex * maxVectors + index, left, rows: tile.rows, columns: tile.columns };
    if (resting === "outputs") {
      for (let c = 0; c < tile.columns; c++) top[c] = values.a(tile.product, tile.columnStart + c, vector);
      words.A += tile.columns;
      words.B += tile.rows;
      entry = { ...entry, top, first: index === 0, last: index === vectorsOfTile - 1 };
    } else {
      if (resting === "weights") words.B += tile.rows;
      else words.A += tile.rows;
    }
    array.enter(entry);
    observer?.enter(tileIndex, entry);
    waiting = undefined;
    vectorInTile++;
    stepVector++;
    if (stepVector * plan.vectorInterval > step.stream) throw new Error("more vectors than the step holds");
  }

  function finishStep(): void {
    streaming = false;
    streamedAt[current] = cycle + 1;
    drainedAt[current] = cycle + 1 + plan.program.drain;
    lastDrain = cycle + 1 + plan.program.drain;
    current++;
  }
}

/** The tiles of a plan in execution order. */
function tilesOf(product: MatrixProduct, plan: GridPlan, grid: SystolicGrid, mapping: GridMapping): Tile[] {
  const tiles: Tile[] = [];
  const resting = mapping.stationary;
  const columnFolds = folds(resting === "inputs" ? product.N : product.M, grid.columns);
  const rowFolds = folds(resting === "outputs" ? product.N : product.K, grid.rows);
  const blocks = plan.blocks;
  for (let p = 0; p < product.count; p++) {
    for (let column = 0; column < columnFolds.count; column++) {
      for (let block = 0; block < blocks.count; block++) {
        for (let row = 0; row < rowFolds.count; row++) {
          const [rowStart, rowEnd] = foldRange(rowFolds, row);
          const [columnStart, columnEnd] = foldRange(columnFolds, column);
          tiles.push({
            product: p,
            rowStart,
            rows: rowEnd - rowStart,
            columnStart,
            columns: columnEnd - columnStart,
            vectorStart: resting === "outputs" ? 0 : block * blocks.size,
          });
        }
      }
    }
  }
  return tiles;
}
