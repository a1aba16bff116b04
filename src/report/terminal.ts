// What `heddle run` and `heddle compare` print: a table of layers, the totals, and where the cycles went. Warnings are
// a text of their own, because they belong on standard error.

import type { LayerResult, RunResult } from "../simulate/result.ts";
import { stackBar, swatch } from "./bar.ts";
import { remarks } from "./remarks.ts";
import {
  bestIn,
  costName,
  farthestBytes,
  farthestMemory,
  layerRows,
  machineLabels,
  mappingUse,
  shortMappings,
  stackCauses,
  totalMetrics,
} from "./runs.ts";
import type { LayerRow } from "./runs.ts";
import { defaultWidth, displayWidth, table, wrap } from "./table.ts";
import type { Cell, Column } from "./table.ts";
import {
  engineering,
  grouped,
  percent,
  significant,
  plural,
  printable,
  ratioTo,
  squareMillimetres,
  times,
} from "./units.ts";

export interface TerminalOptions {
  /** Characters a line; default 120. */
  readonly width?: number;
  readonly colour?: boolean;
  /** False leaves out the table of layers. */
  readonly layers?: boolean;
}

const barWidth = 12;
const hint = "widen the terminal, or use --csv or --json";

/** One machine: layers, totals, cycle stack, energy and area by component. */
export function runText(run: RunResult, options: TerminalOptions = {}): string {
  const width = options.width ?? defaultWidth;
  const colour = options.colour === true;
  const causes = stackCauses([run]);
  const parts = [heading(`${run.workload} on ${run.accelerator}`, colour)];
  if (options.layers !== false) parts.push(layersTable(run, causes, width, colour), legend(causes, width, colour));
  parts.push(totalsTables([run], [run.accelerator], width, colour));
  parts.push(stackTable([run], [run.accelerator], causes, width, colour));
  parts.push(mappingLine(run, run.accelerator, width), ...remarks([run], [run.accelerator], width, colour));
  parts.push(
    shareTable("energy", "J", run.total.energyComponents, (joules) => engineering(joules, "J"), width, colour),
  );
  parts.push(shareTable("area", "mm²", run.areaComponents, squareMillimetres, width, colour));
  parts.push(provenance([run], width));
  return parts.filter((part) => part !== "").join("\n");
}

/** Several machines: layers side by side with ratios to the first, totals with ratios, cycle stacks. */
export function compareText(runs: readonly RunResult[], options: TerminalOptions = {}): string {
  const [first] = runs;
  if (first === undefined) return "";
  if (runs.length === 1) return runText(first, options);
  const width = options.width ?? defaultWidth;
  const colour = options.colour === true;
  const labels = machineLabels(runs);
  const causes = stackCauses(runs);
  const parts = [heading(`${first.workload} on ${labels.join(", ")}`, colour)];
  if (options.layers !== false) {
    parts.push(sideBySide(runs, labels, width, colour));
    parts.push(
      `${wrap(`* least ${costName(first.objective)} of the layer; ratios are to ${printable(labels[0] ?? "")}, below 1 is less.`, width).join("\n")}\n`,
    );
  }
  parts.push(totalsTables(runs, labels, width, colour));
  parts.push(stackTable(runs, labels, causes, width, colour));
  parts.push(
    runs
      .map((run, index) => mappingLine(run, labels[index] ?? run.accelerator, width))
      .filter((line) => line !== "")
      .join(""),
  );
  parts.push(...remarks(runs, labels, width, colour));
  parts.push(provenance(runs, width));
  return parts.filter((part) => part !== "").join("\n");
}

/** Warnings of all runs, one a line and each once, with the machines that it concerns unless these are all. */
export function warningsText(runs: readonly RunResult[]): string {
  const labels = machineLabels(runs);
  const warnings = new Set(runs.flatMap((run) => run.warnings));
  return [...warnings]
    .map((warning) => {
      const machines = labels.filter((_, index) => runs[index]?.warnings.includes(warning) === true);
      const whose = machines.length === runs.length ? "" : `${machines.join(", ")}: `;
      return `${printable(`warning: ${whose}${warning}`)}\n`;
    })
    .join("");
}

function heading(text: string, colour: boolean): string {
  return colour ? `\u001b[1m${printable(text)}\u001b[22m\n` : `${printable(text)}\n`;
}

function layersTable(run: RunResult, causes: readonly string[], width: number, colour: boolean): string {
  const memory = farthestMemory(run) ?? "off-chip";
  const columns: Column[] = [
    { title: "#", align: "right", drop: 0 },
    { title: "layer", minimum: 12 },
    { title: "M", align: "right", drop: 5 },
    { title: "N", align: "right", drop: 5 },
    { title: "K", align: "right", drop: 5 },
    { title: "×", align: "right", drop: 7 },
    { title: "density A", unit: "%", align: "right", drop: 4 },
    { title: "density B", unit: "%", align: "right", drop: 4 },
    { title: "mapping", minimum: 8 },
    { title: "cycles", unit: "cycles", align: "right" },
    { title: "time", unit: "s", align: "right" },
    { title: "used", unit: "%", align: "right", drop: 3 },
    { title: memory, unit: "B", align: "right", drop: 4 },
    { title: "energy", unit: "J", align: "right", drop: 2 },
    { title: "cycles went to", unit: "share", drop: 1 },
  ];
  const several = run.layers.some((layer) => layer.count !== 1);
  const short = shortMappings([...new Set(run.layers.map((layer) => layer.mapping))]);
  const rows = run.layers.map((layer, index): Cell[] => [
    String(index + 1),
    layer.name,
    String(layer.M),
    String(layer.N),
    String(layer.K),
    String(layer.count),
    densityPercent(layer.density.A),
    densityPercent(layer.density.B),
    short.get(layer.mapping) ?? layer.mapping,
    grouped(layer.cycles),
    engineering(layer.seconds, "s"),
    percent(layer.utilisation),
    engineering(farthestBytes(layer.traffic), "B"),
    engineering(layer.energy.total, "J"),
    stackBar(layer.stack, causes, barWidth, colour),
  ]);
  // Densities are shown where any is known: a column of assumed ones says nothing.
  const sparse = run.layers.some(({ densitySource: { A, B } }) => A !== "assumed" || B !== "assumed");
  const hidden = new Set([...(several ? [] : ["×"]), ...(sparse ? [] : ["density A", "density B"])]);
  const shown = columns.map((_, index) => index).filter((index) => !hidden.has(columns[index]?.title ?? ""));
  return table(
    shown.map((index) => columns[index] ?? { title: "" }),
    rows.map((row) => shown.map((index) => row[index] ?? "")),
    width,
    { colour, hint },
  );
}

/** As many machines beside the first as fit; the rest in further tables that repeat the first. */
function sideBySide(runs: readonly RunResult[], labels: readonly string[], width: number, colour: boolean): string {
  const rows = layerRows(runs);
  const short = shortMappings([...new Set(runs.flatMap((run) => run.layers.map((layer) => layer.mapping)))]);
  const perTable = Math.max(1, Math.floor((width - 48) / 27));
  const tables: string[] = [];
  for (let start = 1; start < runs.length; start += perTable) {
    const machines = [0, ...runs.map((_, index) => index).slice(start, start + perTable)];
    tables.push(sideTable(rows, machines, labels, short, width, colour));
  }
  return tables.join("\n");
}

function sideTable(
  rows: readonly LayerRow[],
  machines: readonly number[],
  labels: readonly string[],
  short: ReadonlyMap<string, string>,
  width: number,
  colour: boolean,
): string {
  const columns: Column[] = [
    { title: "#", align: "right", drop: 0 },
    { title: "layer", minimum: 12 },
  ];
  // A machine with one mapping needs no column to say so: the sentence below the tables names it.
  const varied = labels.map(
    (_, machine) => new Set(rows.flatMap((row) => row.layers[machine]?.mapping ?? [])).size > 1,
  );
  for (const machine of machines) {
    const group = labels[machine] ?? "";
    if (varied[machine] === true) columns.push({ title: "mapping", group, minimum: 6, drop: 4 });
    columns.push({ title: "cycles", unit: "cycles", group, align: "right", drop: 3 });
    columns.push({ title: "energy", unit: "J", group, align: "right", drop: 7 });
    columns.push({ title: "time  ", unit: "s", group, align: "right" });
    if (machine > 0) columns.push({ title: "ratio", unit: "×", group, align: "right" });
  }
  const cells = rows.map((row, index): Cell[] => {
    const [reference] = row.layers;
    return [
      String(index + 1),
      row.name,
      ...machines.flatMap((machine): Cell[] => {
        const layer = row.layers[machine];
        const own = layerCells(layer, short, row.best.includes(machine), colour).slice(
          varied[machine] === true ? 0 : 1,
        );
        if (machine === 0) return own;
        const ratio =
          layer === undefined || reference === undefined ? undefined : ratioTo(layer.seconds, reference.seconds);
        return [...own, ratio === undefined ? "" : times(ratio)];
      }),
    ];
  });
  return table(columns, cells, width, { colour, hint });
}

function layerCells(
  layer: LayerResult | undefined,
  short: ReadonlyMap<string, string>,
  best: boolean,
  colour: boolean,
): Cell[] {
  if (layer === undefined) return ["", "", "", "-  "];
  const time = `${engineering(layer.seconds, "s")} ${best ? "*" : " "}`;
  return [
    short.get(layer.mapping) ?? layer.mapping,
    grouped(layer.cycles),
    engineering(layer.energy.total, "J"),
    best && colour ? { text: time, painted: `\u001b[32m${time}\u001b[39m` } : time,
  ];
}

/** Characters of a ratio's column with the gap before it. */
const ratioWidth = 10;

/** As many machines beside the first as fit with all their digits; the rest in further tables that repeat the first. */
function totalsTables(runs: readonly RunResult[], labels: readonly string[], width: number, colour: boolean): string {
  const rows = totalMetrics.map((metric) => {
    const values = runs.map((run) => metric.value(run));
    const best = bestIn(metric, values);
    const cells = values.map((value, index): Cell => {
      const text = `${metric.print(value)}${runs.length > 1 ? (best.includes(index) ? " *" : "  ") : ""}`;
      return best.includes(index) && colour ? { text, painted: `\u001b[32m${text}\u001b[39m` } : text;
    });
    return { metric, cells, ratios: values.map((value) => times(ratioTo(value, values[0] ?? 0))) };
  });
  const sizes = runs.map((_, index) => Math.max(...rows.map((row) => cellSize(row.cells[index]))));
  const titles = Math.max(...totalMetrics.map((metric) => metric.title.length));
  const [first = 0, ...others] = sizes;
  const blocks = split(
    others.map((size) => 2 + size + ratioWidth),
    width - titles - 2 - first,
  );
  const tables = (blocks.length === 0 ? [[]] : blocks).map((block) => {
    const machines = [0, ...block.map((index) => index + 1)];
    const columns: Column[] = [
      { title: "total", minimum: 10 },
      { title: "unit", drop: 1 },
    ];
    for (const index of machines) {
      columns.push({ title: labels[index] ?? "", align: "right", minimum: Math.max(12, sizes[index] ?? 0) });
      if (index > 0) columns.push({ title: "ratio", unit: "×", align: "right" });
    }
    const cells = rows.map((row): Cell[] => [
      row.metric.title,
      row.metric.unit,
      ...machines.flatMap((index): Cell[] =>
        index === 0 ? [row.cells[0] ?? ""] : [row.cells[index] ?? "", row.ratios[index] ?? ""],
      ),
    ]);
    return table(columns, cells, width, { colour, hint });
  });
  return tables.join("\n");
}

const cellSize = (cell: Cell | undefined): number =>
  cell === undefined ? 0 : displayWidth(typeof cell === "string" ? cell : cell.text);

/** Indices in their order, in blocks whose sizes fit `room`; a size larger than it stands alone. */
function split(sizes: readonly number[], room: number): readonly (readonly number[])[] {
  const blocks: number[][] = [];
  let left = 0;
  sizes.forEach((size, index) => {
    const block = blocks.at(-1);
    if (block === undefined || size > left) {
      blocks.push([index]);
      left = room - size;
    } else {
      block.push(index);
      left -= size;
    }
  });
  return blocks;
}

function stackTable(
  runs: readonly RunResult[],
  labels: readonly string[],
  causes: readonly string[],
  width: number,
  colour: boolean,
): string {
  const title = "where the cycles went";
  const cycles = runs.map((run) => causes.map((cause) => grouped(run.total.stack[cause] ?? 0)));
  const blocks = split(
    cycles.map((printed) => Math.max(8, ...printed.map((text) => text.length)) + 11),
    width - title.length - 3,
  );
  const tables = blocks.map((machines) => {
    const columns: Column[] = [{ title, minimum: 12 }, { title: "" }];
    for (const machine of machines) {
      const group = labels[machine] ?? "";
      columns.push(
        { title: "cycles", unit: "cycles", group, align: "right" },
        { title: "share", unit: "%", group, align: "right" },
      );
    }
    const rows = causes.map((cause, causeIndex): Cell[] => [
      cause,
      { text: swatch(causeIndex, false), painted: swatch(causeIndex, colour) },
      ...machines.flatMap((machine) => {
        const total = runs[machine]?.total;
        const share = total === undefined || total.cycles === 0 ? 0 : (total.stack[cause] ?? 0) / total.cycles;
        return [cycles[machine]?.[causeIndex] ?? "", percent(share)];
      }),
    ]);
    return table(columns, rows, width, { colour, hint });
  });
  const size = Math.max(10, Math.min(60, width - 26));
  const bars = runs.map((run, index): readonly Cell[] => [
    labels[index] ?? "",
    stackBar(run.total.stack, causes, size, colour),
  ]);
  return `${tables.join("\n")}\n${table([{ title: "machine", minimum: 10 }, { title: "share of its cycles" }], bars, width, { colour })}`;
}

function legend(causes: readonly string[], width: number, colour: boolean): string {
  const lines: string[] = [];
  let length = Infinity;
  causes.forEach((cause, index) => {
    const name = printable(cause);
    if (length + name.length + 4 > width) {
      lines.push("");
      length = -2;
    }
    lines[lines.length - 1] = `${lines.at(-1) ?? ""}${length < 0 ? "" : "  "}${swatch(index, colour)} ${name}`;
    length += name.length + 4;
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function mappingLine(run: RunResult, label: string, width: number): string {
  const uses = mappingUse(run).map(
    (use) => `${use.mapping} on ${plural(use.layers, "layer")} (${engineering(use.seconds, "s")})`,
  );
  return uses.length === 0 ? "" : `${wrap(printable(`${label} chose ${uses.join(", ")}.`), width).join("\n")}\n`;
}

function shareTable(
  title: string,
  unit: string,
  parts: Readonly<Record<string, number>>,
  print: (value: number) => string,
  width: number,
  colour: boolean,
): string {
  const total = Object.values(parts).reduce((sum, value) => sum + value, 0);
  if (Object.keys(parts).length === 0) return "";
  const rows = Object.entries(parts).map(([name, value]): Cell[] => [
    name,
    print(value),
    percent(total > 0 ? value / total : 0),
  ]);
  return table(
    [
      { title: `${title} by component`, minimum: 12 },
      { title, unit, align: "right" },
      { title: "share", unit: "%", align: "right" },
    ],
    rows,
    width,
    { colour },
  );
}

function provenance(runs: readonly RunResult[], width: number): string {
  const technologies = [...new Set(runs.map((run) => run.technology))].join(", ");
  const tables = [...new Set(runs.flatMap((run) => run.energyTables))].join("; ");
  return `${wrap(printable(`Energy and area: technology ${technologies}; tables ${tables === "" ? "none" : tables}.`), width).join("\n")}\n`;
}

/** Graphs are sparser than a decimal of a percent can say. */
function densityPercent(density: number): string {
  return density > 0 && density < 0.001 ? `${significant(100 * density, 2)} %` : percent(density);
}
