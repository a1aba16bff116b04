// Regenerates docs/images/studio-*.png: the studio's views in a real browser, as the guide and the README show them.
// Needs Chromium and the built command. Names of pictures as arguments make only those.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import type { Page } from "playwright-core";
import { startServer } from "../src/cli/studio/server.ts";
import { readSite } from "../src/cli/studio/site.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Picture {
  readonly name: string;
  /** Fragment of the address: a permalink. */
  readonly link: string;
  readonly height: number;
  readonly dark?: boolean;
  /** Shown at the top of the picture, instead of the page's own top. */
  readonly from?: string;
  /** What must be there before it is taken. */
  readonly ready: string;
}

const machine = "#/machine?w=mobilenet-v1&m=arrayflex";
const pictures: readonly Picture[] = [
  { name: "bench", link: "#/", height: 1180, ready: ".picture svg" },
  { name: "layers", link: "#/", height: 900, from: "figure:has-text('Who wins')", ready: ".picture svg" },
  { name: "machine", link: `${machine}!rows=64!columns=64`, height: 900, ready: ".diagram" },
  {
    name: "tile",
    link: "#/tile?w=gemm%3AM%3D8%2CN%3D16%2CK%3D8&m=systolic!rows=8!columns=8&d=A%3D0.6&tile.cycle=14",
    height: 1340,
    ready: ".picture svg",
  },
  { name: "claims", link: "#/claims?w=mobilenet-v1&m=systolic&claims.machine=arrayflex", height: 900, ready: "table" },
];

async function take(page: Page, address: string, picture: Picture): Promise<void> {
  await page.emulateMedia({ colorScheme: picture.dark === true ? "dark" : "light" });
  await page.goto(`${address}${picture.link}`);
  // A link within the page changes its fragment alone.
  await page.reload();
  await page.locator(picture.ready).first().waitFor();
  await page.locator(".status[data-busy=no]").waitFor();
  await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
  const top = picture.from === undefined ? 0 : ((await page.locator(picture.from).first().boundingBox())?.y ?? 0) - 12;
  await page.screenshot({
    path: join(root, `docs/images/studio-${picture.name}.png`),
    fullPage: true,
    clip: { x: 0, y: top, width: 1280, height: picture.height },
  });
}

const wanted = process.argv.slice(2);
const server = await startServer(readSite(join(root, "dist/studio")), [], 0);
const browser = await chromium.launch({
  executablePath: process.env["HEDDLE_CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  for (const picture of pictures) {
    if (wanted.length > 0 && !wanted.includes(picture.name)) continue;
    await take(page, server.address, picture);
    console.log(`docs/images/studio-${picture.name}.png`);
  }
} finally {
  await browser.close();
  await server.close();
}
