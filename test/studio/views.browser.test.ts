// Every view in a real browser: no serious fault of accessibility in light and dark, no sideways scrolling on a telephone,
// the theme that the reader chose, and the whole way by keyboard alone.

import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { look, patience, studioTests } from "./studio.ts";

const studio = studioTests();

/** Every view, with enough in it that nothing is hidden by being empty; `shown` appears when it is whole. */
const views = [
  { name: "bench", link: "", shown: ".layer-table tbody tr" },
  {
    name: "bench with a layer",
    link: "#/bench?w=mobilenet-v1&m=systolic&m=arrayflex!rows=64&layer=conv1",
    shown: ".layer-panel table",
  },
  {
    name: "bench with a machine that runs and one that failed",
    link: "#/bench?w=resnet50&m=flexnn&m=systolic&m=arrayflex!rows=0",
    shown: ".layer-table tbody tr",
  },
  {
    name: "machine",
    link: "#/machine?w=mobilenet-v1&m=arrayflex!rows=64&m=systolic&machine.box=grid",
    shown: ".machine .effect td",
  },
  { name: "nest machine", link: "#/machine?w=gemm:M=8,N=8,K=8&m=eyeriss", shown: ".machine .effect td" },
  {
    name: "tile",
    link: "#/tile?w=gemm:M=8,N=12,K=8&m=systolic!rows=8!columns=8&d=A=0.7,B=0.7&tile.cycle=9",
    shown: ".tile-picture .part",
  },
  { name: "claims", link: "#/claims?claims.machine=arrayflex", shown: ".claims tbody tr" },
  { name: "bad input", link: "#/bench?w=mobilnet-v1&m=systolic", shown: ".trouble" },
  { name: "no machine", link: "#/tile?w=gemm:M=8,N=8,K=8&m=nonesuch", shown: ".empty" },
] as const;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds, a line each: the rule and the first places. */
async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await look<readonly Violation[]>(page, "axe.run(document).then(({ violations }) => violations)");
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({
      id,
      // The texts in a picture's part are values that change, not its label, and axe-core joins them without spaces.
      nodes: id === "label-content-name-mismatch" ? nodes.filter(({ html }) => !html.startsWith("<g ")) : nodes,
    }))
    .filter(({ nodes }) => nodes.length > 0)
    .map(({ id, nodes }) => {
      const places = nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)}: ${failureSummary}`);
      return `${id}, ${nodes.length} places:\n${places.join("\n")}`;
    });
}

const overflow = (page: Page): Promise<number> =>
  look<number>(page, "document.documentElement.scrollWidth - document.documentElement.clientWidth");

for (const { name, link, shown } of views) {
  studio(`${name}: accessible in light and dark, and as wide as its window`, async ({ open }) => {
    const page = await open(link);
    await page.locator(shown).first().waitFor();
    if (name.startsWith("bench")) await page.locator(".plot svg, svg.plot").first().waitFor();
    expect(await faults(page)).toEqual([]);
    expect(await page.getByRole("main").innerText()).not.toMatch(/NaN|undefined|\[object|Infinity/);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await faults(page)).toEqual([]);
    for (const width of [375, 768, 1400, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      // Plots are drawn again at the new width.
      await expect.poll(() => overflow(page), { timeout: patience, message: `at ${width} px` }).toBeLessThanOrEqual(0);
    }
  });
}
