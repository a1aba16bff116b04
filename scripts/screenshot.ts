// Regenerates docs/images/report.png: the README's report in a real browser. Needs Chromium and the built command.

import { mkdtempSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heddle-screenshot-"));
try {
  const report = join(folder, "report.html");
  const run = spawnSync(
    process.execPath,
    [join(root, "dist/cli/main.js"), "compare", "resnet50", "--on", "systolic,arrayflex", "--html", report],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  if (run.status !== 0) throw new Error("the report could not be made");
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, colorScheme: "light" });
  await page.goto(`file://${report}`);
  // From the section on where the cycles go, as far as the first screen of the README can show.
  const top = (await page.locator("#cycles").boundingBox())?.y ?? 0;
  await page.screenshot({
    path: join(root, "docs/images/report.png"),
    fullPage: true,
    clip: { x: 0, y: top, width: 1200, height: 960 },
  });
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
