// In the place of a machine's totals: how far its run is, that it was stopped, or why it failed.

import type { Job } from "../engine/api.ts";
import { machineNamed } from "../shell/catalogue.ts";
import { progress, runNow, shown } from "../shell/results.ts";
import { plural } from "../../src/report/units.ts";

interface NoRunProps {
  readonly job: Job;
  readonly index: number;
  readonly columns: number;
}

export function NoRun({ job, index, columns }: NoRunProps) {
  const part = shown.value?.job === job ? shown.value.parts[index] : undefined;
  return (
    <td colSpan={columns}>
      <div class="no-run">
        {part?.kind === "failed" ? (
          <p class="failure">
            {part.message}{" "}
            {part.cause === "failure" && (
              <button type="button" onClick={() => void runNow()}>
                Try again
              </button>
            )}
          </p>
        ) : part?.kind === "running" ? (
          <Running name={job.machines[index]?.name ?? ""} index={index} />
        ) : (
          <p>stopped before its end</p>
        )}
      </div>
    </td>
  );
}

/** As high as the figures that will stand here. */
function Running({ name, index }: { readonly name: string; readonly index: number }) {
  const step = progress.value?.[index];
  const { done = 0, total = 0, detail } = step ?? {};
  // A schedule is searched for every layer of a loop nest.
  const isSearched = machineNamed(name)?.kind === "nest";
  return (
    <>
      <p class="how-far">
        <progress aria-label={`Layers of ${name}`} max={Math.max(1, total)} value={done} />
        <span>{total === 0 ? "waiting" : `${done} of ${plural(total, "layer")}`}</span>
      </p>
      <p class="soft">
        {detail ??
          (isSearched ? "Searches schedules; fewer layers or a smaller search parameter take less." : "\u00a0")}
      </p>
    </>
  );
}
