// The HTML report in a real browser: it draws without an error, needs nothing from outside, fits a phone and prints.
// HEDDLE_CHROMIUM names the browser; dist/ must be built. Run by HEDDLE_TESTS=browser.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const executable = process.env["HEDDLE_CHROMIUM"] ?? "/usr/bin/chromium";
const absent = existsSync(executable) ? "" : `: SKIPPED, no browser at ${executable} (HEDDLE_CHROMIUM names one)`;

const scratch = mkdtempSync(join(tmpdir(), "heddle-browser-"));
const report = join(scratch, "report.html");
let browser: Browser | undefined;

beforeAll(async () => {
  if (absent !== "") return;
  const words = ["compare", "resnet50", "--on", "systolic,arrayflex", "--html", report];
  execFileSync(process.execPath, [command, ...words], { cwd: scratch, stdio: "pipe" });
  browser = await chromium.launch({
    executablePath: executable,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** The report in a window of this size, with everything that it complains of or asks from outside. */
async function open(width: number, height: number): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  if (browser === undefined) throw new Error("the browser did not start");
  const page = await browser.newPage({ viewport: { width, height } });
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(?:file|data|blob):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(report).href);
  return { page, complaints };
}

test.skipIf(absent !== "")(`the report draws its pictures and asks for nothing from outside${absent}`, async () => {
  const { page, complaints } = await open(1280, 900);
  const sizes = await page.evaluate<[number, number, number][]>(`[...document.querySelectorAll("svg")].map((svg) => {
    const box = svg.getBoundingClientRect();
    return [box.width, box.height, svg.querySelectorAll("rect,path,circle,line").length];
  })`);
  const drawn = sizes.filter(([width, height, marks]) => width > 100 && height > 50 && marks > 10);
  expect(drawn.length).toBeGreaterThanOrEqual(3);
  const text = await page.locator("body").innerText();
  expect(text).toContain("arrayflex");
  expect(text).toContain("systolic");
  expect(text).not.toMatch(/NaN|undefined|\[object/);
  expect(complaints).toEqual([]);
});

test.skipIf(absent !== "")(`the report fits the width of a phone${absent}`, async () => {
  const { page } = await open(390, 844);
  const size = "[document.documentElement.scrollWidth, window.innerWidth]";
  const [content, screen] = await page.evaluate<[number, number]>(size);
  expect(content).toBeLessThanOrEqual(screen);
});

test.skipIf(absent !== "")(`the report prints on a few pages${absent}`, async () => {
  const { page } = await open(1280, 900);
  const pdf = await page.pdf({ format: "A4" });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(pages).toBeGreaterThan(0);
  expect(pages).toBeLessThan(40);
});
