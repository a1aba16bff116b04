// The sections of the HTML report of one run or of several side by side: readable without script, on a phone, in the
// dark and on paper.

import type { RunResult } from "../../simulate/result.ts";
import { machineLabels } from "../runs.ts";
import { engineering, percent, plural, ratioTo, significant, squareMillimetres, times } from "../units.ts";
import { componentFigure } from "./bars.ts";
import { conversionPart } from "./conversions.ts";
import { comparisonTable, layerTable, parameterSection, totalsTable } from "./layers.ts";
import { html } from "./markup.ts";
import type { Fragment, Markup } from "./markup.ts";
import { loopSection, mappingSection } from "./mappings.ts";
import { page } from "./page.ts";
import type { HtmlOptions } from "./page.ts";
import type { Drawing } from "./plot.ts";
import { frontSection } from "./front.ts";
import { rooflineFigure } from "./roofline.ts";
import { sparsitySection } from "./sparsity.ts";
import { stackSection } from "./stacks.ts";
import { summarise } from "./summary.ts";

/** The report drawn with `drawing`; pure. */
export function renderReport(drawing: Drawing, runs: readonly RunResult[], options: HtmlOptions = {}): string {
  const labels = machineLabels(runs);
  const summary = summarise(runs, labels);
  const sections = reportSections(drawing, runs, labels);
  const workload = runs[0]?.workload ?? "";
  const title = `${workload} on ${labels.join(", ")} – Heddle`;
  const header = html`<p class="kicker">Heddle report · ${workload} on ${labels.join(", ")} · ${plural(runs[0]?.layers.length ?? 0, "layer")}</p>
<h1>${summary.headline}</h1>${summary.sentences.map((sentence) => html`<p>${sentence}</p>`)}${tiles(runs, labels)}${warnings(runs, labels)}
<nav aria-label="Sections"><ul>${sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
  const body = sections.map(
    ({ id, name, content, kind }) =>
      html`<section id="${id}"${kind === undefined ? undefined : html` class="${kind}"`}><h2>${name}</h2>${content}</section>`,
  );
  const footer = html`<p>Made by Heddle. Simulated time; units are SI with decimal prefixes.${options.provenance === undefined ? undefined : html` ${options.provenance}`}</p>`;
  return page(title, header, body, footer);
}

interface Section {
  readonly id: string;
  readonly name: string;
  readonly content: Fragment;
  readonly kind?: "wide" | "roomy";
}

function reportSections(drawing: Drawing, runs: readonly RunResult[], labels: readonly string[]): readonly Section[] {
  const one = runs.length === 1;
  const energy = componentFigure(
    drawing,
    {
      title: "Energy by component",
      quantity: "energy",
      unit: "J",
      prefixed: true,
      parts: runs.map((run) => run.total.energyComponents),
      print: (joules) => engineering(joules, "J"),
      caption: `Whole network. Tables: ${[...new Set(runs.flatMap((run) => run.energyTables))].join("; ") || "none"}.`,
    },
    labels,
  );
  const area = componentFigure(
    drawing,
    {
      title: "Area by component",
      quantity: "area",
      unit: "mm²",
      prefixed: false,
      parts: runs.map((run) => run.areaComponents),
      print: squareMillimetres,
      caption: `Technology: ${[...new Set(runs.map((run) => run.technology))].join(", ")}.`,
    },
    labels,
  );
  const front = frontSection(drawing, runs, labels);
  const sparsity = sparsitySection(drawing, runs, labels);
  const roofline = rooflineFigure(drawing, runs, labels);
  return [
    { id: "totals", name: "Totals", content: totalsTable(runs, labels), kind: "roomy" },
    { id: "cycles", name: "Where the cycles go", content: stackSection(drawing, runs, labels) },
    {
      id: "mappings",
      name: "Mappings",
      content: html`${mappingSection(drawing, runs, labels)}${conversionPart(runs, labels)}`,
      kind: "wide",
    },
    {
      id: "roofline",
      name: "Roofline, energy and area",
      content: html`<div class="pair">${roofline ?? html`<p>No layer has off-chip traffic, so there is no roofline.</p>`}<div>${energy}${area}</div></div>`,
    },
    ...(front === undefined ? [] : [{ id: "front", name: "Time against energy", content: front }]),
    ...(sparsity === undefined ? [] : [{ id: "sparsity", name: "Statistics and data", content: sparsity }]),
    {
      id: "layers",
      name: "Layers",
      content: html`${one ? undefined : comparisonTable(runs, labels)}${runs.map((run, index) => layerTable(run, labels[index] ?? ""))}`,
    },
    { id: "loops", name: "Loop nests", content: loopSection(runs, labels) },
    { id: "parameters", name: "Parameters and sources", content: parameterSection(runs, labels), kind: "roomy" },
  ];
}

function tiles(runs: readonly RunResult[], labels: readonly string[]): Markup {
  const entries = tileEntries(runs, labels).map(([name, value]) => html`<li><span>${name}</span><b>${value}</b></li>`);
  return html`<ul class="tiles">${entries}</ul>`;
}

/** One machine: its totals; two: ratios of the second to the first; more: the time of each. */
function tileEntries(runs: readonly RunResult[], labels: readonly string[]): readonly (readonly [string, string])[] {
  const [first, second] = runs;
  if (first === undefined) return [];
  const { seconds, energy, power, utilisation, area } = first.total;
  if (second === undefined) {
    return [
      ["time", engineering(seconds, "s")],
      ["energy", engineering(energy, "J")],
      ["average power", engineering(power, "W")],
      ["utilisation", percent(utilisation)],
      ["area", squareMillimetres(area)],
    ];
  }
  if (runs.length > 2) {
    return runs.map((run, index) => [`${labels[index] ?? ""} time`, engineering(run.total.seconds, "s")]);
  }
  const ratio = (key: "energy" | "edp" | "area" | "utilisation"): string =>
    times(ratioTo(second.total[key], first.total[key]));
  return [
    [`time, ${labels[1] ?? ""} to ${labels[0] ?? ""}`, change(second.total.seconds, seconds)],
    ["energy ratio", ratio("energy")],
    ["energy-delay product ratio", ratio("edp")],
    ["area ratio", ratio("area")],
    ["utilisation ratio", ratio("utilisation")],
  ];
}

/** The signed difference from `reference` as a percentage: "−10.6 %". */
function change(value: number, reference: number): string {
  if (!(reference > 0)) return "n/a";
  const size = significant(Math.abs(value / reference - 1) * 100, 3);
  return `${value > reference ? "+" : value < reference ? "−" : ""}${size} %`;
}

function warnings(runs: readonly RunResult[], labels: readonly string[]): Markup | undefined {
  const items = runs.flatMap((run, index) =>
    run.warnings.map((warning) =>
      runs.length === 1 || runs.every((other) => other.warnings.includes(warning))
        ? warning
        : `${labels[index] ?? ""}: ${warning}`,
    ),
  );
  const unique = [...new Set(items)];
  if (unique.length === 0) return undefined;
  return html`<section class="warnings" aria-label="Warnings"><h2>${unique.length === 1 ? "Warning" : "Warnings"}</h2><ul>${unique.map((item) => html`<li>${item}</li>`)}</ul></section>`;
}
