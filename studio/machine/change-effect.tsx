// What a change of parameters made of the totals: before, after and the ratio, for the machine that is shown.

import { totalMetrics } from "../../src/report/runs.ts";
import { ratioTo, times } from "../../src/report/units.ts";
import type { RunResult } from "../../src/simulate/result.ts";
import { comparable } from "../shell/comparable.ts";
import { runsOf } from "../shell/job-state.ts";
import { before, shown, upToDate } from "../shell/results.ts";

/** The run of the machine at `index` now, and the one before the last change where the two may be compared. */
export function runsAround(index: number): { readonly now?: RunResult; readonly earlier?: RunResult } {
  const [state, last] = [shown.value, before.value];
  if (state === undefined) return {};
  const runs = runsOf(state);
  const now = runs[index];
  if (now === undefined) return {};
  const pairs =
    last === undefined ? undefined : comparable({ job: state.job, runs }, { job: last.job, runs: runsOf(last) });
  const earlier = pairs?.[index];
  return earlier === undefined ? { now } : { now, earlier };
}

export function ChangeEffect({ index }: { readonly index: number }) {
  const { now, earlier } = runsAround(index);
  if (now === undefined) return null;
  return (
    <div class={upToDate.value ? "effect" : "effect stale"}>
      <h3>
        {now.workload} on {now.accelerator}
        {earlier === undefined ? "" : ": before and after the last change"}
      </h3>
      <table>
        <thead>
          <tr>
            <th scope="col">total</th>
            {earlier !== undefined && (
              <th scope="col" class="right">
                before
              </th>
            )}
            <th scope="col" class="right">
              {earlier === undefined ? "now" : "after"}
            </th>
            {earlier !== undefined && (
              <th scope="col" class="right">
                ratio
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {totalMetrics.map((metric) => {
            const value = metric.value(now);
            const old = earlier === undefined ? undefined : metric.value(earlier);
            const ratio = old === undefined ? undefined : ratioTo(value, old);
            return (
              <tr key={metric.key}>
                <th scope="row">{metric.title}</th>
                {old !== undefined && <td class="right">{metric.print(old)}</td>}
                <td class="right">{metric.print(value)}</td>
                {old !== undefined && (
                  <td class={`right ${verdict(metric.better, ratio)}`}>
                    {ratio === 1 ? "same" : `${times(ratio)} ${sign(metric.better, ratio)}`}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function verdict(better: "lower" | "higher" | "neither", ratio: number | undefined): "better" | "worse" | "" {
  if (ratio === undefined || ratio === 1 || better === "neither") return "";
  return ratio < 1 === (better === "lower") ? "better" : "worse";
}

const sign = (better: "lower" | "higher" | "neither", ratio: number | undefined): string =>
  ({ better: "better", worse: "worse", "": "" })[verdict(better, ratio)];
