// Which runs may stand beside those of before a change: the same question, asked of the same machines. Pure.

import type { RunResult } from "../../src/simulate/result.ts";
import type { Job } from "../engine/api.ts";

/** Runs of a job by machine; undefined where a machine has none, yet or at all. */
interface Runs {
  readonly job: Job;
  readonly runs: readonly (RunResult | undefined)[];
}

/**
 * The runs before a change as far as they can be compared: by machine, undefined where one of the two has no run.
 * Undefined as a whole when the workload or a machine is another one.
 */
export function comparable(now: Runs, earlier: Runs): readonly (RunResult | undefined)[] | undefined {
  const same = (["workload", "files", "density", "layers", "seed"] as const).every(
    (key) => now.job[key] === earlier.job[key],
  );
  if (!same || now.runs.length !== earlier.runs.length) return undefined;
  const isAnother = now.runs.some((run, index) => {
    const before = earlier.runs[index];
    return run !== undefined && before !== undefined && run.accelerator !== before.accelerator;
  });
  return isAnother ? undefined : now.runs.map((run, index) => (run === undefined ? undefined : earlier.runs[index]));
}
