// The grid dataflow: lays a matrix product on a systolic grid as weight-, input- or output-stationary tiles and counts,
// in closed form, its memory schedule, its events and the bytes that every memory moves for every operand.

import { InputError } from "../base/error.ts";
import { formatBits } from "../component/component.ts";
import type { GridEvents, GridMode, SystolicGrid } from "../component/systolic-grid.ts";
import { loadCycles, skewCycles, tileEvents } from "../component/systolic-grid.ts";
import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import type { Program } from "./program.ts";
import { repeat } from "./program.ts";
import type { Folds, GridMachine } from "./grid-machine.ts";
import { foldSizes } from "./grid-machine.ts";
import type { GridSchedule } from "./grid-schedule.ts";
import { scheduleGrid } from "./grid-schedule.ts";

/** Bits read from and written to a buffer. */
export interface BufferBits {
  read: number;
  write: number;
}

/** Everything about a layer on a grid that does not depend on memory speed. Totals over all products. */
export interface GridPlan {
  readonly program: Program;
  readonly tiles: number;
  /** Blocks that the streamed dimension is cut into. */
  readonly blocks: Folds;
  /** Vectors streamed, summed over tiles. */
  readonly vectors: number;
  /** Cycles in which one vector enters: more than 1 where a buffer's ports are narrower than the array's edge. */
  readonly vectorInterval: number;
  readonly loadCycles: number;
  readonly skewCycles: number;
  readonly events: GridEvents;
  /** Additions below the array that join the sums of a fold to those of earlier folds. */
  readonly accumulations: number;
  /** Bits that the array and the refills move through each operand's buffer. */
  readonly buffers: Readonly<Record<"A" | "B" | "C", BufferBits>>;
  /** Bytes between each operand's home and its buffer. */
  readonly transfers: Readonly<Record<"A" | "B" | "C", { readonly fetch: number; readonly write: number }>>;
  /** Loop nest, outermost first. */
  readonly loops: readonly string[];
}

/**
 * Plans a product on a grid; mappings that differ in depth alone may share a schedule. Throws InputError (with `path`)
 * when a buffer cannot hold the smallest piece of work.
 */
export function planGrid(
  product: MatrixProduct,
  machine: GridMachine,
  mapping: GridMapping,
  schedule: GridSchedule = scheduleGrid(product, machine, mapping),
): GridPlan {
  if (mapping.collapse > 1 && mapping.stationary === "outputs") {
    throw new InputError({
      path: "mapping.collapse",
      message: "stationary outputs have no chain of partial sums to collapse",
      found: String(mapping.collapse),
      expected: "1",
    });
  }
  checkHomes(product, machine, schedule);
  const { grid, routes } = machine;
  const mode: GridMode = { stationary: mapping.stationary, collapse: mapping.collapse };
  const operandBits = formatBits[grid.operand];
  const sumBits = formatBits[grid.accumulator];
  const outputBits = formatBits[machine.output];
  const { M, N, K, count } = product;
  const { rowFolds, columnFolds, blocks } = schedule;
  const transfers = {
    A: { fetch: schedule.fetched.A * count, write: 0 },
    B: { fetch: schedule.fetched.B * count, write: 0 },
    C: { fetch: schedule.fetched.C * count, write: schedule.written * count },
  };
  const fill = (operand: "A" | "B" | "C") => (routes[operand].direct ? 0 : transfers[operand].fetch * 8);
  const program: Program = {
    preload: grid.preload,
    drain: skewCycles(grid, mode),
    nodes: count === 1 ? schedule.nodes : [repeat(count, schedule.nodes)],
  };
  const loops = count === 1 ? schedule.loops : [`for product in 0..${count}`, ...schedule.loops];
  const common = {
    program,
    tiles: rowFolds.count * columnFolds.count * blocks.count * count,
    blocks,
    vectorInterval: schedule.vectorInterval,
    skewCycles: program.drain,
    transfers,
    loops,
  };
  const events = eventsOf(product, grid, mode, schedule);
  if (mapping.stationary === "outputs") {
    return {
      ...common,
      vectors: K * rowFolds.count * columnFolds.count * count,
      loadCycles: 0,
      events,
      accumulations: 0,
      buffers: {
        A: { read: M * K * rowFolds.count * count * operandBits, write: fill("A") },
        B: { read: N * K * columnFolds.count * count * operandBits, write: fill("B") },
        // Sums are narrowed as they leave the units.
        C: { read: transfers.C.write * 8, write: M * N * count * outputBits },
      },
    };
  }
  const streamed = mapping.stationary === "weights" ? N : M;
  const resting = mapping.stationary === "weights" ? M : N;
  const restingBits = resting * K * blocks.count * count * operandBits;
  const streamedBits = K * streamed * columnFolds.count * count * operandBits;
  const A = mapping.stationary === "weights" ? restingBits : streamedBits;
  const B = mapping.stationary === "weights" ? streamedBits : restingBits;
  const results = M * N * count;
  const accumulations = results * (rowFolds.count - 1);
  // The buffer holds whole sums: they are read at full width and narrowed on their way out.
  const drained = routes.C.direct ? 0 : transfers.C.write * 8 + results * (sumBits - outputBits);
  return {
    ...common,
    vectors: streamed * rowFolds.count * columnFolds.count * count,
    loadCycles: loadCycles(grid, mapping.stationary) * schedule.loadInterval,
    events,
    accumulations,
    buffers: {
      A: { read: A, write: fill("A") },
      B: { read: B, write: fill("B") },
      // Accumulation reads what earlier row folds left; write-back reads it once more.
      C: { read: accumulations * sumBits + drained, write: (accumulations + results) * sumBits + fill("C") },
    },
  };
}

/** Events of all tiles: those of the four shapes that full and last folds make, times their numbers. */
function eventsOf(
  { M, N, K, count }: MatrixProduct,
  grid: SystolicGrid,
  mode: GridMode,
  { rowFolds, columnFolds, blocks }: GridSchedule,
): GridEvents {
  const vectors = mode.stationary === "outputs" ? K : mode.stationary === "weights" ? N : M;
  const events: GridEvents = { multiplyAccumulate: 0, streamHop: 0, partialSumHop: 0, loadHop: 0 };
  for (const [rows, rowTimes] of foldSizes(rowFolds)) {
    for (const [columns, columnTimes] of foldSizes(columnFolds)) {
      const tile = tileEvents(grid, mode, { rows, columns, vectors });
      const times = rowTimes * columnTimes * count;
      events.multiplyAccumulate += times * tile.multiplyAccumulate;
      events.streamHop += times * tile.streamHop;
      events.partialSumHop += times * tile.partialSumHop;
      // Each block of vectors loads the tile again.
      events.loadHop += times * blocks.count * tile.loadHop;
    }
  }
  return events;
}

/** Operands whose home is on chip must fit there together with spilt sums, all products of the layer at once. */
function checkHomes(product: MatrixProduct, machine: GridMachine, schedule: GridSchedule): void {
  const { M, N, K, count } = product;
  const operandBytes = formatBits[machine.grid.operand] / 8;
  const bytes = {
    A: M * K * count * operandBytes,
    B: product.inputElements * count * operandBytes,
    C: M * N * count * (formatBits[machine.output] / 8) + schedule.spiltBytes,
  };
  const needed = new Map<string, number>();
  for (const operand of ["A", "B", "C"] as const) {
    const { home, homeMemory } = machine.routes[operand];
    if (homeMemory === undefined) continue;
    const total = (needed.get(home) ?? 0) + bytes[operand];
    needed.set(home, total);
    if (total > homeMemory.bytes) {
      throw new InputError({
        path: `components.${home}.bytes`,
        message: "too small to hold the layer's operands between layers",
        found: `${homeMemory.bytes} B`,
        expected: `at least ${total} B`,
      });
    }
  }
}
