// The tile view in a real browser: a film plays, steps, seeks and comes back by its link, for each kind of machine.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { fragment, patience, studioTests } from "./studio.ts";

const studio = studioTests();
const wave = "#/tile?w=gemm:M=8,N=12,K=8&m=systolic!rows=8!columns=8";

const cycle = async (page: Page): Promise<number> =>
  Number((await page.locator(".cycle output b").innerText()).replace(/\D/g, ""));

const atCycle = (page: Page, expected: number): Promise<void> =>
  expect.poll(() => cycle(page), { timeout: patience }).toBe(expected);

/** Films of loop nests count steps, others cycles. */
const sliderOf = (page: Page) => page.getByRole("slider", { name: /^(?:Cycle|Step)$/ });

const filmed = (page: Page): Promise<void> => page.locator(".tile-picture .part").first().waitFor();

studio("space plays and pauses, arrows step, and the slider seeks", async ({ open }) => {
  const page = await open(wave);
  await filmed(page);
  expect(await cycle(page)).toBe(1);
  await page.keyboard.press("Space");
  await expect.poll(() => cycle(page), { timeout: patience }).toBeGreaterThan(2);
  await page.keyboard.press("Space");
  const paused = await cycle(page);
  await page.getByRole("button", { name: "Play" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await atCycle(page, paused + 1);
  await page.keyboard.press("Shift+ArrowRight");
  await atCycle(page, paused + 11);
  await page.keyboard.press("ArrowLeft");
  await atCycle(page, paused + 10);
  await page.keyboard.press("Home");
  await atCycle(page, 1);
  await page.keyboard.press("End");
  const slider = sliderOf(page);
  await atCycle(page, Number(await slider.getAttribute("max")));
  await slider.fill("5");
  await atCycle(page, 5);
  await expect.poll(() => fragment(page), { timeout: patience }).toContain("tile.cycle=5");
});

studio("a link restores the film's cycle and speed, and what the parts hold", async ({ open }) => {
  const link = `${wave}&d=A=0.7,B=0.7&tile.cycle=14&tile.speed=8`;
  const page = await open(link);
  await filmed(page);
  await atCycle(page, 14);
  expect(await page.getByLabel("Speed").inputValue()).toBe("8");
  const held = (): Promise<string[]> => page.locator(".tile-picture .part .value").allTextContents();
  const before = await held();
  expect(before.some((text) => text !== "")).toBe(true);
  await page.keyboard.press("ArrowRight");
  await atCycle(page, 15);
  expect(await held()).not.toEqual(before);
  await expect.poll(() => fragment(page), { timeout: patience }).toContain("tile.cycle=15");
  await page.evaluate(`location.hash = ${JSON.stringify(link)}`);
  await atCycle(page, 14);
  expect(await held()).toEqual(before);
  await page.reload();
  await filmed(page);
  await atCycle(page, 14);
  expect(await held()).toEqual(before);
});

const kinds = [
  ["a collapsed pipeline", "#/tile?w=gemm:M=8,N=12,K=8&m=arrayflex@k2!rows=8!columns=8"],
  ["a merge tree", "#/tile?w=gemm:M=8,N=8,K=12&d=A=0.4,B=0.4&m=flexagon@outer-m!multipliers=16"],
  [
    "two bitmaps",
    "#/tile?w=gemm:M=16,N=16,K=32&d=A=0.4,B=0.5&m=flexnn!array.rows=4!array.columns=4!search=50!search.each=50",
  ],
  ["a loop nest", "#/tile?w=conv:C=4,H=8,K=4,R=3,pad=1&m=eyeriss"],
] as const;

for (const [what, link] of kinds) {
  studio(`a film of ${what} plays to its end`, async ({ open }) => {
    const page = await open(`${link}&tile.speed=60`);
    await filmed(page);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).not.toBe("");
    const slider = sliderOf(page);
    const last = Number(await slider.getAttribute("max"));
    expect(last).toBeGreaterThan(5);
    await slider.fill(String(Math.max(1, last - 12)));
    await page.getByRole("button", { name: "Play" }).click();
    await atCycle(page, last);
    await page.getByRole("button", { name: "Play" }).waitFor();
    expect(await page.getByRole("main").innerText()).not.toMatch(/NaN|undefined|\[object/);
  });
}

studio("every ready film opens", async ({ open }) => {
  const page = await open(wave);
  await filmed(page);
  await page.getByText("Ready films for a lecture").click();
  const films = page.locator(".tile-gallery a");
  const count = await films.count();
  expect(count).toBeGreaterThanOrEqual(10);
  for (let index = 0; index < count; index++) {
    const film = films.nth(index);
    const title = await film.innerText();
    await film.click();
    await expect
      .poll(() => page.locator('.tile-gallery a[aria-current="true"]').allInnerTexts(), { timeout: patience })
      .toContain(title);
    await filmed(page);
    expect(Number(await sliderOf(page).getAttribute("max")), title).toBeGreaterThan(1);
    if (!(await films.first().isVisible())) await page.getByText("Ready films for a lecture").click();
  }
});

studio("a machine that is too large is filmed smaller, and the page says so", async ({ open }) => {
  const page = await open("#/tile?w=gemm:M=64,N=64,K=64&m=tpu-v1");
  await filmed(page);
  expect(await page.locator(".tile-reduced").first().innerText()).toMatch(/smaller machine[\s\S]*rows = \d+/);
});
