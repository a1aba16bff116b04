// The HTML report of one run or of several side by side: one file that needs nothing else, readable without script, on
// a phone, in the dark and on paper.

import type { RunResult } from "../../simulate/result.ts";
import { machineLabels } from "../runs.ts";
import { engineering, percent, plural, ratioTo, significant, squareMillimetres, times } from "../units.ts";
import { componentFigure } from "./bars.ts";
import { comparisonTable, layerTable, parameterSection, totalsTable } from "./layers.ts";
import { html } from "./markup.ts";
import type { Fragment, Markup } from "./markup.ts";
import { loopSection, mappingSection } from "./mappings.ts";
import { page } from "./page.ts";
import { loadDrawing } from "./plot.ts";
import type { Drawing } from "./plot.ts";
import { rooflineFigure } from "./roofline.ts";
import { stackSection } from "./stacks.ts";
import { summarise } from "./summary.ts";

export interface HtmlOptions {
  /** Command line, version or date to print at the foot; nothing by default, so that equal runs give equal files. */
  readonly provenance?: string;
}

/** The report as one HTML document. Loads the plotting libraries on first use. */
export async function htmlReport(runs: readonly RunResult[], options: HtmlOptions = {}): Promise<string> {
  return renderReport(await loadDrawing(), runs, options);
}

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
  const body = sections.map(({ id, name, content, kind }) => html`<section id="${id}"${kind === undefined ? undefined : html` class="${kind}"`}><h2>${name}</h2>${content}</section>`);
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
  const energy = componentFigure(drawing, {
    title: "Energy by component", quantity: "energy", unit: "J", prefixed: true, parts: runs.map((run) => run.total.energyComponents),
    print: (joules) => engineering(joules, "J"), caption: `Whole network. Tables: ${[...new Set(runs.flatMap((run) => run.energyTables))].join(", ") || "none"}.`,
  }, labels);
  const area = componentFigure(drawing, {
    title: "Area by component", quantity: "area", unit: "mm²", prefixed: false, parts: runs.map((run) => run.areaComponents),
    print: squareMillimetres, caption: `Technology: ${[...new Set(runs.map((run) => run.technology))].join(", ")}.`,
  }, labels);
  const roofline = rooflineFigure(drawing, runs, labels);
  return [
    { id: "totals", name: "Totals", content: totalsTable(runs, labels), kind: "roomy" },
    { id: "cycles", name: "Where the cycles go", content: stackSection(drawing, runs, labels) },
    { id: "mappings", name: "Mappings", content: mappingSection(drawing, runs, labels), kind: "wide" },
    { id: "roofline", name: "Roofline, energy and area", content: html`<div class="pair">${roofline ?? html`<p>No layer has off-chip traffic, so there is no roofline.</p>`}<div>${energy}${area}</div></div>` },
    { id: "layers", name: "Layers", content: html`${one ? undefined : comparisonTable(runs, labels)}${runs.map((run, index) => layerTable(run, labels[index] ?? ""))}` },
    { id: "loops", name: "Loop nests", content: loopSection(runs, labels) },
    { id: "parameters", name: "Parameters and sources", content: parameterSection(runs, labels), kind: "roomy" },
  ];
}

function tiles(runs: readonly RunResult[], labels: readonly string[]): Markup {
  const [first] = runs;
  if (first === undefined) return html``;
  const tile = (name: string, value: string): Markup => html`<li><span>${name}</span><b>${value}</b></li>`;
  if (runs.length === 1) {
    return html`<ul class="tiles">${tile("time", engineering(first.total.seconds, "s"))}${tile("energy", engineering(first.total.energy, "J"))}${tile("average power", engineering(first.total.power, "W"))}${tile("utilisation", percent(first.total.utilisation))}${tile("area", squareMillimetres(first.total.area))}</ul>`;
  }
  const other = runs.length === 2 ? runs[1] : undefined;
  if (other === undefined) return html`<ul class="tiles">${runs.map((run, index) => tile(`${labels[index] ?? ""} time`, engineering(run.total.seconds, "s")))}</ul>`;
  const against = (value: (run: RunResult) => number): string => times(ratioTo(value(other), value(first)));
  const percentChange = significant((other.total.seconds / first.total.seconds - 1) * 100, 3);
  return html`<ul class="tiles">${tile(`time, ${labels[1] ?? ""} to ${labels[0] ?? ""}`, first.total.seconds > 0 ? `${other.total.seconds > first.total.seconds ? "+" : ""}${percentChange.replace("-", "−")} %` : "n/a")}${tile("energy ratio", against((run) => run.total.energy))}${tile("energy-delay product ratio", against((run) => run.total.edp))}${tile("area ratio", against((run) => run.total.area))}${tile("utilisation ratio", against((run) => run.total.utilisation))}</ul>`;
}

function warnings(runs: readonly RunResult[], labels: readonly string[]): Markup | undefined {
  const items = runs.flatMap((run, index) => run.warnings.map((warning) => (runs.length === 1 || runs.every((other) => other.warnings.includes(warning)) ? warning : `${labels[index] ?? ""}: ${warning}`)));
  const unique = [...new Set(items)];
  if (unique.length === 0) return undefined;
  return html`<section class="warnings" aria-label="Warnings"><h2>${unique.length === 1 ? "Warning" : "Warnings"}</h2><ul>${unique.map((item) => html`<li>${item}</li>`)}</ul></section>`;
}
