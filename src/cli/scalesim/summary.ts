// What `heddle scalesim` prints: a row a layer, totals, where the reports are, and what Heddle would add.

import { basename, dirname } from "node:path";
import type { Quirk } from "../../interop/scalesim/explain.ts";
import type { ScalesimLayerResult, ScalesimVersion } from "../../interop/scalesim/scalesim.ts";
import { defaultWidth, table, wrap } from "../../report/table.ts";
import type { Cell, Column } from "../../report/table.ts";
import { grouped, percent, plural, printable } from "../../report/units.ts";
import type { ScalesimInputs } from "./inputs.ts";

export interface PageOptions {
  /** Characters a line; default 120. */
  readonly width?: number;
  readonly colour?: boolean;
}

const columns: readonly Column[] = [
  { title: "#", align: "right", drop: 0 },
  { title: "layer", minimum: 12 },
  { title: "with prefetch", unit: "cycles", align: "right", drop: 3 },
  { title: "total", unit: "cycles", align: "right" },
  { title: "stalls", unit: "cycles", align: "right", drop: 2 },
  { title: "used", unit: "%", align: "right" },
  { title: "mapped", unit: "%", align: "right", drop: 4 },
  { title: "ifmap", unit: "words", group: "DRAM", align: "right", drop: 1 },
  { title: "filter", unit: "words", group: "DRAM", align: "right", drop: 1 },
  { title: "ofmap", unit: "words", group: "DRAM", align: "right", drop: 1 },
];

/** The table of layers with their totals; SCALE-Sim's cycles and counts of layers, both from 0. */
export function summaryText(
  inputs: ScalesimInputs,
  results: readonly ScalesimLayerResult[],
  written: readonly string[],
  page: PageOptions,
): string {
  const { arrayHeight, arrayWidth, dataflow, mode, runName } = inputs.configuration;
  const width = page.width ?? defaultWidth;
  const title = printable(
    `${inputs.name} on ${runName}: ${arrayHeight} x ${arrayWidth} ${dataflow}, ${mode}, SCALE-Sim ${inputs.version}`,
  );
  const rows = inputs.layers.flatMap((layer, index): readonly Cell[][] => {
    const result = results[index];
    return result === undefined ? [] : [[String(index), layer.name, ...figures(result)]];
  });
  if (results.length > 1) rows.push(["", `all ${plural(results.length, "layer")}`, ...figures(totalOf(results))]);
  const parts = [
    page.colour === true ? `\u001b[1m${title}\u001b[22m\n` : `${title}\n`,
    table(columns, rows, width, { colour: page.colour === true, hint: "widen the terminal, or use --json" }),
    `${printable(`Reports in ${dirname(written[0] ?? "")}: ${written.map((file) => basename(file)).join(", ")}`)}\n`,
    pointer(inputs),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** For every quirk of SCALE-Sim that shows in this run, its value, the right one and why. */
export function quirksText(quirks: readonly Quirk[], version: ScalesimVersion, page: PageOptions): string {
  if (quirks.length === 0) return "No known quirk of SCALE-Sim shows in this run.\n";
  const width = page.width ?? defaultWidth;
  const blocks = quirks.map(({ quirk, where, compat, right, why }) => {
    const lines = [`${quirk} (${where})`, `  SCALE-Sim ${version}: ${compat}`, `  right: ${right}`];
    const reason = wrap(printable(why), width - 2).map((line) => `  ${line}`);
    return `${[...lines.map(printable), ...reason].join("\n")}\n`;
  });
  return `Figures of this run that are not what their names say:\n\n${blocks.join("\n")}`;
}

type Figures = Pick<
  ScalesimLayerResult,
  "totalCyclesWithPrefetch" | "totalCycles" | "stallCycles" | "overallUtilisationPercent"
> & { readonly mappingEfficiencyPercent?: number; readonly dramWords: readonly [number, number, number] };

function figures(result: ScalesimLayerResult | Figures): readonly Cell[] {
  const { mappingEfficiencyPercent } = result;
  const words = "dramWords" in result ? result.dramWords : dramWords(result);
  return [
    grouped(result.totalCyclesWithPrefetch),
    grouped(result.totalCycles),
    grouped(result.stallCycles),
    percent(result.overallUtilisationPercent / 100),
    mappingEfficiencyPercent === undefined ? "" : percent(mappingEfficiencyPercent / 100),
    ...words.map(grouped),
  ];
}

const dramWords = ({ dram }: ScalesimLayerResult): readonly [number, number, number] => [
  dram.ifmap.words,
  dram.filter.words,
  dram.ofmap.words,
];

/** Sums, and the utilisation over all cycles together. */
function totalOf(results: readonly ScalesimLayerResult[]): Figures {
  const sum = (value: (result: ScalesimLayerResult) => number): number =>
    results.reduce((total, result) => total + value(result), 0);
  const totalCycles = sum((result) => result.totalCycles);
  return {
    totalCyclesWithPrefetch: sum((result) => result.totalCyclesWithPrefetch),
    totalCycles,
    stallCycles: sum((result) => result.stallCycles),
    overallUtilisationPercent: sum((result) => result.overallUtilisationPercent * result.totalCycles) / totalCycles,
    dramWords: [
      sum(({ dram }) => dram.ifmap.words),
      sum(({ dram }) => dram.filter.words),
      sum(({ dram }) => dram.ofmap.words),
    ],
  };
}

/** The way on, where the topology's name and titles let `heddle run` know it for one. */
function pointer({ files: [config = "", topology = ""], titled }: ScalesimInputs): string {
  if (!titled || !/\.csv$/i.test(topology) || !/\.cfg$/i.test(config)) return "";
  const convert = `heddle convert ${quoted(config)} --to heddle machine.yaml`;
  const run = `heddle run ${quoted(topology)} --config machine.yaml --html report.html`;
  return `Energy, area and where every cycle went:\n  ${printable(`${convert} && ${run}`)}\n`;
}

/** For a shell: names with more than harmless characters in quotes. */
const quoted = (name: string): string =>
  /^[\w./+=@%,:-]+$/.test(name) && !name.startsWith("-") ? name : `'${name.replaceAll("'", "'\\''")}'`;
