// What runs, how far it is, and the way to stop it.

import type { Outcome } from "../engine/api.ts";
import { cancel, finished, progress } from "./results.ts";
import { engineering, plural } from "../../src/report/units.ts";

function summary({ runs, seconds, known = 0 }: Outcome): string {
  const machines = plural(runs.length, "machine");
  if (known === 0) return `${machines} ${seconds === 0 ? "computed beforehand" : `in ${engineering(seconds, "s")}`}`;
  return `${machines} in ${engineering(seconds, "s")}, ${known === runs.length ? "all" : known} known from before`;
}

export function RunStatus() {
  const steps = progress.value;
  if (steps === undefined) {
    const outcome = finished.value?.outcome;
    return (
      <p class="status" role="status" data-busy="no">
        {outcome === undefined || outcome.runs.length === 0 ? "" : summary(outcome)}
      </p>
    );
  }
  const done = steps.reduce((sum, step) => sum + step.done, 0);
  const total = steps.reduce((sum, step) => sum + step.total, 0);
  // A machine that no worker has taken yet does not know its layers.
  const waiting = steps.filter((step) => step.total === 0).length;
  const detail = steps.find((step) => step.detail !== undefined)?.detail;
  return (
    <div class="status" data-busy="yes">
      <progress aria-label="Layers simulated" max={Math.max(1, total)} value={done} />
      <span role="status">
        {total === 0 ? "starting" : `${done} of ${plural(total, "layer")}`}
        {total > 0 && waiting > 0 && `, ${plural(waiting, "machine")} to come`}
      </span>
      {detail !== undefined && <span class="detail">{detail}</span>}
      <button type="button" onClick={cancel}>
        Stop
      </button>
    </div>
  );
}
