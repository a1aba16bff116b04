// A grid of multiply-accumulate units through which operands move in lockstep: its parameters, the closed forms of its
// time and events for one tile, and its price. The stepped reference is in systolic-grid-stepped.ts.

import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { formatBits } from "./component.ts";
import { multiplyAccumulateArea, multiplyAccumulateEnergy } from "./multiply-accumulate.ts";

/** Which operand rests in the units: A (weights), B (inputs) or C (outputs). */
export type Stationary = "weights" | "inputs" | "outputs";

export interface SystolicGrid {
  readonly kind: "systolicGrid";
  readonly rows: number;
  readonly columns: number;
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
  /**
   * `exposed`: the stationary operand is shifted in after the previous tile has drained. `hidden`: further registers
   * in each unit take the next tile's stationary operand while this tile streams.
   */
  readonly preload: "exposed" | "hidden";
  /** Area of a unit over that of its arithmetic and registers alone: what configurability adds. */
  readonly unitAreaFactor: number;
}

export const systolicGrid = (parameters: Omit<SystolicGrid, "kind">): SystolicGrid => ({
  kind: "systolicGrid",
  ...parameters,
});

/** How the grid is configured for a layer. */
export interface GridMode {
  readonly stationary: Stationary;
  /** Neighbouring units merged into one pipeline stage along rows and columns; 1 is the ordinary pipeline. */
  readonly collapse: number;
}

/** Part of the grid that a tile uses, and the number of vectors streamed through it. */
export interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly vectors: number;
}

/** Cycles to shift a stationary operand in: one row a cycle through all R rows; outputs rest from zero at no cost. */
export const loadCycles = (grid: SystolicGrid, stationary: Stationary): number =>
  stationary === "outputs" ? 0 : grid.rows;

/**
 * Cycles from the entry of the last vector's first element until its last result leaves, less one: the skew of the
 * wave over R / k row groups and C / k column groups. All rows and columns count, used or not.
 */
export const skewCycles = (grid: SystolicGrid, mode: GridMode): number =>
  Math.ceil(grid.rows / mode.collapse) + Math.ceil(grid.columns / mode.collapse) - 2;

/**
 * Cycles of one tile alone with its operands at hand: 2R + C + T - 2 with a stationary operand, T + R + C - 2 with
 * stationary outputs, R + R/k + C/k + T - 2 collapsed (Peltekis et al., DATE 2023, section 3; ceilings where k does not divide).
 */
export const tileCycles = (grid: SystolicGrid, mode: GridMode, vectors: number): number =>
  loadCycles(grid, mode.stationary) + vectors + skewCycles(grid, mode);

/** The closed forms equal the stepped grid everywhere: lockstep arithmetic, no data-dependent time. */
export const exactWhen = (): boolean => true;

/** Events of a grid. */
export interface GridEvents {
  multiplyAccumulate: number;
  /** Writes of pipeline registers that carry a streamed operand. */
  streamHop: number;
  /** Writes of registers that carry or hold a partial sum. */
  partialSumHop: number;
  /** Writes of stationary-operand registers while it is shifted in, and latched where preload is hidden. */
  loadHop: number;
}

/**
 * Events of one tile. A streamed word is registered once for each group of k columns that it crosses; a partial sum
 * once for each group of k rows on its way to the bottom, whether those rows are used or not. The stationary operand
 * of row i passes i + 1 registers, and with hidden preload is latched into one more. With stationary outputs both
 * operands hop through every used unit.
 */
export function tileEvents(grid: SystolicGrid, mode: GridMode, tile: TileShape): GridEvents {
  const { rows, columns, vectors } = tile;
  const products = rows * columns * vectors;
  if (mode.stationary === "outputs") {
    return { multiplyAccumulate: products, streamHop: 2 * products, partialSumHop: products, loadHop: 0 };
  }
  return {
    multiplyAccumulate: products,
    streamHop: vectors * rows * Math.ceil(columns / mode.collapse),
    partialSumHop: vectors * columns * Math.ceil(grid.rows / mode.collapse),
    loadHop: (columns * rows * (rows + 1)) / 2 + (grid.preload === "hidden" ? columns * rows : 0),
  };
}

/**
 * Energy by event name of GridEvents, and of `accumulate`: one addition below the array, where a fold's sums join those
 * of earlier folds. Area of all units; the adders below them, one a column, are not counted.
 */
export function systolicGridCost(grid: SystolicGrid, technology: Technology): ComponentCost {
  const unit = { operand: grid.operand, accumulator: grid.accumulator };
  const operandRegister = technology.register(formatBits[grid.operand]);
  const sumRegister = technology.register(formatBits[grid.accumulator]);
  const arithmetic = multiplyAccumulateArea(unit, technology);
  // Hidden preload: the shift chain and two planes; exposed: the chain itself is what the units read.
  const stationaryRegisters = grid.preload === "hidden" ? 3 : 1;
  const unitArea =
    arithmetic.squareMillimetres +
    (1 + stationaryRegisters) * operandRegister.squareMillimetres +
    sumRegister.squareMillimetres;
  return {
    energy: {
      multiplyAccumulate: multiplyAccumulateEnergy(unit, technology),
      streamHop: operandRegister,
      partialSumHop: sumRegister,
      loadHop: operandRegister,
      accumulate: technology.add(grid.accumulator),
    },
    squareMillimetres: unitArea * grid.unitAreaFactor * grid.rows * grid.columns,
    tables: [...arithmetic.tables, operandRegister.table, sumRegister.table],
    leakageWatts: 0,
  };
}
