// Cycle stacks: where the cycles of each layer went, one stacked bar per layer and machine, in seconds and in cycles.

import type { LayerResult, RunResult } from "../../simulate/result.ts";
import type { LayerRow } from "../runs.ts";
import { layerRows, stackCauses } from "../runs.ts";
import { engineering, grouped, percent } from "../units.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { causeColour } from "./palette.ts";
import { axisScale, figure, legend, tickName } from "./plot.ts";
import type { Drawing } from "./plot.ts";
import { htmlTable } from "./table.ts";
import type { HtmlColumn } from "./table.ts";

/** More bars than this would be thinner than a reader can see; the layers that take longest are kept. */
const barLimit = 240;

interface Segment {
  readonly row: number;
  readonly run: number;
  readonly cause: string;
  readonly seconds: number;
  readonly cycles: number;
  readonly title: string;
}

/** The total of each machine as one bar, and the bars of all layers in time and in cycles. */
export function stackSection(drawing: Drawing, runs: readonly RunResult[], labels: readonly string[]): Markup {
  const causes = stackCauses(runs);
  const key = legend(causes.map((name, index) => ({ name, colour: causeColour(index) })));
  const all = layerRows(runs);
  if (all.length === 0) return html`<p>There are no layers, so there are no cycles.</p>`;
  const { rows, omitted } = longest(all, Math.max(1, Math.floor(barLimit / runs.length)));
  const segments = rows.flatMap((row, index) =>
    row.layers.flatMap((layer, run) =>
      layer === undefined ? [] : layerSegments(layer, index, run, labels[run] ?? "", causes),
    ),
  );
  const order = runs.length === 1 ? "" : `In each layer, from the top: ${labels.join(", ")}. `;
  const left =
    omitted === 0
      ? ""
      : ` The ${String(rows.length)} layers that take longest are drawn; ${String(omitted)} shorter ones are in the table of layers.`;
  const caption = `${order}Bars of all layers share one scale.${left}`;
  const names = rowNames(rows, all);
  const plot = (quantity: "seconds" | "cycles"): Markup =>
    layerPlot(drawing, names, segments, runs.length, causes, quantity);
  return html`<div class="pair">${figure("Whole network", key, totalPlot(drawing, runs, labels, causes), "Time of all layers, by cause.")}${totalTable(runs, labels, causes)}</div>
<div class="pair">${figure("Per layer, in time", key, plot("seconds"), caption)}${figure("Per layer, in cycles", key, plot("cycles"), `${caption} A cycle may last differently from layer to layer and machine to machine: time decides.`)}</div>`;
}

function layerSegments(
  layer: LayerResult,
  row: number,
  run: number,
  label: string,
  causes: readonly string[],
): Segment[] {
  return causes.flatMap((cause) => {
    const cycles = layer.stack[cause] ?? 0;
    if (!(cycles > 0)) return [];
    const seconds = layer.cycles > 0 ? (cycles / layer.cycles) * layer.seconds : 0;
    const title = `${layer.name}, ${label}: ${cause} ${grouped(cycles)} cycles, ${engineering(seconds, "s")} (${percent(cycles / layer.cycles)})`;
    return [{ row, run, cause, seconds, cycles, title }];
  });
}

function longest(rows: readonly LayerRow[], limit: number): { rows: readonly LayerRow[]; omitted: number } {
  if (rows.length <= limit) return { rows, omitted: 0 };
  const time = (row: LayerRow): number => Math.max(...row.layers.map((layer) => layer?.seconds ?? 0));
  const kept = new Set([...rows].sort((a, b) => time(b) - time(a)).slice(0, limit));
  return { rows: rows.filter((row) => kept.has(row)), omitted: rows.length - limit };
}

/** Names for the axis; with the layer's number where cutting makes two names alike. */
function rowNames(rows: readonly LayerRow[], all: readonly LayerRow[]): readonly string[] {
  const names = rows.map((row) => tickName(row.name));
  if (new Set(names).size === names.length) return names;
  const numbers = new Map(all.map((row, index) => [row, String(index + 1)]));
  return rows.map((row) => {
    const number = numbers.get(row) ?? "";
    return `${number} ${tickName(row.name, 20 - number.length)}`;
  });
}

function layerPlot(
  drawing: Drawing,
  names: readonly string[],
  segments: readonly Segment[],
  machines: number,
  causes: readonly string[],
  quantity: "seconds" | "cycles",
): Markup {
  const { Plot } = drawing;
  const lengths = new Map<string, number>();
  for (const segment of segments) {
    const bar = `${String(segment.row)} ${String(segment.run)}`;
    lengths.set(bar, (lengths.get(bar) ?? 0) + segment[quantity]);
  }
  const scale = axisScale(lengths.values(), quantity === "seconds" ? "s" : "cycles");
  const label = quantity === "seconds" ? `time (${scale.unit})` : `duration (${scale.unit})`;
  const barHeight = machines === 1 ? 11 : machines === 2 ? 8 : 6;
  const layerHeight = machines * barHeight + 6;
  return drawing.svg(
    {
      width: 460,
      height: names.length * layerHeight + 76,
      marginLeft: 140,
      marginRight: 16,
      marginTop: 40,
      marginBottom: 36,
      x: { label, domain: [0, Math.max(...lengths.values(), 0) / scale.factor || 1], nice: true, ticks: 5 },
      y: { axis: null, padding: 0.16, domain: Array.from({ length: machines }, (_, index) => index) },
      fy: {
        label: null,
        padding: 0.22,
        domain: names.map((_, index) => index),
        tickFormat: (index: number) => names[index] ?? "",
      },
      color: { domain: [...causes], range: causes.map((_, index) => causeColour(index)) },
      marks: [
        Plot.gridX({ ticks: 5, strokeOpacity: 0.14 }),
        Plot.axisX({ anchor: "top", ticks: 5, label: null, facetAnchor: "top-empty" }),
        Plot.axisX({ anchor: "bottom", ticks: 5, label, labelAnchor: "center", labelArrow: "none" }),
        Plot.barX(segments, {
          fy: "row",
          y: "run",
          x: (segment: Segment) => segment[quantity] / scale.factor,
          fill: "cause",
          title: "title",
        }),
      ],
    },
    `Cycle stacks per layer in ${quantity}`,
    `Stacked bars of ${String(names.length)} layers on ${String(machines)} machines by cause: ${causes.join(", ")}.`,
  );
}

function totalTable(runs: readonly RunResult[], labels: readonly string[], causes: readonly string[]): Markup {
  const columns: HtmlColumn[] = [
    { title: "cause" },
    ...labels.flatMap((label): HtmlColumn[] => [
      { title: label, unit: "cycles", align: "right" },
      { title: "share", unit: "%", align: "right" },
    ]),
  ];
  const rows = causes.map((cause) => [
    cause,
    ...runs.flatMap((run) => {
      const cycles = run.total.stack[cause] ?? 0;
      return [grouped(cycles), percent(run.total.cycles > 0 ? cycles / run.total.cycles : 0)];
    }),
  ]);
  return htmlTable("Cycles of the whole network by cause", columns, rows);
}

function totalPlot(
  drawing: Drawing,
  runs: readonly RunResult[],
  labels: readonly string[],
  causes: readonly string[],
): Markup {
  const { Plot } = drawing;
  // Shares of time, not of cycles: with a clock per mapping the two differ.
  const data = runs.flatMap((run, index) => {
    const seconds = causes.map((cause) =>
      run.layers.reduce(
        (sum, layer) => sum + (layer.cycles > 0 ? ((layer.stack[cause] ?? 0) / layer.cycles) * layer.seconds : 0),
        0,
      ),
    );
    return causes
      .map((cause, at) => ({ run: index, cause, seconds: seconds[at] ?? 0 }))
      .filter((part) => part.seconds > 0);
  });
  const scale = axisScale(
    runs.map((run) => run.total.seconds),
    "s",
  );
  const largest = Math.max(...runs.map((run) => run.total.seconds));
  const marked = data.map((part) => ({
    ...part,
    title: `${labels[part.run] ?? ""}: ${part.cause} ${engineering(part.seconds, "s")} (${percent(part.seconds / (runs[part.run]?.total.seconds ?? 1))})`,
  }));
  return drawing.svg(
    {
      width: 460,
      height: runs.length * 34 + 46,
      marginLeft: 140,
      marginRight: 16,
      marginTop: 4,
      marginBottom: 38,
      x: { domain: [0, largest / scale.factor || 1], nice: true },
      y: {
        label: null,
        domain: runs.map((_, index) => index),
        tickFormat: (index: number) => tickName(labels[index] ?? ""),
        tickSize: 0,
        padding: 0.25,
      },
      color: { domain: [...causes], range: causes.map((_, index) => causeColour(index)) },
      marks: [
        Plot.gridX({ ticks: 5, strokeOpacity: 0.14 }),
        Plot.axisX({ ticks: 5, label: `time (${scale.unit})`, labelAnchor: "center", labelArrow: "none" }),
        Plot.barX(marked, {
          y: "run",
          x: (part: { seconds: number }) => part.seconds / scale.factor,
          fill: "cause",
          title: "title",
        }),
      ],
    },
    "Where the time of the whole network went",
    `One stacked bar per machine by cause: ${causes.join(", ")}.`,
  );
}
