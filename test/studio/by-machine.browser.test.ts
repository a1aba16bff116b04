// Machines of one job in a real browser: the quick one stands on the page before the slow one is done, in the place that it
// keeps; one that fails leaves the others as they are; a stop keeps what is done.

import { tmpdir } from "node:os";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { shell } from "./command-line.ts";
import { look, patience, settled, studioTests } from "./studio.ts";

const studio = studioTests();

const row = (page: Page, index: number) => page.locator(".totals tbody tr").nth(index);
const save = (page: Page, format: string) => page.getByRole("button", { name: `Save ${format}` });

/** What is read aloud from now on, a text for each change. */
const listen = `globalThis.heard = []; addEventListener("DOMContentLoaded", () => {
  new MutationObserver(() => {
    const text = document.querySelector(".hidden[role=status]")?.textContent ?? "";
    if (text !== "" && text !== globalThis.heard.at(-1)) globalThis.heard.push(text);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
});`;

/** Pixels from the page's top to what stands below the totals, and whether machines still run. */
const places = (page: Page): Promise<{ busy: boolean; tops: number[] }> =>
  look(
    page,
    `({
      busy: document.querySelector(".status")?.dataset.busy === "yes",
      tops: [...document.querySelectorAll(".totals tbody tr, .exports, .figures")].slice(0, 4)
        .map((element) => Math.round(element.getBoundingClientRect().top + scrollY)),
    })`,
  );

studio("a quick machine is shown before a slow one is done, and nothing moves when that arrives", async ({ open }) => {
  const link = "#/bench?w=alexnet&m=flexnn!search=200!search.each=200&m=systolic&l=1-2";
  const page = await open(link, { first: listen });
  await row(page, 1).locator(".figure-value").first().waitFor();
  const bars = page.getByRole("figure", { name: "Where the time goes" }).locator(".plot-host svg");
  await bars.waitFor();
  const during = await places(page);
  expect(during.busy).toBe(true);
  // The slow one stands first, as it was chosen, and says how far it is.
  expect(await row(page, 0).locator("progress").count()).toBe(1);
  expect(await row(page, 0).innerText()).toMatch(/flexnn[\s\S]*(?:of 2 layers|waiting)/);
  expect(await bars.textContent()).toMatch(/A flexnn[\s\S]*running/);
  expect(await page.locator(".totals h2").innerText()).toContain("on 1 of 2 machines");
  expect(await page.locator(".figures.wide figcaption").first().innerText()).toContain("waits for a second one");
  expect(await save(page, "JSON").isDisabled()).toBe(true);
  expect(await save(page, "CSV").isDisabled()).toBe(true);
  expect(await page.locator(".exports").innerText()).toContain("JSON and CSV hold all machines: 1 of 2 machines done");
  await settled(page);
  await row(page, 0).locator(".figure-value").first().waitFor();
  expect(await page.locator(".totals progress, .chip progress").count()).toBe(0);
  // But for the rounding of a pixel.
  (await places(page)).tops.forEach((top, index) => {
    expect(Math.abs(top - (during.tops[index] ?? NaN))).toBeLessThanOrEqual(1);
  });
  await expect.poll(() => bars.textContent(), { timeout: patience }).not.toContain("running");
  expect(await page.locator(".totals h2").innerText()).toContain("on 2 machines");
  expect(await save(page, "JSON").isDisabled()).toBe(false);
  const heard = await look<string[]>(page, "globalThis.heard");
  expect(heard).toEqual(["systolic is done; 1 of 2 done", "flexnn is done; 2 of 2 done"]);
});

studio("a machine that fails says so in its place, as the command line does, and the others stay", async ({ open }) => {
  const link = "w=gemm:M=64,N=48,K=80&m=systolic&m=flexagon&m=arrayflex!rows=0&m=tpu-v1&d=A=0.3,B=0.2&r=equal";
  const page = await open(`#/bench?${link}`);
  await settled(page);
  const errorOf = (words: string): string =>
    /^error: (.*)$/m.exec(shell(`heddle ${words} --density A=0.3,B=0.2`, tmpdir()).err)?.[1] ?? "no error";
  const workload = "gemm:M=64,N=48,K=80";
  expect(await row(page, 1).innerText()).toContain(errorOf(`compare ${workload} --on systolic,flexagon`));
  expect(await row(page, 2).innerText()).toContain(errorOf(`run ${workload} --on arrayflex --set rows=0`));
  expect(await page.locator(".trouble").count()).toBe(0);
  expect(await row(page, 0).locator(".figure-value").count()).toBe(7);
  expect(await row(page, 3).locator(".figure-value").count()).toBe(7);
  expect(await page.locator(".totals .star").first().getAttribute("title")).toBe("best of 2 of 4 machines");
  expect(await page.locator(".layer-table tbody tr").count()).toBe(1);
  expect(await save(page, "JSON").isDisabled()).toBe(true);
  expect(await page.locator(".exports").innerText()).toContain("remove flexagon and arrayflex to save the others");
  const figures = (await row(page, 3).innerText()).replace(/^D/, "B").replaceAll(" of 2 of 4 machines", "");
  await page.getByRole("button", { name: "Remove C, arrayflex" }).click();
  await page.getByRole("button", { name: "Remove B, flexagon" }).click();
  await expect.poll(() => save(page, "JSON").isDisabled(), { timeout: patience }).toBe(false);
  expect(await row(page, 1).innerText()).toBe(figures);
});

studio("what all machines fail by is said once", async ({ open }) => {
  const page = await open("#/bench?w=gemm:M=0,N=8,K=8&m=systolic&m=arrayflex");
  await page.getByRole("heading", { name: "This cannot be run" }).waitFor();
  expect(await page.locator(".trouble").count()).toBe(1);
  expect(await page.locator(".totals").count()).toBe(0);
});

studio("a stop keeps the machines that are done, and the rest can be run later", async ({ open }) => {
  const page = await open("#/bench?w=resnet50&m=systolic&m=flexnn");
  await row(page, 0).locator(".figure-value").first().waitFor();
  const figures = await row(page, 0).innerText();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("stopped before its end").waitFor();
  expect(await row(page, 0).innerText()).toBe(figures);
  expect(await page.locator(".exports").innerText()).toContain("the run was stopped: 1 of 2 machines done");
  expect(await save(page, "CSV").isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await row(page, 1).locator("progress").waitFor();
  expect(await row(page, 0).innerText()).toBe(figures);
  await page.getByRole("button", { name: "Remove B, flexnn" }).click();
  await expect.poll(() => save(page, "CSV").isDisabled(), { timeout: patience }).toBe(false);
});
