// The memory schedule of output-stationary grids: for each fold of M over the columns, for each fold of N over the rows:
// stream all of K, both operands side by side.

import { formatBits } from "../component/component.ts";
import { workingBytes } from "../component/memory/sram.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import type { FoldRange, GridMachine } from "./grid-machine.ts";
import { foldRange, folds, portInterval, requireWorking } from "./grid-machine.ts";
import type { ProgramNode } from "./program.ts";
import type { ScheduleDraft } from "./schedule-draft.ts";
import { isHeld, newInputElements, withChannelBytes } from "./schedule-draft.ts";
import { largestFitting, loopOfRuns, splitTile } from "./tile-steps.ts";

/** Throws InputError (with `path`) when a buffer cannot hold the smallest piece of work. */
export function outputStationarySchedule(product: MatrixProduct, machine: GridMachine): ScheduleDraft {
  const { grid, routes } = machine;
  const { M, N, K } = product;
  const bytes = formatBits[grid.operand] / 8;
  const outputBytes = formatBits[machine.output] / 8;
  const rowFolds = folds(N, grid.rows);
  const columnFolds = folds(M, grid.columns);
  const tallest = Math.min(grid.rows, N);
  const widest = Math.min(grid.columns, M);

  // What stays in the buffers: all inputs, and all weights or those of the present columns.
  const inputsHeld = isHeld(product, routes.B, product.inputElements * bytes);
  const weightsStay =
    isHeld(product, routes.A, M * K * bytes) || widest * K * bytes <= workingBytes(routes.A.bufferMemory);

  // Vectors of a step: as many as the working halves hold.
  let vectorsPerStep = K;
  if (!weightsStay) {
    const working = requireWorking(routes.A, widest * bytes, "one vector of weights");
    vectorsPerStep = Math.min(vectorsPerStep, Math.floor(working / (widest * bytes)));
  }
  if (!inputsHeld) {
    const working = requireWorking(routes.B, product.largestFootprint(1, tallest) * bytes, "one vector of inputs");
    const fits = (vectors: number): boolean => product.largestFootprint(vectors, tallest) * bytes <= working;
    vectorsPerStep = largestFitting(vectorsPerStep, fits);
  }
  requireWorking(routes.C, tallest * widest * outputBytes, "the results of a tile");

  const vectorInterval = Math.max(
    portInterval(grid.rows, bytes * 8, routes.B),
    portInterval(grid.columns, bytes * 8, routes.A),
    portInterval(grid.columns, outputBytes * 8, routes.C),
  );
  /** Inputs that a tile's vectors k need and neither its earlier ones nor, where inputs are held, earlier tiles brought. */
  const inputElements = (row: number, k: FoldRange): number => {
    const n = foldRange(rowFolds, row);
    if (inputsHeld) return newInputElements(product, k, n);
    return product.inputFootprint(0, k[1], n[0], n[1]) - product.inputFootprint(0, k[0], n[0], n[1]);
  };
  const tile = (column: number, row: number): ProgramNode[] => {
    const [m0, m1] = foldRange(columnFolds, column);
    const [n0, n1] = foldRange(rowFolds, row);
    const weights = routes.A.direct || (weightsStay && row > 0) ? 0 : (m1 - m0) * K * bytes;
    const inputsArrive = !routes.B.direct && (!inputsHeld || column === 0);
    const fresh = (k: FoldRange): number => inputElements(row, k) * bytes;
    const results = routes.C.direct ? 0 : (m1 - m0) * (n1 - n0) * outputBytes;
    return splitTile(K, vectorsPerStep, inputsArrive && product.sharesInputs ? fresh : undefined, (part) => ({
      kind: "step",
      ...withChannelBytes(machine, {
        fetchA: part.share(weights),
        fetchB: inputsArrive ? fresh(part.range) : 0,
        fetchC: 0,
        // Results leave with the last step.
        writeC: part.last ? results : 0,
      }),
      load: 0,
      stream: (part.range[1] - part.range[0]) * vectorInterval,
      startsTile: part.first,
    }));
  };
  const nodes = loopOfRuns(
    columnFolds.count,
    (a, b) => a > 0 && b < columnFolds.count - 1,
    (column) =>
      loopOfRuns(
        rowFolds.count,
        (a, b) => a > 0 && b < rowFolds.count - 1 && inputElements(a, [0, 1]) === inputElements(b, [0, 1]),
        (row) => tile(column, row),
      ),
  );
  return {
    nodes,
    rowFolds,
    columnFolds,
    blocks: folds(1, 1),
    loadInterval: 1,
    vectorInterval,
    spiltBytes: 0,
    loops: [
      `for m in 0..${M} step ${grid.columns}  (columns)`,
      `for n in 0..${N} step ${grid.rows}  (rows; C rests)`,
      `for k in 0..${K}  (stream A and B)`,
    ],
  };
}
