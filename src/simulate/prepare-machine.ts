// A machine with everything derived from its description that layers share: resolved paths, prices and areas.

import { InputError } from "../base/error.ts";
import type { ComponentCost } from "../component/component.ts";
import type { Dram } from "../component/dram.ts";
import { componentCost } from "../dataflow/cost.ts";
import type { GridMachine } from "../dataflow/grid-machine.ts";
import type { AnyComponent } from "../dataflow/route.ts";
import { parseRoute } from "../dataflow/route.ts";
import type { Technology } from "../technology/technology.ts";
import type { GridBasedMachine, Machine, NestBasedMachine, ProductBasedMachine } from "./machine.ts";
import type { NestParts } from "./nest/prepare-nest.ts";
import { nestParts } from "./nest/prepare-nest.ts";
import type { Channel } from "./overlap.ts";
import type { ProductEngine } from "./product/engine.ts";
import { productEngine } from "./product/engines.ts";

/** What every prepared machine has. */
interface Prepared {
  readonly dramName: string | undefined;
  readonly dram: Dram | undefined;
  /** Multipliers that may work at once. */
  readonly units: number;
  readonly costs: Readonly<Record<string, ComponentCost>>;
  /** The same prices flat, by component and by the name that counts use: `component.event`. */
  readonly prices: readonly { readonly component: string; readonly event: string; readonly joules: number }[];
  readonly areaComponents: Readonly<Record<string, number>>;
  readonly leakageWatts: number;
  readonly tables: readonly string[];
}

export interface PreparedGrid extends Prepared {
  readonly kind: "grid";
  readonly machine: GridBasedMachine;
  readonly gridMachine: GridMachine;
  readonly gridName: string;
}

export interface PreparedProduct extends Prepared {
  readonly kind: "product";
  readonly machine: ProductBasedMachine;
  readonly engine: ProductEngine;
}

export interface PreparedNest extends Prepared {
  readonly kind: "nest";
  readonly machine: NestBasedMachine;
  readonly parts: NestParts;
}

/** A machine with everything derived that layers share. */
export type PreparedMachine = PreparedGrid | PreparedProduct | PreparedNest;

/** Resolves paths and prices of a machine. Throws InputError with the field's path where the description is unusable. */
export function prepareMachine(machine: Machine, technology: Technology): PreparedMachine {
  switch (machine.kind) {
    case "product":
      return prepareProductMachine(machine, technology);
    case "nest":
      return prepareNestMachine(machine, technology);
    default:
      return prepareGridMachine(machine, technology);
  }
}

/** `prepareMachine` for a machine of loop nests. */
export function prepareNestMachine(machine: NestBasedMachine, technology: Technology): PreparedNest {
  const parts = nestParts(machine);
  const { rows, columns, lanes } = parts.array.part;
  return { kind: "nest", machine, parts, units: rows * columns * lanes, ...prepareParts(machine, technology) };
}

/** `prepareMachine` for a sparse-product machine. */
function prepareProductMachine(machine: ProductBasedMachine, technology: Technology): PreparedProduct {
  const shared = prepareParts(machine, technology);
  const engine = productEngine(machine, shared.dram);
  return { kind: "product", machine, engine, units: engine.units, ...shared };
}

/** `prepareMachine` for a machine around a grid. */
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

/** Prices and areas of all components, and the off-chip memory among them. */
function prepareParts({ components }: Machine, technology: Technology): Omit<Prepared, "units"> {
  const memory = Object.entries(components).flatMap(([name, part]) =>
    part.kind === "dram" ? [{ name, part }] : [],
  )[0];
  const costs: Record<string, ComponentCost> = {};
  const prices: { component: string; event: string; joules: number }[] = [];
  const areaComponents: Record<string, number> = {};
  const tables = new Set<string>();
  let leakageWatts = 0;
  for (const [name, part] of Object.entries(components)) {
    const cost = priced(name, part, technology);
    costs[name] = cost;
    for (const [event, { joules }] of Object.entries(cost.energy)) {
      prices.push({ component: name, event: `${name}.${event}`, joules });
    }
    if (cost.squareMillimetres > 0) areaComponents[name] = cost.squareMillimetres;
    leakageWatts += cost.leakageWatts;
    for (const table of cost.tables) tables.add(table);
  }
  return {
    dramName: memory?.name,
    dram: memory?.part,
    costs,
    prices,
    areaComponents,
    leakageWatts,
    tables: [...tables],
  };
}

/** The price of a component; a memory that no table can price is named. */
function priced(name: string, part: AnyComponent, technology: Technology): ComponentCost {
  try {
    return componentCost(part, technology);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({ ...error.fault, path: `components.${name}` });
  }
}

/** Speed of the off-chip channel at a clock. */
export const channelAt = (prepared: PreparedGrid, clock: number): Channel => ({
  bytesPerCycle: prepared.dram === undefined ? Infinity : prepared.dram.bandwidth / clock,
  latencyCycles: prepared.dram === undefined ? 0 : Math.ceil(prepared.dram.latency * clock),
});
