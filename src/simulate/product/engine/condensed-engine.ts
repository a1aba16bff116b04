// Sparse products by the outer product of a condensed matrix, merged in rounds through a wide tree.

import { sharedMergeLevels } from "../../../component/merge-tree/shared-merge-tree.ts";
import { condensedMachineAt, condensedParts } from "../../../dataflow/condensed/parts.ts";
import { condensedOuter } from "../../../dataflow/condensed/condensed-outer.ts";
import { condensedRows } from "../../../dataflow/condensed/values.ts";
import type { CondensedProductMachine } from "../../machine.ts";
import { commonCounts } from "../common-counts.ts";
import type { ProductEngine } from "./engine.ts";
import { bitEvents, moved, nothing } from "../moved.ts";

/** Throws InputError with the path's field where the parts do not make such a machine. */
export function condensedEngine(machine: CondensedProductMachine): ProductEngine {
  const parts = condensedParts(machine.components, machine.paths);
  const { home, fifo, buffer, tree, array } = parts;
  const { elementBytes } = buffer.part;
  const { ways } = tree.part;
  return {
    units: array.part.multipliers,
    home: home.name,
    elementBytes,
    run: (A, B, mapping) => condensedOuter(A, B, condensedMachineAt(parts, mapping.clock)),
    traffic: ({ dram, counts }) => ({
      [home.name]: moved(
        { read: dram.A, write: 0 },
        { read: dram.B, write: 0 },
        { read: dram.partialSumsIn, write: dram.partialSumsOut + dram.C },
      ),
      [fifo.name]: moved({ read: dram.A, write: dram.A }, nothing, nothing),
      [buffer.name]: moved(nothing, { read: counts.streamingWords * elementBytes, write: dram.B }, nothing),
    }),
    counts: (run, traffic) => ({
      [`${array.name}.multiply`]: run.counts.executed,
      [`${array.name}.deliver`]: run.counts.stationaryWords + run.counts.streamingWords,
      [`${tree.name}.merge`]: run.counts.treeElements * sharedMergeLevels(tree.part),
      [`${tree.name}.addition`]: run.counts.additions,
      [`${buffer.name}.read`]: run.counts.streamingWords,
      [`${buffer.name}.write`]: run.dram.B / elementBytes,
      ...commonCounts(run),
      ...bitEvents(traffic, [home.name, fifo.name]),
    }),
    rows: (A, B) => ({ rows: A.rows, row: condensedRows(A, B, ways) }),
    loops: () => [
      `for rounds of at most ${ways} condensed columns of A and partial matrices, the smallest first`,
      "for m, for condensed columns: the row of B that the entry selects, merged into the round's matrix",
      "A in CSR, B in CSR, C in CSR",
    ],
  };
}
