// What runs, how far it is, and the way to stop it.

import { counts, effort } from "./job-state.ts";
import type { JobState } from "./job-state.ts";
import { cancel, progress, shown, spoken } from "./results.ts";
import { engineering, plural } from "../../src/report/units.ts";

function summary(state: JobState): string {
  const { run, all } = counts(state);
  const { seconds, known = 0 } = effort(state.parts);
  const machines = `${run < all ? `${run} of ` : ""}${plural(all, "machine")}`;
  if (known === 0) return `${machines} ${seconds === 0 ? "computed beforehand" : `in ${engineering(seconds, "s")}`}`;
  return `${machines} in ${engineering(seconds, "s")}, ${known === run ? "all" : known} known from before`;
}

/** Those who hear the page are told of each machine once; what moves all the time is to be looked at. */
export const RunStatus = () => (
  <>
    <p class="hidden" role="status">
      {spoken.value}
    </p>
    <Visible />
  </>
);

function Visible() {
  const steps = progress.value;
  if (steps === undefined) {
    const state = shown.value;
    return (
      <p class="status" data-busy="no">
        {state === undefined || counts(state).run === 0 ? "" : summary(state)}
      </p>
    );
  }
  const done = steps.reduce((sum, step) => sum + step.done, 0);
  const total = steps.reduce((sum, step) => sum + step.total, 0);
  // A machine that no worker has taken yet does not know its layers.
  const waiting = steps.filter(({ total: layers, end }) => layers === 0 && end === undefined).length;
  const detail = steps.find((step) => step.detail !== undefined)?.detail;
  return (
    <div class="status" data-busy="yes">
      <progress aria-label="Layers simulated" max={Math.max(1, total)} value={done} />
      <span>
        {total === 0 ? "starting" : `${done} of ${plural(total, "layer")}`}
        {total > 0 && waiting > 0 && `, ${plural(waiting, "machine")} to come`}
      </span>
      {detail !== undefined && <span class="detail">{detail}</span>}
      <button type="button" onClick={() => void cancel()}>
        Stop
      </button>
    </div>
  );
}
