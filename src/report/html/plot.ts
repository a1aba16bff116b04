// What every figure of the HTML report has: heading, legend and caption as markup, scales and ticks of axes, and the form of
// the drawing module, which is passed around as a value, so that every section stays a pure function.

import type * as PlotModule from "@observablehq/plot";
import { elideMiddle, scaleOf } from "../units.ts";
import { html } from "./markup.ts";
import type { Fragment, Markup } from "./markup.ts";

export type Plot = typeof PlotModule;
export type PlotOptions = PlotModule.PlotOptions;

/** Renders one plot to SVG text with its accessible title and description. */
export interface Drawing {
  readonly Plot: Plot;
  svg(options: PlotOptions, title: string, description: string): Markup;
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
