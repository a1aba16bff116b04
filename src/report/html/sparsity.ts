// Statistics of densities beside what was counted on data, where layers have both: the errors as a picture, what they come
// to figure by figure, and every layer in a table.

import type { RunResult } from "../../simulate/result.ts";
import { comparisonNote, figureErrors, signedPercent } from "../sparsity.ts";
import type { FigureErrors } from "../sparsity.ts";
import { percent, plural, significant } from "../units.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { causeColour } from "./palette.ts";
import { figure, legend } from "./plot.ts";
import type { Drawing } from "./plot.ts";
import { htmlTable, numberCell } from "./table.ts";
import type { HtmlCell } from "./table.ts";

/** The section's content, or undefined when no layer of any machine was counted on data. */
export function sparsitySection(
  drawing: Drawing,
  runs: readonly RunResult[],
  labels: readonly string[],
): Markup | undefined {
  const parts = runs.flatMap((run, index) => {
    const figures = figureErrors(run);
    const label = labels[index] ?? run.accelerator;
    if (figures.length === 0) return [];
    return [
      html`<div class="pair">${errorFigure(drawing, run, figures, label)}<div>${summaryTable(figures, label)}</div></div>${layersTable(run, label)}`,
    ];
  });
  return parts.length === 0 ? undefined : html`<p>${comparisonNote}</p>${parts}`;
}

function errorFigure(drawing: Drawing, run: RunResult, figures: readonly FigureErrors[], label: string): Markup {
  const { Plot } = drawing;
  const all = run.layers.flatMap(({ name, sparsity = [] }, index) =>
    sparsity.map(({ figure: title, error }) => ({
      number: index + 1,
      percent: 100 * error,
      colour: causeColour(figures.findIndex((one) => one.figure === title)),
      title: `${index + 1} ${name}, ${title}: ${signedPercent(error)}`,
    })),
  );
  const shown = all.filter((one) => Number.isFinite(one.percent));
  const largest = Math.max(0.1, ...shown.map((one) => Math.abs(one.percent)));
  const picture = drawing.svg(
    {
      width: 460,
      height: 220,
      marginLeft: 50,
      marginBottom: 40,
      x: {
        label: "number of the layer",
        labelAnchor: "center",
        labelArrow: "none",
        domain: [0.5, run.layers.length + 0.5],
        ticks: layerTicks(run.layers.length),
        tickFormat: (number: number) => String(number),
      },
      y: { label: "error (%)", labelArrow: "none", domain: [-largest, largest], nice: true, grid: true, ticks: 5 },
      marks: [
        Plot.ruleY([0], { strokeOpacity: 0.5 }),
        Plot.dot(shown, { x: "number", y: "percent", fill: "colour", r: 3, title: "title" }),
      ],
    },
    `Error of the statistics on ${label}`,
    `What statistics have more than the count, layer by layer, of ${figures.map((one) => one.figure).join(", ")}.`,
  );
  const key = legend(
    figures.map(({ figure: name }, index) => ({ name, colour: causeColour(index), shape: "dot" as const })),
  );
  const missing = all.length - shown.length;
  const left = missing === 0 ? "" : ` ${plural(missing, "figure")} that only the statistics have: not drawn.`;
  return figure(`Error of the statistics on ${label}`, key, picture, `Above the line statistics have too much.${left}`);
}

/** Whole numbers from 1 on, about eight of them. */
function layerTicks(layers: number): number[] {
  const step = Math.max(1, Math.ceil(layers / 8));
  return Array.from({ length: Math.ceil(layers / step) }, (_, index) => 1 + index * step);
}

function summaryTable(figures: readonly FigureErrors[], label: string): Markup {
  return htmlTable(
    `${label}: statistics against counted data`,
    [
      { title: "figure" },
      { title: "layers", align: "right" },
      { title: "mean error", align: "right" },
      { title: "largest", align: "right" },
      { title: "in layer" },
    ],
    figures.map(({ figure: name, layers, mean, worst }) => [
      name,
      numberCell(String(layers), layers),
      numberCell(mean === undefined ? "n/a" : percent(mean), mean),
      numberCell(worst === undefined ? "n/a" : signedPercent(worst.error), worst?.error),
      worst === undefined || worst.error === 0 ? "" : worst.layer,
    ]),
  );
}

function layersTable(run: RunResult, label: string): Markup {
  const rows = run.layers.flatMap(({ name, sparsity = [] }, index) =>
    sparsity.map(({ figure: title, statistical, actual, error }): (HtmlCell | string)[] => [
      String(index + 1),
      name,
      title,
      numberCell(significant(statistical, 4), statistical),
      numberCell(significant(actual, 4), actual),
      numberCell(signedPercent(error), Number.isFinite(error) ? error : Number.MAX_VALUE),
    ]),
  );
  const columns = [
    { title: "#", align: "right" },
    { title: "layer" },
    { title: "figure" },
    { title: "by statistics", align: "right" },
    { title: "counted", align: "right" },
    { title: "error", align: "right" },
  ] as const;
  const caption = `Statistics and counts of every layer on ${label}: parts of all multiplications, and cycles of a step relative to a dense one`;
  return html`<details><summary>Every layer on ${label}</summary>${htmlTable(caption, columns, rows, { sortable: true, rowHeader: 1 })}</details>`;
}
