// Finds the parts of a machine whose processors take rows from a queue, and puts them together as the dataflow sees them.

import { InputError } from "../../base/error.ts";
import type { Dram } from "../../component/memory/dram.ts";
import type { FibreCache } from "../../component/memory/fibre-cache.ts";
import type { RowMergers } from "../../component/row-merger.ts";
import type { Components } from "../route.ts";
import type { Station } from "../stations.ts";
import { stationsOf } from "../stations.ts";
import type { RowTaskMachine } from "./row-tasks.ts";

export interface RowTaskParts {
  readonly home: Station<Dram>;
  readonly cache: Station<FibreCache>;
  readonly mergers: Station<RowMergers>;
}

/** Paths A `"dram > mergers"`, B and C `"dram > cache > mergers"`. Throws InputError with the field for anything else. */
export function rowTaskParts(components: Components, paths: Readonly<Record<"A" | "B" | "C", string>>): RowTaskParts {
  const [home, cache, mergers] = stationsOf(components, "B", paths.B, ["dram", "fibreCache", "rowMergers"]);
  const [homeA, mergersA] = stationsOf(components, "A", paths.A, ["dram", "rowMergers"]);
  const [homeC, cacheC, mergersC] = stationsOf(components, "C", paths.C, ["dram", "fibreCache", "rowMergers"]);
  const same = (operand: string, stations: readonly Station[], expected: readonly Station[]): void => {
    if (stations.every(({ name }, i) => name === expected[i]?.name)) return;
    throw new InputError({ path: `paths.${operand}`, message: "leads through other parts than B's path" });
  };
  same("A", [homeA, mergersA], [home, mergers]);
  same("C", [homeC, cacheC, mergersC], [home, cache, mergers]);
  return { home, cache, mergers };
}

/** The machine at a clock in hertz. */
export function rowTaskMachineAt(
  { home, cache, mergers }: RowTaskParts,
  { inputsAhead }: { readonly inputsAhead: number },
  clock: number,
): RowTaskMachine {
  return {
    processors: mergers.part.processors,
    radix: mergers.part.radix,
    cache: cache.part,
    elementBytes: mergers.part.elementBytes,
    inputsAhead,
    dramBytesPerCycle: home.part.bandwidth / clock,
    dramLatency: Math.ceil(home.part.latency * clock),
  };
}
