// The example of a first visit, computed when the studio is built: the page shows it before any worker runs. It is the
// whole outcome, so that everything on the page works from it.

import { engine } from "../engine/engine.ts";
import type { Answer, Outcome } from "../engine/api.ts";
import type { RunResult } from "../../src/simulate/result.ts";
import { firstVisit } from "../shell/state.ts";

function valueOf<Value>(answer: Answer<Value>): Value {
  if (answer.kind === "fault") throw new Error(answer.message);
  return answer.value;
}

/** Runs the example as workers do. `seconds` is 0: no time passes when it is shown. */
export async function computeExample(): Promise<Outcome> {
  const job = { ...firstVisit, files: [] };
  const plan = valueOf(await engine.plan(job));
  const runs: RunResult[] = [];
  for (const machine of plan.machines) {
    if (machine.kind === "refused") throw new Error(machine.message);
    runs.push(valueOf(await engine.run(job, machine.choice, () => undefined)).run);
  }
  return { runs, remarks: plan.remarks, seconds: 0 };
}
