// The tables of the HTML report: totals with ratios, layers side by side, each machine's layers in full, parameters.

import type { RunResult } from "../../simulate/result.ts";
import { bestIn, costName, farthestBytes, farthestMemory, layerRows, shortMappings, totalMetrics } from "../runs.ts";
import { engineering, grouped, percent, ratioTo, significant, times } from "../units.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { winnerName } from "./mappings.ts";
import { htmlTable, numberCell } from "./table.ts";
import type { HtmlCell, HtmlColumn } from "./table.ts";

/** Metrics by machine with ratios to the first; the best value of each in bold. */
export function totalsTable(runs: readonly RunResult[], labels: readonly string[]): Markup {
  const columns: HtmlColumn[] = [{ title: "total" }];
  runs.forEach((_, index) => {
    columns.push({ title: labels[index] ?? "", align: "right" });
    if (index > 0) columns.push({ title: "ratio", unit: "×", align: "right" });
  });
  const rows = totalMetrics.map((metric): (HtmlCell | string)[] => {
    const values = runs.map((run) => metric.value(run));
    const best = bestIn(metric, values);
    const direction =
      runs.length === 1 || metric.better === "neither"
        ? undefined
        : html`<span class="direction">, ${metric.better} is better</span>`;
    return [
      { content: html`${metric.title} <span class="unit">(${metric.unit}${direction})</span>` },
      ...values.flatMap((value, index): HtmlCell[] => {
        const cell = numberCell(metric.print(value), value, best.includes(index));
        return index === 0 ? [cell] : [cell, numberCell(times(ratioTo(value, values[0] ?? 0)), undefined)];
      }),
    ];
  });
  return htmlTable(
    runs.length === 1 ? "Totals of all layers" : `Totals; ratios are to ${labels[0] ?? ""}, the better value is bold`,
    columns,
    rows,
  );
}

/** Time and energy of each layer on every machine, with ratios and the best machine. */
export function comparisonTable(runs: readonly RunResult[], labels: readonly string[]): Markup {
  const objective = runs[0]?.objective ?? "seconds";
  const columns: HtmlColumn[] = [{ title: "#", align: "right" }, { title: "layer" }];
  labels.forEach((label, index) => {
    columns.push({ title: `${label} time`, unit: "s", align: "right" });
    if (index > 0) columns.push({ title: "ratio", unit: "×", align: "right" });
  });
  labels.forEach((label) => columns.push({ title: `${label} energy`, unit: "J", align: "right" }));
  columns.push({ title: `least ${costName(objective)}` });
  const rows = layerRows(runs).map((row, number): (HtmlCell | string)[] => {
    const [reference] = row.layers;
    return [
      String(number + 1),
      row.name,
      ...row.layers.flatMap((layer, index): HtmlCell[] => {
        const time =
          layer === undefined
            ? numberCell("–", undefined)
            : numberCell(engineering(layer.seconds, "s"), layer.seconds, row.best.includes(index));
        if (index === 0) return [time];
        const ratio =
          layer === undefined || reference === undefined ? undefined : ratioTo(layer.seconds, reference.seconds);
        return [time, numberCell(ratio === undefined ? "–" : times(ratio), ratio)];
      }),
      ...row.layers.map((layer) =>
        layer === undefined
          ? numberCell("–", undefined)
          : numberCell(engineering(layer.energy.total, "J"), layer.energy.total),
      ),
      winnerName(row, labels, objective),
    ];
  });
  return htmlTable(`Layers side by side; ratios are to ${labels[0] ?? ""}, below 1 is less`, columns, rows, {
    sortable: true,
    rowHeader: 1,
  });
}

/** Every layer of one machine with all that reports print of it. */
export function layerTable(run: RunResult, label: string): Markup {
  const memory = farthestMemory(run) ?? "off-chip";
  const columns: HtmlColumn[] = [
    { title: "#", align: "right" },
    { title: "layer" },
    { title: "operator" },
    { title: "M", align: "right" },
    { title: "N", align: "right" },
    { title: "K", align: "right" },
    { title: "products", align: "right" },
    { title: "density A, B" },
    { title: "mapping" },
    { title: "dense work", unit: "MAC", align: "right" },
    { title: "cycles", align: "right" },
    { title: "time", unit: "s", align: "right" },
    { title: "utilisation", unit: "%", align: "right" },
    { title: `${memory} read`, unit: "B", align: "right" },
    { title: `${memory} write`, unit: "B", align: "right" },
    { title: "energy", unit: "J", align: "right" },
    { title: "output check" },
  ];
  const short = shortMappings([...new Set(run.layers.map((layer) => layer.mapping))]);
  const rows = run.layers.map((layer, index): (HtmlCell | string)[] => {
    const far = layer.traffic[memory];
    return [
      String(index + 1),
      layer.name,
      layer.operator,
      String(layer.M),
      String(layer.N),
      String(layer.K),
      String(layer.count),
      `${density(layer.density.A)}, ${density(layer.density.B)}`,
      short.get(layer.mapping) ?? layer.mapping,
      numberCell(engineering(layer.macs.dense, "MAC"), layer.macs.dense),
      numberCell(grouped(layer.cycles), layer.cycles),
      numberCell(engineering(layer.seconds, "s"), layer.seconds),
      numberCell(percent(layer.utilisation), layer.utilisation),
      numberCell(far === undefined ? "–" : engineering(far.read, "B"), far?.read),
      numberCell(far === undefined ? "–" : engineering(far.write, "B"), far?.write),
      numberCell(engineering(layer.energy.total, "J"), layer.energy.total),
      layer.check,
    ];
  });
  // A column that says the same of every layer goes into the caption, so that the others have room.
  const constant = columns.map(
    (column, index) =>
      foldable.has(column.title) && rows.length > 1 && rows.every((row) => row[index] === rows[0]?.[index]),
  );
  const folded = columns.flatMap((column, index): string[] => {
    const value = rows[0]?.[index];
    return constant[index] === true && typeof value === "string" ? [`${column.title} ${value}`] : [];
  });
  const kept = <T>(items: readonly T[]): T[] => items.filter((_, index) => constant[index] !== true);
  const note = folded.length === 0 ? "" : ` Same in all layers: ${folded.join("; ")}.`;
  const caption = `All layers on ${label}; ${engineering(farthestBytes(run.total.traffic), "B")} of ${memory} traffic in all.${note}`;
  return htmlTable(caption, kept(columns), rows.map(kept), { sortable: true, rowHeader: 1 });
}

const foldable: ReadonlySet<string> = new Set(["operator", "products", "density A, B", "mapping", "output check"]);

/** Parameters of all machines side by side, those that differ in bold, and where prices come from. */
export function parameterSection(runs: readonly RunResult[], labels: readonly string[]): Markup {
  const paths = [...new Set(runs.flatMap((run) => Object.keys(run.parameters)))];
  const columns: HtmlColumn[] = [
    { title: "parameter" },
    ...labels.map((title): HtmlColumn => ({ title, align: "right" })),
  ];
  const rows = paths.map((path): (HtmlCell | string)[] => {
    const values = runs.map((run) => run.parameters[path]);
    const differs = values.some((value) => value !== values[0]);
    return [path, ...values.map((value) => ({ content: parameterText(value), strong: differs }))];
  });
  const caption =
    runs.length === 1 ? "Parameters (SI base units)" : "Parameters (SI base units); values that differ are bold";
  const [first] = runs;
  const prices = runs.map(
    (run, index) =>
      html`<li>${labels[index] ?? ""}: technology <b>${run.technology}</b>; energy and area tables ${run.energyTables.length === 0 ? "none" : run.energyTables.join("; ")}; mappings chosen for ${run.objective}.</li>`,
  );
  return html`${htmlTable(caption, columns, rows)}<ul class="plain">${prices}<li>Seed ${first?.seed ?? 0}; result format version ${first?.version ?? 1}.</li></ul>`;
}

function parameterText(value: number | string | undefined): string {
  if (value === undefined) return "–";
  return typeof value === "number" ? grouped(value) : value;
}

function density(value: number): string {
  return value === 1 ? "1" : significant(value, 3);
}
