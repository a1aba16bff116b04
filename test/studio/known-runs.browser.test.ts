// Runs that are known from before are not made again, and what the page then shows is what a new page shows.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { look, runAgain, settled, studioTests } from "./studio.ts";

const studio = studioTests();
const link = (rows: number): string => `#/bench?w=mobilenet-v1&m=systolic&m=arrayflex!rows=${rows}&l=1-9`;

const status = (page: Page): Promise<string> => page.locator(".status").innerText();

/** Figures of the totals, without what they were before. */
const totals = async (page: Page): Promise<readonly string[]> =>
  page.locator(".totals tbody .figure-value").allInnerTexts();

studio("a change of one machine runs that one; a change back runs none", async ({ open }) => {
  const page = await open(link(64));
  await settled(page);
  const first = await totals(page);
  await runAgain(page, () => look(page, `location.hash = "${link(32)}"`));
  expect(await status(page)).toMatch(/^2 machines in .*, 1 known from before$/);
  const changed = await totals(page);
  expect(changed).not.toEqual(first);
  await runAgain(page, () => look(page, `location.hash = "${link(64)}"`));
  expect(await status(page)).toBe("2 machines in 0 s, all known from before");
  expect(await totals(page)).toEqual(first);
  const fresh = await open(link(32));
  await settled(fresh);
  expect(await status(fresh)).not.toContain("known");
  expect(await totals(fresh)).toEqual(changed);
});

studio(
  "what is being computed goes on when another machine changes, and ends when nobody wants it",
  async ({ open }) => {
    const slow = "#/bench?w=mobilenet-v1&m=flexnn&m=arrayflex!rows=";
    const page = await open(`${slow}64`);
    const chip = page.locator(".chip-progress").first();
    // A machine that has not begun shows a word in the place of the number.
    const layers = async (): Promise<number> => Number(/^\d+/.exec(await chip.innerText())?.[0] ?? 0);
    await expect.poll(layers, { timeout: 60_000 }).toBeGreaterThan(1);
    const before = await layers();
    await look(page, `location.hash = "${slow}32"`);
    await expect.poll(() => page.locator(".chip .pill").innerText()).toContain("rows=32");
    await page.waitForTimeout(1000);
    expect(await layers()).toBeGreaterThanOrEqual(before);
    await page.getByRole("button", { name: "Stop" }).click();
    await expect.poll(() => chip.count()).toBe(0);
    // Nothing is left of it.
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await chip.waitFor();
    expect(await layers()).toBeLessThan(before);
  },
);
