// The mapping chosen for each layer: a strip of coloured cells per machine with the layer's winner below, what every
// tried mapping would have cost, and the loop nests.

import type { LayerResult, RunResult } from "../../simulate/result.ts";
import { bestOf, costName, keyUnion, layerCost, layerRows, mappingUse, shortMappings } from "../runs.ts";
import type { LayerRow } from "../runs.ts";
import { engineering, percent, plural } from "../units.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { nestFigure } from "./nest.ts";
import { inkOn, machineColour, mappingColour } from "./palette.ts";
import { figure, legend, tickName } from "./plot.ts";
import type { Drawing } from "./plot.ts";
import { htmlTable, numberCell } from "./table.ts";
import type { HtmlCell, HtmlColumn } from "./table.ts";

interface StripCell {
  readonly strip: number;
  readonly layer: number;
  readonly colour: string;
  readonly title: string;
}

interface StripLabel {
  readonly strip: number;
  readonly middle: number;
  readonly text: string;
  readonly ink: string;
}

/** Every mapping name in natural order ("k=2" before "k=10"), the same for all figures. */
function mappingNames(runs: readonly RunResult[]): readonly string[] {
  const names = new Set(runs.flatMap((run) => run.layers.map((layer) => layer.mapping)));
  return [...names].sort(naturalOrder);
}

/** Compares runs of digits as numbers and everything else by code unit, without a locale. */
export function naturalOrder(a: string, b: string): number {
  const parts = (text: string): string[] => text.split(/(\d+)/);
  const left = parts(a);
  const right = parts(b);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const x = left[index] ?? "";
    const y = right[index] ?? "";
    if (x === y) continue;
    const numbers = /^\d+$/.test(x) && /^\d+$/.test(y);
    if (numbers && Number(x) !== Number(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** Strip, counts and, for machines that had a choice, the cost of every mapping that was tried. */
export function mappingSection(drawing: Drawing, runs: readonly RunResult[], labels: readonly string[]): Markup {
  const names = mappingNames(runs);
  const rows = layerRows(runs);
  if (rows.length === 0) return html`<p>There are no layers to map.</p>`;
  const short = shortMappings(names);
  const key = legend([
    ...names.map((name, index) => ({ name, colour: mappingColour(index) })),
    ...(runs.length > 1
      ? labels.map((name, index) => ({ name: `${name} is best`, colour: machineColour(index), shape: "dot" as const }))
      : []),
  ]);
  const picture = strip(drawing, runs, labels, rows, names, short);
  const converts = runs.some((run) => run.layers.some(({ conversion }) => conversion !== undefined));
  const caption = `Layers in execution order, from the left.${converts ? " A white dot stands between layers where an operand changes its format." : ""}${runs.length > 1 ? ` The lowest strip is coloured by the machine with the least ${costName(runs[0]?.objective ?? "seconds")}; a draw (within 0.05 %) is left blank.` : ""}`;
  return html`${figure("Mapping of each layer", key, picture, caption)}${useTable(runs, labels)}${runs.map((run, index) => triedTable(run, labels[index] ?? "", short))}`;
}

function strip(
  drawing: Drawing,
  runs: readonly RunResult[],
  labels: readonly string[],
  rows: readonly LayerRow[],
  names: readonly string[],
  short: ReadonlyMap<string, string>,
): Markup {
  const { Plot } = drawing;
  const width = 940;
  const marginLeft = 150;
  const cellWidth = (width - marginLeft - 10) / Math.max(1, rows.length);
  const cells: StripCell[] = [];
  const texts: StripLabel[] = [];
  const conversions: { readonly strip: number; readonly before: number; readonly title: string }[] = [];
  runs.forEach((_, run) => {
    const chosen = rows.map((row) => row.layers[run]);
    chosen.forEach((layer, index) => {
      if (layer === undefined) return;
      const colour = mappingColour(names.indexOf(layer.mapping));
      cells.push({ strip: run, layer: index, colour, title: `${layer.name}, ${labels[run] ?? ""}: ${layer.mapping}` });
      const { conversion } = layer;
      if (conversion === undefined) return;
      const change = `operand ${conversion.operand} from ${conversion.from.toUpperCase()} to ${conversion.to.toUpperCase()}`;
      conversions.push({ strip: run, before: index + 0.5, title: `before ${layer.name}: ${change}` });
    });
    texts.push(
      ...runLabels(
        chosen.map((layer) => layer?.mapping),
        cellWidth,
        (mapping) => short.get(mapping) ?? mapping,
      ).map((text) => ({
        strip: run,
        middle: text.middle,
        text: text.text,
        ink: inkOn(mappingColour(names.indexOf(text.value))),
      })),
    );
  });
  if (runs.length > 1) {
    rows.forEach((row, index) => {
      const [winner] = row.best;
      if (winner === undefined || row.best.length > 1) return;
      cells.push({
        strip: runs.length,
        layer: index,
        colour: machineColour(winner),
        title: `${row.name}: ${labels[winner] ?? ""} is best`,
      });
    });
  }
  const strips = [...labels, ...(runs.length > 1 ? ["best machine"] : [])];
  // Layers are numbered from 1 for readers; ticks every 5 or 10 keep the numbers apart.
  const step = rows.length <= 12 ? 1 : rows.length <= 80 ? 5 : Math.ceil(rows.length / 160) * 10;
  const ticks = rows.map((_, index) => index + 1).filter((number) => number === 1 || number % step === 0);
  return drawing.svg(
    {
      width,
      height: strips.length * 34 + 44,
      marginLeft,
      marginRight: 10,
      marginTop: 4,
      marginBottom: 38,
      x: { type: "linear", domain: [0.5, rows.length + 0.5] },
      y: {
        label: null,
        domain: strips.map((_, index) => index),
        tickFormat: (index: number) => tickName(strips[index] ?? "", 22),
        tickSize: 0,
        padding: 0.18,
      },
      marks: [
        Plot.axisX(ticks, {
          label: "layer (number in execution order)",
          labelAnchor: "center",
          labelArrow: "none",
          tickFormat: (number: number) => String(number),
        }),
        Plot.barX(cells, {
          x1: (cell: StripCell) => cell.layer + 0.5,
          x2: (cell: StripCell) => cell.layer + 1.5,
          y: "strip",
          fill: (cell: StripCell) => cell.colour,
          title: "title",
          insetLeft: cellWidth > 4 ? 0.5 : 0,
          insetRight: cellWidth > 4 ? 0.5 : 0,
        }),
        Plot.text(texts, {
          x: "middle",
          y: "strip",
          text: "text",
          fill: (label: StripLabel) => label.ink,
          fontSize: 11,
          pointerEvents: "none",
        }),
        Plot.dot(conversions, {
          x: "before",
          y: "strip",
          r: Math.min(3.5, cellWidth / 2),
          fill: "#fff",
          stroke: "#000",
          title: "title",
        }),
      ],
    },
    "Mapping of each layer",
    `One strip of ${String(rows.length)} cells per machine: ${labels.join(", ")}.`,
  );
}

/** Labels for the stretches of equal neighbours that are wide enough to hold them. */
function runLabels(
  values: readonly (string | undefined)[],
  cellWidth: number,
  name: (value: string) => string,
): { value: string; text: string; middle: number }[] {
  const labels: { value: string; text: string; middle: number }[] = [];
  for (let start = 0; start < values.length;) {
    let end = start + 1;
    while (end < values.length && values[end] === values[start]) end++;
    const value = values[start];
    if (value !== undefined) {
      const text = name(value);
      if (text.length * 6.6 + 4 <= (end - start) * cellWidth) {
        labels.push({ value, text, middle: (start + end + 1) / 2 });
      }
    }
    start = end;
  }
  return labels;
}

function useTable(runs: readonly RunResult[], labels: readonly string[]): Markup {
  const columns: HtmlColumn[] = [
    { title: "machine" },
    { title: "mapping" },
    { title: "layers", align: "right" },
    { title: "time", unit: "s", align: "right" },
    { title: "share of time", unit: "%", align: "right" },
  ];
  const rows = runs.flatMap((run, index) =>
    mappingUse(run).map((use): (HtmlCell | string)[] => [
      labels[index] ?? "",
      use.mapping,
      String(use.layers),
      numberCell(engineering(use.seconds, "s"), use.seconds),
      percent(run.total.seconds > 0 ? use.seconds / run.total.seconds : 0),
    ]),
  );
  return htmlTable("Mappings in use", columns, rows);
}

/** Cost of each tried mapping for each layer, the chosen one in bold; nothing where the machine had no choice. */
function triedTable(run: RunResult, label: string, short: ReadonlyMap<string, string>): Markup | undefined {
  if (run.layers.every((layer) => layer.alternatives.length === 0)) return undefined;
  const tried = run.layers.map((layer) => [
    // Without its conversion, as the alternatives are.
    { mapping: layer.mapping, seconds: layer.seconds - counted(run, layer) },
    ...layer.alternatives,
  ]);
  const names = [...keyUnion(tried.map((list) => Object.fromEntries(list.map((entry) => [entry.mapping, true]))))].sort(
    naturalOrder,
  );
  const brief = names.every((name) => short.has(name)) ? short : shortMappings(names);
  const columns: HtmlColumn[] = [
    { title: "#", align: "right" },
    { title: "layer" },
    { title: "chosen" },
    ...names.map((name): HtmlColumn => ({ title: brief.get(name) ?? name, unit: "s", align: "right" })),
    { title: "gain on the worst", unit: "%", align: "right" },
  ];
  const rows = run.layers.map((layer, index): (HtmlCell | string)[] => {
    const list = tried[index] ?? [];
    const worst = Math.max(...list.map((entry) => entry.seconds));
    return [
      String(index + 1),
      layer.name,
      brief.get(layer.mapping) ?? layer.mapping,
      ...names.map((name) => {
        const entry = list.find((other) => other.mapping === name);
        return entry === undefined
          ? numberCell("–", undefined)
          : numberCell(engineering(entry.seconds, "s"), entry.seconds, name === layer.mapping);
      }),
      percent(worst > 0 ? 1 - (layer.seconds - counted(run, layer)) / worst : 0),
    ];
  });
  const table = htmlTable(
    `Time of each layer under every mapping that ${label} can take; the chosen one in bold (chosen for ${run.objective})`,
    columns,
    rows,
    { sortable: true, rowHeader: 1 },
  );
  return html`<details><summary>All mappings tried on ${label}</summary>${table}</details>`;
}

/** Seconds of a conversion in the figures of a layer. */
const counted = (run: RunResult, layer: LayerResult): number =>
  run.conversions?.counted === true ? (layer.conversion?.seconds ?? 0) : 0;

/** The distinct loop nests of each machine with the layers that use them, folded. */
export function loopSection(runs: readonly RunResult[], labels: readonly string[]): Markup {
  return html`${runs.map((run, index) => {
    const nests = new Map<string, { first: LayerResult; layers: string[] }>();
    for (const layer of run.layers) {
      const key = JSON.stringify([layer.mapping, layer.loops]);
      const nest = nests.get(key) ?? { first: layer, layers: [] };
      nest.layers.push(layer.name);
      nests.set(key, nest);
    }
    const items = [...nests.values()].map(
      ({ first, layers }) =>
        html`<details><summary><b>${first.mapping}</b> · M ${first.M}, N ${first.N}, K ${first.K} · ${plural(layers.length, "layer")}: ${layers.slice(0, 4).join(", ")}${layers.length > 4 ? " …" : ""}</summary><pre>${nestLines(first.loops)}</pre>${nestPart(first)}${layers.length > 4 ? html`<p>Layers: ${layers.join(", ")}.</p>` : undefined}</details>`,
    );
    return html`<details class="outer"><summary>${labels[index] ?? ""}: ${plural(nests.size, "distinct loop nest")}</summary>${items}</details>`;
  })}`;
}

/** The picture of a loop nest, and its text for `--schedule`, to be changed and run again. */
function nestPart({ name, nest }: LayerResult): Markup | undefined {
  if (nest === undefined) return undefined;
  const text = nest.text === undefined ? undefined : `layers:\n  ${JSON.stringify(name)}:\n${nest.text}`;
  return html`${nestFigure(`Loop nest of ${name}`, nest)}${text === undefined ? undefined : html`<details><summary>As a schedule file for ${name}</summary><pre>${text.split("\n").map((line) => html`${line}\n`)}</pre></details>`}`;
}

/**
 * The loops, each indented below the one that holds it, or as they are where they come aligned. A value loses its line
 * breaks, so that these are markup.
 */
function nestLines(loops: readonly string[]): readonly Markup[] {
  const aligned = loops.some((loop) => loop.startsWith(" "));
  return loops.map((loop, depth) => html`${aligned ? "" : "  ".repeat(depth)}${loop}\n`);
}

/** The best machine of a layer by the runs' objective, or "draw". */
export function winnerName(row: LayerRow, labels: readonly string[], objective: RunResult["objective"]): string {
  const best = bestOf(row.layers.map((layer) => layerCost(layer, objective)));
  return best.length === 1 ? (labels[best[0] ?? 0] ?? "") : "draw";
}
