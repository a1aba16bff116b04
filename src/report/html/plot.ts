// Draws plots as SVG text with Observable Plot in a DOM without a browser. Both libraries load only when a report is
// asked for. The drawing module is passed around as a value, so that every section stays a pure function.

import type * as PlotModule from "@observablehq/plot";
import { elideMiddle, scaleOf } from "../units.ts";
import { html, trusted } from "./markup.ts";
import type { Fragment, Markup } from "./markup.ts";

export type Plot = typeof PlotModule;
export type PlotOptions = PlotModule.PlotOptions;

/** Renders one plot to SVG text with its accessible title and description. */
export interface Drawing {
  readonly Plot: Plot;
  svg(options: PlotOptions, title: string, description: string): Markup;
}

/** Loads Plot and the DOM that it draws in (about 0.25 s). */
export async function loadDrawing(): Promise<Drawing> {
  const [Plot, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const document: unknown = new DOMParser().parseFromString("<!doctype html><html><body></body></html>", "text/html");
  return {
    Plot,
    svg(options, title, description) {
      const element: unknown = Plot.plot({
        ...options,
        document,
        className: "plot",
        style: { fontSize: "11px", overflow: "visible" },
      });
      return trusted(cleanSvg(String(element), title, description));
    },
  };
}

/**
 * The SVG without Plot's own style sheet (the page has it once), its coordinates rounded to a hundredth of a pixel,
 * and with a title and a description for readers that do not see it.
 */
function cleanSvg(svg: string, title: string, description: string): string {
  const bare = svg
    .replace(/<style>[^<]*<\/style>/, "")
    .replace(/<[^>]*>/g, (tag) => tag.replace(/\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2)))));
  const open = bare.indexOf(">");
  const label = html` role="img" aria-label="${`${title}. ${description}`}"><desc>${description}</desc>`;
  return bare.slice(0, open) + label.markup + bare.slice(open + 1);
}

/** A figure: heading, legend, picture, and what it shows in words. */
export function figure(title: string, legend: Fragment, picture: Fragment, caption: Fragment): Markup {
  return html`<figure><h3>${title}</h3>${legend}<div class="picture">${picture}</div><figcaption>${caption}</figcaption></figure>`;
}

/** Swatches with their names. */
export function legend(
  entries: readonly { readonly name: string; readonly colour: string; readonly shape?: "square" | "line" | "dot" }[],
): Markup {
  return html`<ul class="legend">${entries.map(({ name, colour, shape }) => html`<li><span class="swatch ${shape ?? "square"}" style="--c:${colour}"></span>${name}</li>`)}</ul>`;
}

/** An axis in one SI prefix for all its ticks: values are divided by `factor`, and the label names the unit. */
export interface AxisScale {
  readonly factor: number;
  readonly unit: string;
}

/** The prefix that suits the largest of `values` in `unit`. */
export function axisScale(values: Iterable<number>, unit: string): AxisScale {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, value);
  const { prefix, factor } = scaleOf(largest);
  // A counted thing takes a number word, not an SI prefix: "thousand cycles".
  const words: Readonly<Record<string, string>> = { k: "thousand ", M: "million ", G: "billion ", T: "trillion " };
  const word = unit === "cycles" ? words[prefix] : prefix;
  return word === undefined ? { factor: 1, unit } : { factor, unit: `${word}${unit}` };
}

/** Ticks of a logarithmic axis: the powers of ten inside `domain`, and 2 and 5 times them where it is short. */
export function logTicks([low, high]: readonly [number, number]): number[] {
  const start = Math.floor(Math.log10(low));
  const end = Math.ceil(Math.log10(high));
  const steps = end - start <= 3 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let exponent = start; exponent <= end; exponent++) {
    for (const step of steps) {
      const tick = step * Number(`1e${String(exponent)}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** A name for an axis tick. */
export function tickName(name: string, width = 21): string {
  return elideMiddle(name, width);
}
