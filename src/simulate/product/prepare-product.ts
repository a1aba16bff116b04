// A machine of sparse products with everything derived from its description that layers share.

import type { Technology } from "../../technology/technology.ts";
import type { ProductBasedMachine } from "../machine.ts";
import type { PreparedProduct } from "../prepared.ts";
import { prepareParts } from "../prepared.ts";
import { productEngine } from "./engine/engines.ts";

/** Resolves prices and the engine. Throws InputError with the field's path where the description is unusable. */
export function prepareProductMachine(machine: ProductBasedMachine, technology: Technology): PreparedProduct {
  const shared = prepareParts(machine, technology);
  const engine = productEngine(machine, shared.dram);
  return { kind: "product", machine, engine, units: engine.units, ...shared };
}
