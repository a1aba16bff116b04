// Which runs may stand beside those of before a change: the same question, asked of the same machines. Pure.

import type { RunResult } from "../../src/simulate/result.ts";
import type { Job } from "../engine/api.ts";

/**
 * The runs before a change as far as they can be compared: by machine, undefined where it is another one. Undefined as a
 * whole when the workload is another one.
 */
export function comparable(
  now: { readonly job: Job; readonly runs: readonly RunResult[] },
  earlier: { readonly job: Job; readonly runs: readonly RunResult[] },
): readonly (RunResult | undefined)[] | undefined {
  const same = (["workload", "files", "density", "layers", "seed"] as const).every(
    (key) => now.job[key] === earlier.job[key],
  );
  if (!same || now.runs.length !== earlier.runs.length) return undefined;
  const pairs = now.runs.map((run, index) => {
    const before = earlier.runs[index];
    return before?.accelerator === run.accelerator ? before : undefined;
  });
  return pairs.every((before) => before !== undefined) ? pairs : undefined;
}
