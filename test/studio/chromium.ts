// The browser of the tests: HEDDLE_CHROMIUM names it, Debian's lies where it is looked for otherwise.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const executable = process.env["HEDDLE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Why there is no browser, for the names of tests that are skipped; empty where there is one. */
export const absent = existsSync(executable)
  ? ""
  : `: SKIPPED, no browser at ${executable} (HEDDLE_CHROMIUM names one)`;

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
