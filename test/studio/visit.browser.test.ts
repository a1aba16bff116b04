// A visit in a real browser: what is there before anything ran, layers that open, links and steps back that restore what
// they say, runs that are stopped.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { fragment, look, patience, runAgain, settled, studioTests } from "./studio.ts";

const studio = studioTests();

/** Workers that never answer, as on a machine that is still starting them. */
const silentWorkers = `globalThis.Worker = class {
  addEventListener() {}
  removeEventListener() {}
  postMessage() {}
  terminate() {}
};`;

studio("a first visit shows an example that is already computed, with three sentences on it", async ({ open }) => {
  const page = await open("", { first: silentWorkers });
  const story = page.getByRole("region", { name: "What one sees here" });
  await story.waitFor();
  expect(await story.getByRole("paragraph").count()).toBe(3);
  expect(await page.locator(".totals tbody tr").count()).toBe(4);
  await page.locator(".layer-table tbody tr").first().waitFor();
  const plots = page.locator(".figures .plot-host svg");
  await expect.poll(() => plots.count(), { timeout: patience }).toBeGreaterThanOrEqual(7);
  expect(await page.getByRole("main").innerText()).not.toMatch(/NaN|undefined|\[object/);
});

studio("the example of a first visit is what the workers compute", async ({ open }) => {
  const page = await open();
  const totals = page.locator(".totals tbody tr");
  await totals.first().waitFor();
  const before = await totals.allInnerTexts();
  // Another seed runs the machines; none of them is sparse, so that it changes nothing else.
  await runAgain(page, async () => {
    await page.getByLabel("Seed").fill("2");
    await page.getByLabel("Seed").press("Enter");
  });
  expect((await totals.allInnerTexts()).map((row) => row.replace(/\s+was .*/g, ""))).toEqual(before);
});

const layerName = (page: Page): Promise<string> => page.locator("#layer-name").innerText();

studio(
  "a layer opens from the table, walks to its neighbours, and leads to the machine and its film",
  async ({ open }) => {
    const page = await open("#/bench?w=mobilenet-v1&m=systolic!rows=32!columns=32&m=arrayflex");
    await settled(page);
    await page.locator(".layer-table").getByRole("button", { name: "pointwise3", exact: true }).click();
    expect(await layerName(page)).toBe("pointwise3");
    expect(fragment(page)).toContain("&layer=pointwise3");
    const panel = page.getByRole("complementary");
    expect(await panel.locator("tbody tr").first().innerText()).toMatch(/\d/);
    await panel.getByRole("button", { name: "The next layer" }).click();
    await expect.poll(() => layerName(page)).toBe("depthwise4");
    await panel.getByRole("button", { name: "The layer before" }).click();
    await expect.poll(() => layerName(page)).toBe("pointwise3");
    await page.goBack();
    await expect.poll(() => layerName(page)).toBe("depthwise4");
    await panel.getByRole("link", { name: "Watch a tile of it" }).click();
    await page.locator(".tile-picture .part").first().waitFor();
    expect(fragment(page)).toMatch(/^#\/tile\?.*layer=depthwise4/);
    await page.goBack();
    await expect.poll(() => layerName(page)).toBe("depthwise4");
    await page.keyboard.press("Escape");
    await page.locator("#layer-name").waitFor({ state: "detached" });
    expect(fragment(page)).not.toContain("layer=");
  },
);

studio("a link restores view, machines, parameters, objective and layer, and a reload keeps them", async ({ open }) => {
  const link =
    "#/bench?w=alexnet&m=systolic!rows=64!bandwidth=unlimited&m=arrayflex@k2&m=systolic&o=edp&r=equal&s=5&l=2-5&layer=conv2&bench.table=energy";
  const page = await open(link);
  const check = async (): Promise<void> => {
    await settled(page);
    await page.locator("#layer-name").waitFor();
    expect(fragment(page)).toBe(link);
    expect(await layerName(page)).toBe("conv2");
    expect(await page.getByRole("combobox", { name: "Workload" }).inputValue()).toBe("alexnet");
    expect(await page.getByLabel("Objective").inputValue()).toBe("edp");
    expect(await page.getByLabel("Resources").inputValue()).toBe("equal");
    expect(await page.getByRole("textbox", { name: "Layers" }).inputValue()).toBe("2-5");
    expect(await page.getByLabel("Seed").inputValue()).toBe("5");
    expect(await page.locator(".chip").count()).toBe(3);
    expect(await page.locator(".chip").first().innerText()).toMatch(/rows=64[\s\S]*bandwidth=/);
    expect(await page.locator(".chip").nth(1).getByRole("combobox").inputValue()).toBe("k2");
    expect(await page.getByLabel("What the table shows").inputValue()).toBe("energy");
  };
  await check();
  const totals = await page.locator(".totals tbody tr").allInnerTexts();
  await page.reload();
  await check();
  expect(await page.locator(".totals tbody tr").allInnerTexts()).toEqual(totals);
});

studio("views and layers are steps back and forth", async ({ open }) => {
  const page = await open("#/bench?w=gemm:M=32,N=32,K=32&m=systolic");
  await settled(page);
  const heading = (name: string) => page.getByRole("heading", { level: 1, name });
  await page.getByRole("link", { name: "Machine", exact: true }).click();
  await heading("systolic").waitFor();
  await page.getByRole("link", { name: "Claims", exact: true }).click();
  await heading("Claims").waitFor();
  await page.goBack();
  await heading("systolic").waitFor();
  await page.goBack();
  await page.locator(".totals").waitFor();
  await page.goForward();
  await heading("systolic").waitFor();
  expect(fragment(page)).toBe("#/machine?w=gemm:M=32,N=32,K=32&m=systolic");
});

studio("what a link says and the page does not know is said, and the rest is shown", async ({ open }) => {
  const page = await open("#/bench?w=gemm:M=8,N=8,K=8&m=systolic&o=fastest&colour=red");
  await settled(page);
  const said = await page.locator(".notices").innerText();
  expect(said).toContain("o=fastest");
  expect(said).toContain("colour=red");
  expect(await page.locator(".totals tbody tr").count()).toBe(1);
});

studio("a long run shows how far it is, stops, and the page runs on", async ({ open }) => {
  const page = await open("#/bench?w=resnet50&m=flexnn");
  const stop = page.getByRole("button", { name: "Stop" });
  await stop.waitFor();
  await expect.poll(() => page.locator(".status").innerText(), { timeout: patience }).toMatch(/\d of \d+ layers/);
  await stop.click();
  await page.getByText("The run was stopped before its end.").waitFor();
  await stop.waitFor({ state: "detached" });
  // The worker ended in the middle; the next run has another.
  const machines = page.getByRole("combobox", { name: "Add a machine" });
  await machines.fill("systolic");
  await machines.press("Enter");
  await page.getByRole("button", { name: "Remove A, flexnn" }).click();
  await settled(page);
  expect(await page.locator(".totals tbody tr").count()).toBe(1);
});

studio("the reader's choice of light or dark stays", async ({ open }) => {
  const page = await open("#/bench?w=gemm:M=8,N=8,K=8&m=systolic", { dark: true });
  const ground = (): Promise<string> => look(page, "getComputedStyle(document.body).backgroundColor");
  const dark = await ground();
  await page.getByLabel("Colours").selectOption("light");
  const light = await ground();
  expect(light).not.toBe(dark);
  await page.reload();
  await page.getByLabel("Colours").waitFor();
  expect(await ground()).toBe(light);
  expect(await page.getByLabel("Colours").inputValue()).toBe("light");
  await page.getByLabel("Colours").selectOption("system");
  expect(await ground()).toBe(dark);
});
