// The closed table from a sparse-product machine to what simulates it.

import type { Dram } from "../../../component/memory/dram.ts";
import type { ProductBasedMachine } from "../../machine.ts";
import { arrayEngine } from "./array-engine.ts";
import { condensedEngine } from "./condensed-engine.ts";
import type { ProductEngine } from "./engine.ts";
import { packedEngine } from "./packed-engine.ts";
import { rowTaskEngine } from "./row-task-engine.ts";

/** Throws InputError with the field where the description is unusable. */
export function productEngine(machine: ProductBasedMachine, memory: Dram | undefined): ProductEngine {
  switch (machine.engine) {
    case "array":
      return arrayEngine(machine, memory);
    case "row-tasks":
      return rowTaskEngine(machine);
    case "condensed-outer":
      return condensedEngine(machine);
    case "packed-inner":
      return packedEngine(machine);
  }
}
