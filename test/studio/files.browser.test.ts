// Files in a real browser: chosen, dropped, named on the command line, broken, and with names that mean something in HTML.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect } from "vitest";
import { shell } from "./command-line.ts";
import type { OwnFile } from "./files.ts";
import { brokenMatrix, brokenModel, matrix, model } from "./files.ts";
import { fragment, look, patience, settled, studioTests } from "./studio.ts";

const scratch = mkdtempSync(join(tmpdir(), "heddle-files-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const named = matrix("named.mtx", 40);
const put = ({ name, buffer }: OwnFile): string => {
  writeFileSync(join(scratch, name), buffer);
  return join(scratch, name);
};
const studio = studioTests();
const opened = studioTests(() => [put(named)]);

const link = "#/bench?w=gemm:M=8,N=8,K=8&m=flexagon&m=gamma";

const choose = (page: Page, files: readonly OwnFile[]): Promise<void> =>
  page.locator("input[type=file]").setInputFiles([...files]);

/** Drags files over the page, as a desktop does, and lets them go. */
async function drop(page: Page, files: readonly OwnFile[]): Promise<void> {
  const contents = files.map(({ name, buffer }) => ({ name, text: buffer.toString("base64") }));
  await look(
    page,
    `(() => {
      const held = new DataTransfer();
      for (const { name, text } of ${JSON.stringify(contents)}) {
        held.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
      }
      globalThis.dragged = held;
      for (const type of ["dragenter", "dragover"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: held, bubbles: true, cancelable: true }));
      }
    })()`,
  );
  await page.getByText("Drop to open").waitFor();
  await look(
    page,
    `void document.body.dispatchEvent(
      new DragEvent("drop", { dataTransfer: globalThis.dragged, bubbles: true, cancelable: true }),
    )`,
  );
  await page.getByText("Drop to open").waitFor({ state: "detached" });
}

/** Waits for results of a workload; the heading of the totals names it. */
async function shows(page: Page, workload: string): Promise<void> {
  await page.locator(".totals h2").filter({ hasText: workload }).waitFor();
  await page.locator(".stale-note").waitFor({ state: "detached" });
  await settled(page);
}

/** What the page says is wrong, once it does. */
async function trouble(page: Page): Promise<string> {
  const said = page.locator(".trouble p").first();
  await said.waitFor();
  return said.innerText();
}

studio("a model is opened with the file chooser and runs layer by layer", async ({ open }) => {
  const page = await open(link);
  await settled(page);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Open files" }).click(),
  ]);
  await chooser.setFiles(model);
  await shows(page, "small");
  expect(fragment(page)).toContain("w=small.onnx");
  const rows = await page.locator(".layer-table tbody th").allInnerTexts();
  expect(rows).toEqual(["edges", "classes"]);
});

studio("matrices are dropped anywhere on the page: one times itself, then two times each other", async ({ open }) => {
  const page = await open(link);
  await settled(page);
  await drop(page, [matrix("one.mtx", 30)]);
  await shows(page, "one x one");
  await drop(page, [matrix("left.mtx", 30), matrix("right.mtx", 30)]);
  await shows(page, "left x right");
  expect(fragment(page)).toContain("w=left.mtx,right.mtx");
  await drop(page, [matrix("notes.txt", 4)]);
  await page.locator(".notices").getByText("no workload by itself").waitFor();
  expect(fragment(page)).toContain("w=left.mtx,right.mtx");
});

for (const file of [brokenMatrix, brokenModel]) {
  studio(`${file.name} is refused in the words of the command line, and the results before stay`, async ({ open }) => {
    const page = await open(link);
    await settled(page);
    await choose(page, [file]);
    const said = await trouble(page);
    put(file);
    const { code, err } = shell(`heddle compare ${file.name} --on flexagon,gamma --as-published`, scratch);
    expect(code).toBe(2);
    expect(said).toContain(file.name);
    expect(err.replace(/\s+/g, " ")).toContain(said.replace(/\s+/g, " "));
    if (file === brokenMatrix) expect(said).toMatch(/broken\.mtx:4/);
    expect(await page.locator(".totals tbody tr").count()).toBe(2);
    await choose(page, [matrix("whole.mtx", 12)]);
    await shows(page, "whole x whole");
    await page.locator(".trouble").waitFor({ state: "detached" });
  });
}

studio("a word that is no workload is refused with the nearest one", async ({ open }) => {
  const page = await open("#/bench?w=resnet5&m=systolic");
  const said = await trouble(page);
  const { err } = shell("heddle run resnet5 --on systolic", scratch);
  expect(said).toMatch(/resnet50|resnet/);
  expect(err.replace(/\s+/g, " ")).toContain(said.replace(/\s+/g, " "));
});

opened("files that the command line names are at hand and shown", async ({ open }) => {
  const page = await open();
  await shows(page, "named x named");
  await page.getByRole("combobox", { name: "Workload" }).click();
  await page.getByRole("option", { name: "named.mtx" }).waitFor();
});

studio("names with HTML in them are text", async ({ open }) => {
  const page = await open(link);
  await settled(page);
  const name = '<img src=x onerror="globalThis.broken=1"><b>bold.mtx';
  await choose(page, [matrix(name, 12)]);
  await expect.poll(() => page.locator(".totals h2").innerText(), { timeout: patience }).toContain("<b>bold x <img");
  await settled(page);
  await page.evaluate(
    `location.hash = ${JSON.stringify(`#/bench?w=${encodeURIComponent("<b>no</b>")}&m=${encodeURIComponent("<i>systolic</i>")}`)}`,
  );
  expect(await trouble(page)).toContain("<");
  expect(
    await look<number>(page, `document.querySelectorAll("main img, main h2 b, .trouble b, .trouble i").length`),
  ).toBe(0);
  expect(await look<unknown>(page, "globalThis.broken ?? null")).toBe(null);
});
