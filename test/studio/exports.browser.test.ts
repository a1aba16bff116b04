// What a reader takes along, in a real browser: pictures as SVG and PNG, figures and tables as CSV, and the numbers in them.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { look, patience, savedBy, settled, studioTests } from "./studio.ts";

const studio = studioTests();

/** Lines of a CSV file as fields; quotes as in RFC 4180. */
function fieldsOf(text: string): readonly (readonly string[])[] {
  return text
    .replace(/\r?\n$/, "")
    .split(/\r?\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""),
    );
}

/** Width, height and marks of an SVG file as the browser reads it; throws where it is none. */
const drawn = (page: Page, svg: string): Promise<readonly [number, number, number]> =>
  look(
    page,
    `(() => {
      const root = new DOMParser().parseFromString(${JSON.stringify(svg)}, "image/svg+xml").documentElement;
      if (root.localName !== "svg" || root.querySelector("parsererror") !== null) throw new Error(root.textContent);
      const outside = [...root.querySelectorAll("[href], [src]")].filter((each) => !each.getAttribute("href")?.startsWith("#"));
      if (outside.length > 0 || root.querySelector("script, foreignObject") !== null) throw new Error("refers outside");
      // Colours that only the page knows must be overruled by those that they stand for.
      const unknown = [...root.querySelectorAll("*")].filter((each) => /"var\\(/.test(each.cloneNode().outerHTML) && !/fill:.*stroke:/.test(each.getAttribute("style") ?? ""));
      if (unknown.length > 0 || /style="[^"]*var\\(/.test(root.outerHTML)) throw new Error("colours of the page");
      return [Number(root.getAttribute("width")), Number(root.getAttribute("height")), root.querySelectorAll("rect,path,circle,line,text").length];
    })()`,
  );

async function checkFigures(page: Page, atLeast: number): Promise<void> {
  const figures = page.locator("figure.figure");
  await expect
    .poll(() => figures.locator(".picture svg").count(), { timeout: patience })
    .toBeGreaterThanOrEqual(atLeast);
  for (let index = 0; index < (await figures.count()); index++) {
    const figure = figures.nth(index);
    const title = await figure.getByRole("heading").first().innerText();
    const svg = await savedBy(page, figure.getByRole("button", { name: "SVG" }));
    expect(svg.name, title).toMatch(/^[\w-]+\.svg$/);
    const [width, height, marks] = await drawn(page, svg.content.toString());
    expect(width, title).toBeGreaterThan(100);
    expect(height, title).toBeGreaterThan(30);
    expect(marks, title).toBeGreaterThan(3);
    const png = await savedBy(page, figure.getByRole("button", { name: "PNG" }));
    expect(png.content.subarray(0, 8).toString("latin1")).toBe("\u0089PNG\r\n\u001a\n");
    // As large as on the page, or larger.
    expect(png.content.readUInt32BE(16)).toBeGreaterThanOrEqual(Math.floor(width));
    expect(png.content.readUInt32BE(20)).toBeGreaterThanOrEqual(Math.floor(height));
    const button = figure.getByRole("button", { name: "CSV" });
    if ((await button.count()) === 0) continue;
    const csv = await savedBy(page, button);
    const rows = fieldsOf(csv.content.toString());
    expect(rows.length, title).toBeGreaterThan(1);
    expect(new Set(rows.map((row) => row.length)).size, title).toBe(1);
    expect(csv.content.toString()).not.toMatch(/NaN|undefined|\[object/);
  }
}

studio("every picture of the bench as SVG, PNG and CSV", async ({ open }) => {
  const page = await open("#/bench?w=alexnet&m=systolic&m=arrayflex&m=tpu-v1");
  await settled(page);
  await checkFigures(page, 7);
});

studio("the block diagram, a film and the claims as SVG, PNG and CSV", async ({ open }) => {
  const page = await open("#/machine?w=gemm:M=8,N=8,K=8&m=systolic");
  await settled(page);
  await checkFigures(page, 1);
  await page.evaluate(`location.hash = "#/tile?w=gemm:M=8,N=12,K=8&m=systolic!rows=4!columns=4"`);
  await page.locator(".tile-picture .part").first().waitFor();
  await checkFigures(page, 1);
  await page.evaluate(`location.hash = "#/claims?claims.machine=arrayflex"`);
  await page.locator(".publication tbody tr").first().waitFor();
  await checkFigures(page, 1);
});

studio("tables as CSV hold every row, units, and numbers with all digits", async ({ open }) => {
  const page = await open("#/bench?w=alexnet&m=systolic&m=arrayflex");
  await settled(page);
  const json = await savedBy(page, page.getByRole("button", { name: "Save JSON" }));
  const runs = JSON.parse(json.content.toString()) as unknown;
  expect(runs).toMatchObject({ runs: [{ accelerator: "systolic" }, { accelerator: "arrayflex" }] });
  const totals = fieldsOf(
    (await savedBy(page, page.getByRole("button", { name: "Save totals as CSV" }))).content.toString(),
  );
  expect(totals.length).toBe(3);
  const cycles = totals[0]?.findIndex((title) => title.startsWith("cycles")) ?? -1;
  expect(runs).toMatchObject({ runs: totals.slice(1).map((row) => ({ total: { cycles: Number(row[cycles]) } })) });
  const layers = fieldsOf(
    (await savedBy(page, page.locator(".layer-table .table-head").getByRole("button"))).content.toString(),
  );
  expect(layers[0]?.some((title) => title.endsWith("(s)"))).toBe(true);
  expect(runs).toMatchObject({ runs: [{ layers: layers.slice(1).map(([name]) => ({ name })) }, {}] });
});

studio("a table sorts by any column, downwards and upwards", async ({ open }) => {
  const page = await open("#/bench?w=alexnet&m=systolic&m=arrayflex");
  await settled(page);
  const head = page.locator(".layer-table").getByRole("columnheader", { name: "multiplications" });
  const names = (): Promise<string[]> => page.locator(".layer-table tbody th").allInnerTexts();
  const usual = await names();
  await head.getByRole("button").click();
  const [first] = [await names()];
  const order = await head.getAttribute("aria-sort");
  await head.getByRole("button").click();
  expect(await head.getAttribute("aria-sort")).not.toBe(order);
  expect([...(await names())].reverse()).toEqual(first);
  expect(first).not.toEqual(usual);
  expect([...first].sort()).toEqual([...usual].sort());
});
