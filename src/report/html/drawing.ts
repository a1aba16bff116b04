// Draws plots as SVG text with Observable Plot in a DOM without a browser. Both libraries load only when a report is
// asked for.

import { html, trusted } from "./markup.ts";
import type { Drawing } from "./plot.ts";

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
