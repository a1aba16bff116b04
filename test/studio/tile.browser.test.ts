// The tile view in a real browser: a film is what the engine stepped, whatever way a reader comes to a cycle; keys, links,
// exports, and what a reader who sees no pictures or wants no motion gets. dist/ must be built.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/cli/studio/server.ts";
import { startServer } from "../../src/cli/studio/server.ts";
import { readSite } from "../../src/cli/studio/site.ts";
import { csvField } from "../../src/report/csv.ts";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import { replayTile } from "../../src/workbench/replay.ts";
import { parseWorkloadSpecification } from "../../src/workload/specification.ts";
import { sceneOf, shortNumber } from "../../studio/tile/scene.ts";
import { activityRows } from "../../studio/tile/shares.ts";

const site = fileURLToPath(new URL("../../dist/studio", import.meta.url));
const executable = process.env["HEDDLE_CHROMIUM"] ?? "/usr/bin/chromium";
const absent = existsSync(executable) ? "" : `: SKIPPED, no browser at ${executable} (HEDDLE_CHROMIUM names one)`;

let server: RunningServer | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  if (absent !== "") return;
  server = await startServer(readSite(site), [], 0);
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: executable, args });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** A page at a link, with everything that it complains of or asks of others. */
async function open(link: string, options: BrowserContextOptions = {}) {
  if (browser === undefined || server === undefined) throw new Error("the browser did not start");
  const { address } = server;
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(address)) complaints.push(request.url());
  });
  await page.goto(`${address}${link}`);
  await page.locator(".tile-picture .part, .tile .empty p").first().waitFor();
  return { page, complaints };
}

const wave = "#/tile?w=gemm:M=6,N=9,K=5&m=systolic!rows=4!columns=4";
const merge = "#/tile?w=gemm:M=4,N=6,K=6&m=flexagon@gustavson-m!multipliers=4!mergeWidth=2!latency=0&d=A=0.7,B=0.5";

/** For what a busy machine may take a while to show. */
const soon = { timeout: 20_000 };

const at = (page: Page): Promise<string> => page.locator(".tile-controls output").innerText();
const fragment = (page: Page): Promise<string> => page.evaluate<string>("location.hash");

/** What the boxes of the picture say, part by part, line by line. */
const written = (page: Page): Promise<string[][]> =>
  page.evaluate<string[][]>(
    `[...document.querySelectorAll(".tile-picture .part")].map((part) =>
      [...part.querySelectorAll(".line")].map((line) => line.querySelector(".value")?.textContent ?? ""))`,
  );

/** The same from the film, by its definition. */
function said(replay: Replay, cycle: number): string[][] {
  const { boxes, slotStart } = sceneOf(replay);
  const slots = slotStart.at(-1) ?? 0;
  return replay.parts.map(({ capacity }, part) => {
    const value = (slot: number): number => replay.values[cycle * slots + (slotStart[part] ?? 0) + slot] ?? NaN;
    return (boxes[part]?.lines ?? []).map(({ slot, coordinate, label, size }) => {
      if (size === 0) return "";
      if (slot === 0 && capacity !== undefined) {
        const held = value(0);
        return `${label}${shortNumber(Number.isNaN(held) ? 0 : held)}/${shortNumber(capacity)}`;
      }
      const place = coordinate === undefined ? NaN : value(coordinate);
      if (Number.isNaN(place) && Number.isNaN(value(slot))) return "";
      return `${label}${Number.isNaN(place) ? "" : `${shortNumber(place)}: `}${shortNumber(value(slot))}`;
    });
  });
}

async function filmOf(workload: string, accelerator: string, set: Readonly<Record<string, number>>): Promise<Replay> {
  const network = parseWorkloadSpecification(workload);
  const layer = network === undefined ? undefined : computeLayers(network)[0];
  if (layer === undefined) throw new Error("a workload of one layer");
  return replayTile({ accelerator, set, layer, seed: 1, tile: 0 });
}

describe.skipIf(absent !== "")(`the tile view${absent}`, () => {
  test("shows in every cycle what the engine stepped, in whatever order a reader comes to it", async () => {
    const replay = await filmOf("gemm:M=6,N=9,K=5", "systolic", { rows: 4, columns: 4 });
    const { page, complaints } = await open(`${wave}&tile.cycle=7`);
    expect(await at(page)).toBe(`cycle 7 of ${replay.cycles}`);
    const slider = page.locator(".tile-controls input[type=range]");
    for (const cycle of [7, 1, replay.cycles, 3, 4, 12, 11]) {
      await slider.fill(String(cycle));
      expect(await written(page)).toEqual(said(replay, cycle - 1));
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("is played and stepped with keys, and the address follows", async () => {
    const { page, complaints } = await open(wave);
    const total = Number((await at(page)).split(" ")[3]);
    const press = async (...keys: string[]): Promise<string> => {
      for (const key of keys) await page.keyboard.press(key);
      return at(page);
    };
    expect(await press("ArrowRight", "ArrowRight")).toBe(`cycle 3 of ${total}`);
    expect(await press("Shift+ArrowRight", "ArrowLeft")).toBe(`cycle 12 of ${total}`);
    expect(await press("End")).toBe(`cycle ${total} of ${total}`);
    await expect.poll(() => fragment(page), soon).toContain(`tile.cycle=${total}`);
    expect(await press("Home")).toBe(`cycle 1 of ${total}`);
    await page.selectOption(".tile-controls select", "8");
    await page.locator("h1").click();
    await press("Space");
    await expect.poll(async () => Number((await at(page)).split(" ")[1]), soon).toBeGreaterThan(3);
    expect(await page.locator(".tile-caption").getAttribute("aria-live")).toBe("off");
    const paused = await press("Space");
    await expect.poll(() => fragment(page), soon).toContain(`tile.cycle=${paused.split(" ")[1]}`);
    expect(await fragment(page)).toContain("tile.speed=8");
    expect(await page.locator(".tile-caption").getAttribute("aria-live")).toBe("polite");

    // The link alone brings another reader to the same frame.
    const other = await open(await fragment(page));
    expect(await at(other.page)).toBe(paused);
    expect(await written(other.page)).toEqual(await written(page));
    expect([...complaints, ...other.complaints]).toEqual([]);
    await page.close();
    await other.page.close();
  });

  test("a part tells what it holds and did, for pointer and keyboard", async () => {
    const { page } = await open(`${wave}&tile.cycle=9`);
    await page.locator(".tile-picture .part.unit").nth(5).click();
    const name = await page.locator(".tile-picture .part.unit").nth(5).getAttribute("aria-label");
    await page.mouse.move(2, 2);
    expect(await page.locator(".tile-card h3").innerText()).toContain(name);
    expect(await page.locator(".tile-card .tile-history").getAttribute("aria-label")).toMatch(/Useful in \d+ of \d+/);
    await page.locator(".tile-picture .part[tabindex='0']").focus();
    const before = await page.locator(".tile-card h3").innerText();
    const cycle = await at(page);
    await page.keyboard.press("ArrowRight");
    expect(await page.locator(".tile-card h3").innerText()).not.toBe(before);
    expect(await at(page)).toBe(cycle);
    await page.close();
  });

  test("another film is a step in the history, and a gallery's link shows it", async () => {
    const { page, complaints } = await open(`${wave}&tile.cycle=5`);
    const title = await page.locator("h1").innerText();
    await page.locator(".tile-gallery summary").click();
    const link = page.locator(".tile-gallery a").nth(1);
    await link.click();
    await expect.poll(() => page.locator("h1").innerText(), soon).not.toBe(title);
    await page.locator(".tile-picture .part").first().waitFor();
    expect(await at(page)).toMatch(/^cycle 1 of/);
    await page.goBack();
    await expect.poll(() => page.locator("h1").innerText(), soon).toBe(title);
    expect(await at(page)).toMatch(/^cycle 5 of/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("saves the frame as SVG and PNG, and all activities as CSV", async () => {
    const replay = await filmOf("gemm:M=6,N=9,K=5", "systolic", { rows: 4, columns: 4 });
    const { page, complaints } = await open(`${wave}&tile.cycle=9`);
    const save = async (name: string): Promise<Buffer> => {
      const download = page.waitForEvent("download");
      await page.locator(".tile-main .figure").first().getByRole("button", { name, exact: true }).click();
      return readFileSync(await (await download).path());
    };
    const svg = (await save("SVG")).toString();
    expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    const units = said(replay, 8).filter((lines) => lines.length > 2);
    for (const [first] of units) expect(svg).toContain(`>${first}</text>`);
    expect((await save("PNG")).subarray(1, 4).toString()).toBe("PNG");
    const csv = activityRows(replay).map((row) => `${row.map(csvField).join(",")}\r\n`);
    expect((await save("CSV")).toString()).toBe(csv.join(""));
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each(["reduce", "no-preference"] as const)(
    "values travel between cycles unless a reader wants no motion: %s",
    async (reducedMotion) => {
      const { page } = await open(`${wave}&tile.cycle=8&tile.speed=0.5`, { reducedMotion });
      const tokens = (): Promise<string> => page.evaluate<string>(`document.querySelector(".tile-tokens").toDataURL()`);
      await page.keyboard.press("Space");
      const before = await tokens();
      await page.waitForTimeout(1100);
      if (reducedMotion === "reduce") expect(await tokens()).toBe(before);
      else expect(await tokens()).not.toBe(before);
      expect(await at(page)).toMatch(/^cycle 8 of/);
      await page.close();
    },
  );

  test("a machine without a stepped reference says so as the engine does", async () => {
    const { page, complaints } = await open("#/tile?w=gemm:M=4,N=4,K=4&m=gamma");
    expect(await page.locator(".tile .empty").innerText()).toContain("gamma has no stepped reference to film");
    expect(await page.locator(".tile-gallery").getAttribute("open")).not.toBeNull();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each(["light", "dark"] as const)("an accessibility checker finds nothing serious, %s", async (colorScheme) => {
    for (const link of [`${wave}&tile.cycle=8`, `${merge}&tile.cycle=12`]) {
      const { page } = await open(link, { colorScheme });
      await page.evaluate(axe.source);
      const found = await page.evaluate<{ violations: { id: string; impact: string }[] }>("axe.run()");
      expect(found.violations.filter(({ impact }) => impact === "serious" || impact === "critical")).toEqual([]);
      await page.close();
    }
  });

  test.each([wave, merge])("fits a phone: %s", async (link) => {
    const { page } = await open(link, { viewport: { width: 375, height: 800 } });
    expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    await page.close();
  });
});
