// The headline: what each machine takes for the whole workload, beside the reference, and beside what it was before the last
// change. Drawn before anything else.

import { changeOf } from "./data/prepare.ts";
import { comparable } from "../shell/comparable.ts";
import type { BenchResult } from "./data/prepare.ts";
import { MachineSwatch } from "./choose/machines.tsx";
import { earlier } from "./result.ts";
import { csvText, fileName, saveText } from "../kit/export.ts";
import { bestIn, totalMetrics } from "../../src/report/runs.ts";
import type { Metric } from "../../src/report/runs.ts";
import { percent, plural, ratioTo, times } from "../../src/report/units.ts";
import type { RunResult } from "../../src/simulate/result.ts";

const keys = ["seconds", "cycles", "energy", "edp", "traffic", "area", "utilisation"];
const shown = keys.flatMap((key) => totalMetrics.filter((metric) => metric.key === key));

export function Totals({ result }: { readonly result: BenchResult }) {
  const { runs, labels, job } = result;
  const old = earlier.value === undefined ? undefined : comparable(result, earlier.value);
  const toCsv = (): void => {
    const head = ["machine", ...totalMetrics.map(({ title, unit }) => `${title} (${unit})`)];
    const rows = runs.map((run, index) => [labels[index], ...totalMetrics.map(({ value }) => value(run))]);
    saveText(`${fileName(job.workload, "totals")}.csv`, csvText([head, ...rows]), "text/csv");
  };
  return (
    <section class="totals" aria-label="Totals">
      <div class="table-head">
        <h2>
          {runs[0]?.workload ?? job.workload}{" "}
          <span class="soft">
            on {plural(runs.length, "machine")}, {plural(result.rows.length, "layer")}
          </span>
        </h2>
        <button type="button" onClick={toCsv} aria-label="Save totals as CSV">
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
              <tr key={index}>
                <th scope="row">
                  <MachineSwatch index={index} /> {labels[index]}
                </th>
                {shown.map((metric) => (
                  <Figures
                    key={metric.key}
                    metric={metric}
                    run={run}
                    reference={index === 0 ? undefined : runs[0]}
                    best={bestIn(metric, runs.map(metric.value)).includes(index)}
                    before={old?.[index]}
                  />
                ))}
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
  readonly before: RunResult | undefined;
}

/** A figure, its ratio to the reference, and what it was. */
function Figures({ metric, run, reference, best, before }: FiguresProps) {
  const value = metric.value(run);
  const change = changeOf(metric, run, before);
  const ratio = reference === undefined ? undefined : ratioTo(value, metric.value(reference));
  return (
    <td class="right">
      <span class={best ? "figure-value best" : "figure-value"}>
        {best && (
          <span class="star" title="best of these machines">
            ★<span class="hidden">best: </span>
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
