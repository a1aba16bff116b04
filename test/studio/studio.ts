// The studio in a real browser, for tests: its build behind its own server, pages of which every complaint and every
// request is kept, and a picture of what a failing test saw.

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { nameFiles } from "../../src/cli/studio/named-files.ts";
import { startServer } from "../../src/cli/studio/server.ts";
import type { RunningServer } from "../../src/cli/studio/server.ts";
import { readSite } from "../../src/cli/studio/site.ts";
import { absent, launch } from "./chromium.ts";

/** Milliseconds that a condition may take to come true on a machine that does other things too. */
export const patience = 60_000;

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** JavaScript that runs before the page's own. */
  readonly first?: string;
}

export interface Studio {
  /** Where the server answers, with a slash at the end. */
  readonly address: string;
  /** The studio at this fragment, such as `#/claims`, in a window of its own. */
  readonly open: (fragment?: string, options?: PageOptions) => Promise<Page>;
  /** Errors and warnings of the pages, and requests that failed or went to another host. Must be empty at the end. */
  readonly complaints: string[];
}

/**
 * Serves the studio and a browser to the tests of the calling file; `paths` are files that the command line would name.
 * The answer declares a test, which fails by a complaint of its pages too.
 */
export function studioTests(
  paths: () => readonly string[] = () => [],
): (title: string, body: (studio: Studio) => Promise<void>, timeout?: number) => void {
  let browser: Browser | undefined;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    if (absent !== "") return;
    server = await startServer(readSite(inject("studioFolder")), nameFiles(paths()), 0);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return (title, body, timeout = 2 * patience) => {
    test.skipIf(absent !== "")(
      `${title}${absent}`,
      async ({ annotate }) => {
        if (browser === undefined || server === undefined) throw new Error("the browser did not start");
        const { address } = server;
        const contexts: BrowserContext[] = [];
        const complaints: string[] = [];
        const open: Studio["open"] = async (
          fragment = "",
          { width = 1400, height = 900, dark = false, first } = {},
        ) => {
          if (browser === undefined) throw new Error("the browser is gone");
          const context = await browser.newContext({
            viewport: { width, height },
            colorScheme: dark ? "dark" : "light",
            permissions: ["clipboard-read", "clipboard-write"],
          });
          context.setDefaultTimeout(patience);
          contexts.push(context);
          watch(context, address, complaints);
          if (first !== undefined) await context.addInitScript(first);
          const page = await context.newPage();
          await page.goto(`${address}${fragment}`);
          return page;
        };
        try {
          await body({ address, open, complaints });
          expect(complaints).toEqual([]);
        } catch (error) {
          for (const file of await pictures(contexts)) await annotate(`what it saw: ${file}`);
          if (complaints.length > 0) await annotate(`the pages said: ${complaints.join("\n")}`);
          throw error;
        } finally {
          for (const context of contexts) await context.close();
        }
      },
      timeout,
    );
  };
}

/** Keeps what pages complain of and what they ask of others. */
function watch(context: BrowserContext, address: string, complaints: string[]): void {
  context.on("weberror", (error) => complaints.push(`error: ${error.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  context.on("request", (request) => {
    if (!request.url().startsWith(address) && !/^(?:data|blob):/.test(request.url())) {
      complaints.push(`asks for ${request.url()}`);
    }
  });
  context.on("requestfailed", (request) => {
    // A page that is left and a worker that is ended ask for nothing more.
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") complaints.push(`failed: ${request.url()} ${reason}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
}

/** Pictures of the pages that are open, and where they lie. */
async function pictures(contexts: readonly BrowserContext[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const page of contexts.flatMap((context) => context.pages())) {
    const file = join(mkdtempSync(join(tmpdir(), "heddle-failed-")), "page.png");
    await page.screenshot({ path: file, fullPage: true });
    files.push(`${file} (${page.url()})`);
  }
  return files;
}

/** Waits until there are results and nothing runs. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.status[data-busy="no"]').filter({ hasText: " in " }).waitFor();
}

const shownRuns = `performance.getEntriesByName("heddle:shown").length`;

/** Does something that runs the machines anew, and waits until the new results are shown. */
export async function runAgain(page: Page, act: () => Promise<void>): Promise<void> {
  const before = await look<number>(page, shownRuns);
  await act();
  await expect.poll(() => look<number>(page, shownRuns), { timeout: patience }).toBeGreaterThan(before);
  await settled(page);
}

/** The part of the address that holds the state. */
export const fragment = (page: Page): string => new URL(page.url()).hash;

/** Presses a button and reads the file that it saves. */
export async function savedBy(
  page: Page,
  button: Locator,
): Promise<{ readonly name: string; readonly content: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
}

/** Values of a page by an expression of JavaScript, since tests know nothing of the types of a browser. */
export const look = <Value>(page: Page, expression: string): Promise<Value> => page.evaluate<Value>(expression);
