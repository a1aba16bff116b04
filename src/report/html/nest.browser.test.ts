// The picture of a loop nest in a real browser: no text leaves the drawing or runs into another, in light and in dark.
// HEDDLE_CHROMIUM names the browser. Run by HEDDLE_TESTS=browser.

import { existsSync } from "node:fs";
import fc from "fast-check";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { nestCases } from "../../../test/support/random-nests.ts";
import { nestPicture } from "../../dataflow/nest/picture.ts";
import { stepNest } from "../../dataflow/nest/stepped/step-nest.ts";
import { html } from "./markup.ts";
import { nestFigure } from "./nest.ts";
import { page as document } from "./page.ts";

const executable = process.env["HEDDLE_CHROMIUM"] ?? "/usr/bin/chromium";
const absent = existsSync(executable) ? "" : `: SKIPPED, no browser at ${executable} (HEDDLE_CHROMIUM names one)`;

/** Texts that reach outside their drawing, and pairs of texts that overlap by more than a pixel. */
const collisions = `[...document.querySelectorAll("svg.nest")].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  const outside = boxes.filter(([, box]) => box.right > frame.right || box.left < frame.left).map(([text]) => "outside: " + text);
  const pairs = boxes.flatMap(([text, a], index) => boxes.slice(index + 1).filter(([, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
  ).map(([other]) => text + " | " + other));
  return [...outside, ...pairs];
})`;

test.skipIf(absent !== "")(`texts keep apart and inside the drawing${absent}`, async () => {
  const cases = fc.sample(nestCases({ macs: 2000, units: 16 }), { numRuns: 40, seed: 3 });
  const figures = cases.map(({ problem, hierarchy, schedule }) =>
    nestFigure("nest", nestPicture(problem, hierarchy, schedule, stepNest(problem, hierarchy, schedule))),
  );
  const browser = await chromium.launch({
    executablePath: executable,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const view = await browser.newPage({ viewport: { width: 1140, height: 900 }, colorScheme: "dark" });
    await view.setContent(document("nests", html`<h1>Nests</h1>`, figures, html``));
    expect(await view.evaluate<string[]>(collisions)).toEqual([]);
    await view.setViewportSize({ width: 390, height: 844 });
    const size = "[document.documentElement.scrollWidth, window.innerWidth]";
    const [content, screen] = await view.evaluate<[number, number]>(size);
    expect(content).toBeLessThanOrEqual(screen);
  } finally {
    await browser.close();
  }
});
