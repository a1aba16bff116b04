// Sparse products on dot-product engines, stationary entries packed by bitmaps.

import { packedInner } from "../../../dataflow/packed/packed-inner.ts";
import { packedMachineAt, packedParts } from "../../../dataflow/packed/parts.ts";
import { packedRows } from "../../../dataflow/packed/values.ts";
import type { SparseMatrix } from "../../../tensor/sparse-matrix.ts";
import { transpose } from "../../../tensor/sparse-matrix.ts";
import type { PackedProductMachine } from "../../machine.ts";
import { commonCounts } from "../common-counts.ts";
import type { ProductEngine } from "./engine.ts";
import { bitEvents, moved, swapped } from "../moved.ts";

/** Throws InputError with the path's field where the parts do not make such a machine. */
export function packedEngine(machine: PackedProductMachine): ProductEngine {
  const parts = packedParts(machine.components, machine.paths);
  const { home, memory, network, trees } = parts;
  const { ports, networks } = network.part;
  const { valueBytes, sumBytes } = packedMachineAt(parts, machine, 1);
  const resting = (A: SparseMatrix, B: SparseMatrix, stationary: "M" | "N"): readonly [SparseMatrix, SparseMatrix] =>
    stationary === "M" ? [A, B] : [transpose(B), transpose(A)];
  return {
    units: networks * ports,
    home: home.name,
    elementBytes: valueBytes,
    run: (A, B, mapping) => {
      const { dram, ...run } = packedInner(
        ...resting(A, B, mapping.stationary),
        packedMachineAt(parts, machine, mapping.clock),
      );
      return { ...run, dram: mapping.stationary === "M" ? dram : { ...dram, A: dram.B, B: dram.A } };
    },
    traffic: ({ dram, counts }, { stationary }) => {
      const [fillA, fillB] = stationary === "M" ? [dram.A, dram.B] : [dram.B, dram.A];
      const inside = moved(
        { read: counts.stationaryWords * valueBytes, write: fillA },
        { read: counts.streamingWords * valueBytes, write: fillB },
        { read: counts.partialSumReads * sumBytes, write: counts.partialSumWrites * sumBytes },
      );
      return {
        [home.name]: moved(
          { read: dram.A, write: 0 },
          { read: dram.B, write: 0 },
          { read: dram.partialSumsIn, write: dram.partialSumsOut + dram.C },
        ),
        [memory.name]: stationary === "M" ? inside : swapped(inside),
      };
    },
    counts: (run, traffic) => ({
      [`${network.name}.deliver`]: run.counts.stationaryWords + run.counts.multiplications,
      [`${trees.name}.multiply`]: run.counts.executed,
      [`${trees.name}.addition`]: run.counts.additions,
      [`${trees.name}.forward`]: run.counts.multiplications,
      ...commonCounts(run),
      ...bitEvents(traffic, [home.name, memory.name]),
    }),
    rows: (A, B, { stationary }) => {
      const [left, right] = resting(A, B, stationary);
      return { rows: left.rows, row: packedRows(left, right, ports, ports) };
    },
    loops: ({ stationary }) => {
      const [rests, streams, column] = stationary === "M" ? ["A", "B", "n"] : ["B", "A", "m"];
      return [
        `for k in tiles of ${ports}, for folds of at most ${networks * ports} entries of ${rests} that meet any, packed`,
        `for ${column}: the entries of ${streams} that meet the fold go to their multipliers, sums of rows leave`,
        "A, B and C in bitmaps with their values",
      ];
    },
  };
}
