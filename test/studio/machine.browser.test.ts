// The machine view in a real browser: a parameter is changed, refused, put back, shared; boxes of the diagram open.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { fragment, patience, runAgain, settled, studioTests } from "./studio.ts";

const studio = studioTests();
const link = "#/machine?w=gemm:M=64,N=64,K=64&m=systolic&m=arrayflex";

/** The cells of the row of cycles: before, after, ratio; or now alone. */
const cycles = (page: Page): Promise<string[]> =>
  page
    .locator(".effect")
    .getByRole("row", { name: /^cycles/ })
    .getByRole("cell")
    .allInnerTexts();

async function enter(page: Page, path: string, value: string): Promise<void> {
  const field = page.getByLabel(path, { exact: true });
  await field.fill(value);
  await field.press("Enter");
}

studio("a changed parameter shows before and after, and stands in the address", async ({ open }) => {
  const page = await open(link);
  await settled(page);
  const [before] = await cycles(page);
  await runAgain(page, () => enter(page, "rows", "16"));
  expect(fragment(page)).toBe("#/machine?w=gemm:M=64,N=64,K=64&m=systolic!rows=16&m=arrayflex");
  const [was, now, ratio] = await cycles(page);
  expect(was).toBe(before);
  expect(now).not.toBe(before);
  expect(ratio).toMatch(/^\d/);
  await expect.poll(() => page.locator(".diagram").textContent()).toContain("16 ×");
  await runAgain(page, () => page.getByRole("button", { name: "Reset all" }).click());
  expect(fragment(page)).toBe(link);
  expect((await cycles(page))[1]).toBe(before);
});

studio("the buttons beside a parameter halve and double it, in its unit", async ({ open }) => {
  const page = await open(link);
  await settled(page);
  const clock = page.getByLabel("clock", { exact: true });
  const usual = await clock.inputValue();
  expect(usual).toMatch(/^\d+(?:\.\d+)? [GM]Hz$/);
  await runAgain(page, () => page.getByLabel("×2: double clock", { exact: true }).click());
  const doubled = await clock.inputValue();
  expect(doubled).not.toBe(usual);
  await runAgain(page, () => page.getByLabel("÷2: halve clock", { exact: true }).click());
  expect(await clock.inputValue()).toBe(usual);
});

studio("a bad value is refused beside its field and changes nothing", async ({ open }) => {
  const page = await open(link);
  await settled(page);
  const before = await cycles(page);
  const marks = `performance.getEntriesByName("heddle:shown").length`;
  const shown = await page.evaluate<number>(marks);
  const field = page.getByLabel("rows", { exact: true });
  const refusals = [
    ["0", /expected 1 to/],
    ["2.5", /whole number/],
    ["a few", /a few/],
    ["100000000", /expected 1 to/],
  ] as const;
  for (const [value, said] of refusals) {
    await enter(page, "rows", value);
    const fault = page.locator(".quantity", { has: field }).getByRole("alert");
    await fault.waitFor();
    expect(await fault.innerText()).toMatch(said);
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await field.getAttribute("aria-describedby")).toBe(await fault.getAttribute("id"));
  }
  expect(fragment(page)).toBe(link);
  await field.press("Escape");
  expect(await field.getAttribute("aria-invalid")).toBe("false");
  expect(await cycles(page)).toEqual(before);
  expect(await page.evaluate<number>(marks)).toBe(shown);
});

studio("values that contradict each other are refused in the words of the command line", async ({ open }) => {
  const page = await open("#/machine?w=gemm:M=64,N=64,K=64&m=systolic!rows=0");
  const alert = page.getByRole("alert").first();
  await alert.waitFor();
  expect(await alert.innerText()).toContain("rows");
  expect(await page.getByRole("main").innerText()).not.toMatch(/NaN|undefined|\[object/);
});

studio("a box of the diagram opens with what it is and the parameters that change it", async ({ open }) => {
  const page = await open(link);
  await settled(page);
  const boxes = page.locator(".diagram .box");
  expect(await boxes.count()).toBeGreaterThanOrEqual(3);
  const all = await page.locator(".parameters li").count();
  await boxes.first().focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator(".parameters li").count(), { timeout: patience }).toBeLessThan(all);
  expect(fragment(page)).toContain("machine.box=");
  await page.reload();
  await expect.poll(() => page.locator("aside h2").innerText(), { timeout: patience }).not.toBe("The chip");
  await page.getByRole("button", { name: "show all" }).click();
  await expect.poll(() => page.locator(".parameters li").count()).toBe(all);
});

studio("the machine is shared as YAML and as a link", async ({ open }) => {
  const page = await open("#/machine?w=gemm:M=64,N=64,K=64&m=systolic!rows=16");
  await settled(page);
  const copied = (): Promise<string> => page.evaluate<string>("navigator.clipboard.readText()");
  await page.getByRole("button", { name: "Copy YAML" }).click();
  await page.getByText("YAML copied").waitFor();
  expect(await copied()).toMatch(/systolic[\s\S]*rows: 16/);
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("link copied").waitFor();
  expect(await copied()).toBe(page.url());
});
