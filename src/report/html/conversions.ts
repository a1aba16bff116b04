// Changes of sparse formats between layers in the HTML report: the letters of the layers, what the changes take, and a
// table of them.

import type { RunResult } from "../../simulate/result.ts";
import { conversionSentences, hasTransitions, letterKey, mapLines } from "../conversions.ts";
import { engineering, grouped } from "../units.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { htmlTable, numberCell } from "./table.ts";
import type { HtmlCell, HtmlColumn } from "./table.ts";

/** Characters in a line of letters. */
const lineWidth = 100;

/** The part of the section on mappings about formats; undefined where no run has transitions. */
export function conversionPart(runs: readonly RunResult[], labels: readonly string[]): Markup | undefined {
  const parts = runs.flatMap((run, index) => {
    if (!hasTransitions(run)) return [];
    const label = labels[index] ?? run.accelerator;
    return [
      html`<h4>${label}</h4><pre>${mapLines(run, lineWidth).map((line) => html`${line}\n`)}</pre><p>${conversionSentences(run, label).join(" ")}</p>${conversionTable(run, label)}`,
    ];
  });
  return parts.length === 0
    ? undefined
    : html`<h3>Dataflows and formats between layers</h3><p>${letterKey}</p>${parts}`;
}

function conversionTable(run: RunResult, label: string): Markup | undefined {
  const columns: HtmlColumn[] = [
    { title: "#", align: "right" },
    { title: "before layer" },
    { title: "mapping" },
    { title: "operand" },
    { title: "from, to" },
    { title: "non-zeros", align: "right" },
    { title: "cycles", align: "right" },
    { title: "time", unit: "s", align: "right" },
    { title: "energy", unit: "J", align: "right" },
  ];
  const rows = run.layers.flatMap(({ name, mapping, conversion }, index): (HtmlCell | string)[][] => {
    if (conversion === undefined) return [];
    const { operand, from, to, elements, cycles, seconds, energy } = conversion;
    return [
      [
        String(index + 1),
        name,
        mapping,
        operand,
        `${from.toUpperCase()}, ${to.toUpperCase()}`,
        numberCell(grouped(elements), elements),
        numberCell(grouped(cycles), cycles),
        numberCell(engineering(seconds, "s"), seconds),
        numberCell(engineering(energy.total, "J"), energy.total),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  const caption = `Changes of format between layers on ${label}; ${run.conversions?.counted === true ? "part of" : "not part of"} the figures of the layers`;
  return html`<details><summary>All changes of format on ${label}</summary>${htmlTable(caption, columns, rows, { sortable: true, rowHeader: 1 })}</details>`;
}
