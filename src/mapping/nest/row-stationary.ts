// The row-stationary dataflow as its authors configure it: seven numbers that split a convolution over an array of units
// with scratchpads, and the schedule that they stand for.

import { InputError } from "../../base/error.ts";
import type { NestProblem } from "./problem.ts";
import type { Loop, Schedule, SpatialLoop } from "./schedule.ts";

/**
 * How a layer is split (Chen et al., ISCA 2016 and JSSC 2017, mapping parameters): `m` filters and `n` images whose
 * partial sums the shared memory holds, `e` rows of results that a set of units makes, `p` filters and `q` channels in a
 * unit, `r` and `t` sets side by side for other channels and other filters.
 */
export interface RowStationarySplit {
  readonly m: number;
  readonly n: number;
  readonly e: number;
  readonly p: number;
  readonly q: number;
  readonly r: number;
  readonly t: number;
}

/** Units that work at most: R e r t, a unit for each filter row, result row, and set. */
export const activeUnits = ({ e, r, t }: RowStationarySplit, kernelHeight: number): number => kernelHeight * e * r * t;

/** The grid of units that sets are laid on. */
export interface SetGrid {
  readonly rows: number;
  readonly columns: number;
}

/** How the sets of a split lie on a grid, or undefined where their channels do not all fit below each other. */
function layOut({ e, r, t }: RowStationarySplit, kernelHeight: number, grid: SetGrid) {
  const width = Math.min(e, grid.columns);
  const fold = Math.ceil(e / width);
  const beside = fold > 1 ? 1 : Math.min(t, Math.floor(grid.columns / width));
  const below = Math.ceil(t / beside);
  return kernelHeight * r * fold * below > grid.rows ? undefined : { width, beside };
}

/** Whether the schedule of a split fits a grid. */
export const fitsGrid = (split: RowStationarySplit, kernelHeight: number, grid: SetGrid): boolean =>
  layOut(split, kernelHeight, grid) !== undefined;

/**
 * The schedule of a split on three levels (off chip; a shared memory above axes `rows` and `columns`; scratchpads), for a
 * convolution. Filters stay in a unit while a row of results passes, inputs slide, sums go down the units of a set and
 * wait in the shared memory for the next channels. A set wider than the grid is folded onto further rows of it; sets for
 * other filters lie side by side where there is room and then below each other, sets for other channels below each other.
 * Throws InputError for a matrix product, and for sets that the grid has no room for.
 */
export function rowStationarySchedule(problem: NestProblem, split: RowStationarySplit, grid: SetGrid): Schedule {
  const at = (name: string): number => {
    const index = problem.dimensions.findIndex((dimension) => dimension.name === name);
    if (index < 0) {
      throw new InputError({ message: "row stationary is a dataflow of convolutions", found: "a matrix product" });
    }
    return index;
  };
  const size = (name: string): number => problem.dimensions[at(name)]?.size ?? 1;
  const { m, n, e, p, q, r, t } = split;
  /** The loop, or none where what is left of the dimension is no larger than its pieces. */
  const cut = (name: string, left: number, tile: number): Loop[] =>
    Math.min(left, size(name)) <= tile ? [] : [{ dimension: at(name), tile }];
  const along = (axis: string, loops: readonly Loop[]): SpatialLoop[] => loops.map((loop) => ({ ...loop, axis }));
  const layout = layOut(split, size("R"), grid);
  if (layout === undefined) {
    throw new InputError({
      message: "the sets of this split do not fit the grid",
      found: `${r} x ${t} sets of ${size("R")} x ${e} units`,
      expected: `room on ${grid.rows} x ${grid.columns} units`,
    });
  }
  const { width, beside } = layout;
  return {
    levels: [
      {
        temporal: [
          ...cut("N", Infinity, n),
          ...cut("G", Infinity, 1),
          ...cut("M", Infinity, m),
          ...cut("P", Infinity, e),
          ...cut("C", Infinity, q * r),
        ],
        spatial: [],
      },
      {
        temporal: [...cut("M", m, p * t), ...cut("N", n, 1), ...cut("Q", Infinity, 1)],
        spatial: [
          ...along("rows", [...cut("C", q * r, q), ...cut("M", p * t, p * beside), ...cut("R", Infinity, 1)]),
          ...along("rows", cut("P", e, width)),
          ...along("columns", [...cut("M", p * beside, p), ...cut("P", width, 1)]),
        ],
      },
      { temporal: [...cut("C", q, 1), ...cut("S", Infinity, 1), ...cut("M", p, 1)], spatial: [] },
    ],
    bypass: [[], [], []],
  };
}
