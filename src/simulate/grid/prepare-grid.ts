// A machine around a grid with everything derived from its description that layers share.

import { InputError } from "../../base/error.ts";
import type { AnyComponent } from "../../dataflow/route.ts";
import { parseRoute } from "../../dataflow/route.ts";
import type { Technology } from "../../technology/technology.ts";
import type { GridBasedMachine } from "../machine.ts";
import type { Channel } from "./overlap.ts";
import type { PreparedGrid } from "../prepared.ts";
import { prepareParts } from "../prepared.ts";

/** Resolves paths and prices. Throws InputError with the field's path where the description is unusable. */
export function prepareGridMachine(machine: GridBasedMachine, technology: Technology): PreparedGrid {
  const { components, paths } = machine;
  const routes = {
    A: parseRoute("A", paths.A, components),
    B: parseRoute("B", paths.B, components),
    C: parseRoute("C", paths.C, components),
  };
  for (const [operand, other] of [
    ["B", "A"],
    ["C", "A"],
    ["C", "B"],
  ] as const) {
    // Each operand plans with the whole of its buffer: one that is shared would be counted twice.
    if (routes[operand].buffer === routes[other].buffer) {
      throw new InputError({
        path: `paths.${operand}`,
        message: `shares its buffer with operand ${other}, which is not modelled`,
        found: routes[operand].buffer,
        expected: "a buffer of its own next to the array",
      });
    }
  }
  const grids = Object.entries(components).flatMap(([name, part]) =>
    part.kind === "systolicGrid" ? [{ name, part }] : [],
  );
  const grid = grids[0];
  if (grid === undefined || grids.length > 1 || Object.values(components).filter(isDram).length > 1) {
    throw new InputError({
      path: "components",
      message: "the grid dataflow needs one array and at most one off-chip memory",
    });
  }
  return {
    kind: "grid",
    machine,
    gridMachine: { grid: grid.part, output: machine.output, routes },
    gridName: grid.name,
    units: grid.part.rows * grid.part.columns,
    ...prepareParts(machine, technology),
  };
}

const isDram = (part: AnyComponent): boolean => part.kind === "dram";

/** Speed of the off-chip channel at a clock. */
export const channelAt = (prepared: PreparedGrid, clock: number): Channel => ({
  bytesPerCycle: prepared.dram === undefined ? Infinity : prepared.dram.bandwidth / clock,
  latencyCycles: prepared.dram === undefined ? 0 : Math.ceil(prepared.dram.latency * clock),
});
