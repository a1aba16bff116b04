// What every prepared machine has: its components' prices and areas, and its off-chip memory. Each kind of machine adds
// what its engine needs.

import { InputError } from "../base/error.ts";
import type { ComponentCost } from "../component/component.ts";
import type { Dram } from "../component/memory/dram.ts";
import { componentCost } from "../dataflow/cost.ts";
import type { GridMachine } from "../dataflow/grid-machine.ts";
import type { AnyComponent } from "../dataflow/route.ts";
import type { Technology } from "../technology/technology.ts";
import type { GridBasedMachine, Machine, NestBasedMachine, ProductBasedMachine } from "./machine.ts";
import type { NestParts } from "./nest/prepare-nest.ts";
import type { ProductEngine } from "./product/engine/engine.ts";

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

/** Prices and areas of all components, and the off-chip memory among them. */
export function prepareParts({ components }: Machine, technology: Technology): Omit<Prepared, "units"> {
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
