// Prepares a machine of any kind and loads its engine with it, so that a run loads no other.

import type { Machine } from "../simulate/machine.ts";
import { prepareGridMachine } from "../simulate/grid/prepare-grid.ts";
import type { PreparedMachine } from "../simulate/prepared.ts";
import type { Technology } from "../technology/technology.ts";

/** As `prepareMachine`. Throws InputError with the field's path where the description is unusable. */
export async function prepareAny(machine: Machine, technology: Technology): Promise<PreparedMachine> {
  switch (machine.kind) {
    case "product":
      return (await import("../simulate/product/prepare-product.ts")).prepareProductMachine(machine, technology);
    case "nest":
      return (await import("../simulate/nest/prepare-nest-machine.ts")).prepareNestMachine(machine, technology);
    default:
      return prepareGridMachine(machine, technology);
  }
}
