// A machine of any kind with everything derived from its description that layers share: resolved paths, prices and areas.

import type { Technology } from "../technology/technology.ts";
import type { Machine } from "./machine.ts";
import { prepareNestMachine } from "./nest/prepare-nest-machine.ts";
import { prepareGridMachine } from "./grid/prepare-grid.ts";
import type { PreparedMachine } from "./prepared.ts";
import { prepareProductMachine } from "./product/prepare-product.ts";

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
