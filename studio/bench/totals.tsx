// The headline: what each machine takes for the whole workload, beside the reference, and beside what it was before the last
// change; of a machine without a run, how far it is or why it has none, in the same place. Drawn before anything else.

import { changeOf } from "./data/prepare.ts";
import { comparable } from "../shell/comparable.ts";
import type { BenchResult } from "./data/prepare.ts";
import { MachineSwatch } from "./choose/machines.tsx";
import { NoRun } from "./no-run.tsx";
import { earlier, running, stale } from "./result.ts";
import { csvText, fileName, saveText } from "../kit/export.ts";
import { runNow } from "../shell/results.ts";
import { bestIn, totalMetrics } from "../../src/report/runs.ts";
import type { Metric } from "../../src/report/runs.ts";
import { percent, plural, ratioTo, times } from "../../src/report/units.ts";
import type { RunResult } from "../../src/simulate/result.ts";

const keys = ["seconds", "cycles", "energy", "edp", "traffic", "area", "utilisation"];
const shown = keys.flatMap((key) => totalMetrics.filter((metric) => metric.key === key));

export function Totals({ result }: { readonly result: BenchResult }) {
  const { runs, done, notes, scope, labels, job } = result;
  const values = (metric: Metric): readonly number[] => done.map(({ run }) => metric.value(run));
  const old = earlier.value === undefined ? undefined : comparable(result, earlier.value);
  const toCsv = (): void => {
    const head = ["machine", ...totalMetrics.map(({ title, unit }) => `${title} (${unit})`)];
    const rows = done.map(({ run, place }) => [labels[place], ...totalMetrics.map(({ value }) => value(run))]);
    saveText(`${fileName(job.workload, "totals")}.csv`, csvText([head, ...rows]), "text/csv");
  };
  return (
    <section class="totals" aria-label="Totals">
      <div class="table-head">
        <h2>
          {done[0]?.run.workload ?? job.workload}{" "}
          <span class="soft">
            on {scope === "" ? plural(runs.length, "machine") : scope}
            {done.length === 0 ? "" : `, ${plural(result.rows.length, "layer")}`}
          </span>
        </h2>
        {notes.includes("stopped") && !stale.value && !running.value && (
          <button type="button" class="main" onClick={() => void runNow()}>
            Run
          </button>
        )}
        <button type="button" disabled={done.length === 0} onClick={toCsv} aria-label="Save totals as CSV">
          CSV
        </button>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Totals by machine">
        <table>
          <caption class="hidden">Totals by machine, with ratios to {labels[0]}</caption>
          <thead>
            <tr>
              <th scope="col">machine</th>
              {shown.map(({ key, title }) => (
                <th key={key} scope="col" class="right">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run, index) => (
              <tr key={index} class={run === undefined ? notes[index] : undefined}>
                <th scope="row">
                  <MachineSwatch index={index} /> {labels[index]}
                </th>
                {run === undefined ? (
                  <NoRun job={job} index={index} columns={shown.length} />
                ) : (
                  shown.map((metric) => (
                    <Figures
                      key={metric.key}
                      metric={metric}
                      run={run}
                      reference={index === 0 ? undefined : runs[0]}
                      best={bestIn(metric, values(metric)).some((at) => done[at]?.place === index)}
                      scope={scope}
                      before={old?.[index]}
                    />
                  ))
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface FiguresProps {
  readonly metric: Metric;
  readonly run: RunResult;
  readonly reference: RunResult | undefined;
  readonly best: boolean;
  /** Of how many machines, where not of all. */
  readonly scope: string;
  readonly before: RunResult | undefined;
}

/** A figure, its ratio to the reference, and what it was. */
function Figures({ metric, run, reference, best, scope, before }: FiguresProps) {
  const value = metric.value(run);
  const change = changeOf(metric, run, before);
  const ratio = reference === undefined ? undefined : ratioTo(value, metric.value(reference));
  return (
    <td class="right">
      <span class={best ? "figure-value best" : "figure-value"}>
        {best && (
          <span class="star" title={`best of ${scope === "" ? "these machines" : scope}`}>
            ★<span class="hidden">best{scope === "" ? "" : ` of ${scope}`}: </span>
          </span>
        )}
        {metric.print(value)}
      </span>
      <span class="ratio">{ratio === undefined ? "\u00a0" : times(ratio)}</span>
      {before !== undefined && change !== undefined && (
        <span class={verdict(metric, change)}>
          was {metric.print(metric.value(before))}, {change > 0 ? "+" : "−"}
          {percent(Math.abs(change))}
        </span>
      )}
    </td>
  );
}

const verdict = ({ better }: Metric, change: number): string =>
  better === "neither" ? "change" : change > 0 === (better === "higher") ? "change better" : "change worse";
