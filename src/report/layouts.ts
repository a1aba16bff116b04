// What changes of layout between the layers of a loop-nest machine cost or spare, in words.

import type { RunResult } from "../simulate/result.ts";
import { wrap } from "./table.ts";
import { engineering, grouped, plural } from "./units.ts";

/** One sentence; nothing where no layer reads its inputs in another order than they left in. */
export function layoutText({ layouts, accelerator }: RunResult, label: string = accelerator, width = 100): string {
  if (layouts === undefined || layouts.changes === 0) return "";
  const { drain, changes, accesses, cycles, energy } = layouts;
  const what = `${label}: ${plural(changes, "layer")} ${changes === 1 ? "reads its" : "read their"} inputs in another order than they left in`;
  const outcome =
    drain === "reordering"
      ? `the drain lays them out for it, which spares ${grouped(accesses)} accesses of the shared memory`
      : `a plain drain leaves them so, which costs ${grouped(accesses)} accesses of the shared memory, ${grouped(cycles)} cycles and ${engineering(energy, "J")}`;
  return `${wrap(`${what}; ${outcome}.`, width).join("\n")}\n`;
}
