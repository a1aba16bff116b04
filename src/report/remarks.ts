// What only some machines have to say in the terminal: formats and layouts between layers, statistics against counts, audits.

import type { RunResult } from "../simulate/result.ts";
import { auditText } from "./audit.ts";
import { conversionText } from "./conversions.ts";
import { layoutText } from "./layouts.ts";
import { sparsityText } from "./sparsity.ts";

/** Each kind for one machine after the other; empty texts where a machine has none. */
export function remarks(
  runs: readonly RunResult[],
  labels: readonly string[],
  width: number,
  colour: boolean,
): readonly string[] {
  const each = (text: (run: RunResult, label: string, width: number) => string): readonly string[] =>
    runs.map((run, index) => text(run, labels[index] ?? run.accelerator, width));
  return [...each(conversionText), ...each(layoutText), sparsityText(runs, labels, width, colour), ...each(auditText)];
}
