// Sparse products on processors that take rows from a queue, around a cache of fibres.

import { rowTaskMachineAt, rowTaskParts } from "../../../dataflow/row-tasks/parts.ts";
import { rowTasks } from "../../../dataflow/row-tasks/row-tasks.ts";
import { rowOfTasks } from "../../../dataflow/row-tasks/values.ts";
import type { ProductRun } from "../../../dataflow/product/product.ts";
import type { RowTaskProductMachine } from "../../machine.ts";
import { commonCounts } from "../common-counts.ts";
import type { ProductEngine } from "./engine.ts";
import { bitEvents, moved, nothing } from "../moved.ts";

/** Throws InputError with the path's field where the parts do not make such a machine. */
export function rowTaskEngine(machine: RowTaskProductMachine): ProductEngine {
  const parts = rowTaskParts(machine.components, machine.paths);
  const { home, cache, mergers } = parts;
  const { processors, radix, elementBytes } = mergers.part;
  const bytesIn = ({ dram }: ProductRun): number => dram.partialSumsIn;
  return {
    units: processors,
    home: home.name,
    elementBytes,
    run: (A, B, mapping) => rowTasks(A, B, rowTaskMachineAt(parts, machine, mapping.clock)),
    traffic: (run) => ({
      [home.name]: moved(
        { read: run.dram.A, write: 0 },
        { read: run.dram.B, write: 0 },
        { read: bytesIn(run), write: run.dram.partialSumsOut + run.dram.C },
      ),
      [cache.name]: moved(
        nothing,
        { read: run.counts.streamingWords * elementBytes, write: run.dram.B },
        { read: run.counts.partialSumReads * elementBytes, write: run.counts.partialSumWrites * elementBytes },
      ),
    }),
    counts: (run, traffic) => ({
      [`${mergers.name}.merge`]: run.counts.treeElements,
      [`${mergers.name}.multiply`]: run.counts.executed,
      [`${mergers.name}.addition`]: run.counts.additions,
      [`${cache.name}.access`]: run.counts.cacheAccesses,
      [`${cache.name}.fill`]: run.counts.cacheMisses,
      ...commonCounts(run),
      ...bitEvents(traffic, [home.name]),
    }),
    rows: (A, B) => ({ rows: A.rows, row: (row) => rowOfTasks(A, B, radix, row) }),
    loops: () => [
      `for m, for k in trees of tasks of at most ${radix} fibres, on ${processors} processors`,
      "for n: one element a cycle, the smallest coordinate of a task's fibres first",
      "A in CSR, B in CSR, C in CSR",
    ],
  };
}
