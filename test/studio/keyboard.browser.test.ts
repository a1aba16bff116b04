// The main tasks in a real browser with the keyboard alone: choose a workload and a machine, open a layer, change a
// parameter, play a film, save a picture.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { fragment, look, patience, runAgain, settled, studioTests } from "./studio.ts";

const studio = studioTests();

/** What has the focus: its name for screen readers where it has one, else its text. */
const focused = (page: Page): Promise<string> =>
  look(
    page,
    `(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? "";
    })()`,
  );

/** Goes on with the Tab key until something of this name has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press("Tab");
    const here = (await focused(page)).trim();
    if (typeof name === "string" ? here === name : name.test(here)) return;
    seen.push(here.slice(0, 40));
  }
  throw new Error(`the Tab key does not come to ${String(name)}: ${seen.join(" > ")}`);
}

studio("skip link, workload, machine, objective and layer", async ({ open }) => {
  const page = await open("#/bench?w=gemm:M=8,N=8,K=8&m=systolic");
  await settled(page);
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Skip to content");
  await page.keyboard.press("Enter");
  expect(await look(page, "document.activeElement.id")).toBe("content");
  await tabTo(page, "Workload");
  await page.keyboard.type("alexn");
  await page.keyboard.press("ArrowDown");
  await runAgain(page, () => page.keyboard.press("Enter"));
  expect(fragment(page)).toContain("w=alexnet&");
  await tabTo(page, /^Objective/);
  await runAgain(page, async () => {
    await page.keyboard.press("ArrowDown");
  });
  await tabTo(page, "Add a machine");
  await page.keyboard.type("arrayfl");
  await runAgain(page, () => page.keyboard.press("Enter"));
  expect(fragment(page)).toContain("m=arrayflex");
  await tabTo(page, "conv2");
  await page.keyboard.press("Enter");
  await page.locator("#layer-name").waitFor();
  expect(await page.locator("#layer-name").innerText()).toBe("conv2");
  await page.keyboard.press("Escape");
  await page.locator("#layer-name").waitFor({ state: "detached" });
});

studio("a parameter, a box of the diagram, a film, a saved picture", async ({ open }) => {
  const page = await open("#/bench?w=gemm:M=16,N=16,K=16&m=systolic!columns=8");
  await settled(page);
  await tabTo(page, "Machine");
  await page.keyboard.press("Enter");
  await page.locator(".diagram .box").first().waitFor();
  await tabTo(page, /^grid /);
  await page.keyboard.press("Enter");
  await page.locator(".diagram .box.selected").waitFor();
  expect(fragment(page)).toContain("machine.box=grid");
  await tabTo(page, "rows");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("8");
  await runAgain(page, () => page.keyboard.press("Enter"));
  expect(fragment(page)).toContain("rows=8");
  await page.locator("header.top nav").getByRole("link", { name: "Tile" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".tile-picture .part").first().waitFor();
  await look(page, "void document.activeElement.blur()");
  const cycle = async (): Promise<number> =>
    Number((await page.locator(".cycle output b").innerText()).replace(/\D/g, ""));
  await page.keyboard.press("Space");
  await expect.poll(cycle, { timeout: patience }).toBeGreaterThan(1);
  await page.keyboard.press("Space");
  const part = page.locator(".tile-picture .part:focus");
  await page.locator('.tile-picture .part[tabindex="0"]').focus();
  const first = await part.getAttribute("data-part");
  await page.keyboard.press("ArrowRight");
  if ((await part.getAttribute("data-part")) === first) await page.keyboard.press("ArrowDown");
  expect(await part.getAttribute("data-part")).not.toBe(first);
  await page.keyboard.press("Shift+Tab");
  await tabTo(page, /^SVG$/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  expect(download.suggestedFilename()).toMatch(/\.svg$/);
});
