// The page gives what the command line gives, byte for byte: for several links the JSON that it saves against the output
// of the very command that it shows.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { shell } from "./command-line.ts";
import type { OwnFile } from "./files.ts";
import { matrix, model } from "./files.ts";
import { patience, savedBy, settled, studioTests } from "./studio.ts";

const scratch = mkdtempSync(join(tmpdir(), "heddle-json-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const studio = studioTests();

const links: readonly { readonly what: string; readonly link: string; readonly files?: readonly OwnFile[] }[] = [
  {
    what: "a grid with its parameters changed",
    link: "w=gemm:M=70,N=50,K=90&m=systolic!rows=16!bandwidth=1e9&o=energy",
  },
  {
    what: "sparse products of random matrices, with a seed",
    link: "w=gemm:M=64,N=48,K=80&m=flexagon&m=gamma&m=sigma-like&d=A=0.3,B=0.2&s=7",
  },
  {
    what: "a loop nest searched for a few moves",
    link: "w=conv:C=8,H=10,K=8,R=3,pad=1&m=flexnn!search=100!search.each=100",
  },
  {
    what: "equal resources, and some layers",
    link: "w=resnet18&m=tpu-v1&m=systolic&m=arrayflex@k2&r=equal&l=1-6&o=edp",
  },
  {
    what: "one machine twice, with unlimited bandwidth",
    link: "w=alexnet&m=systolic&m=systolic!rows=32!columns=32!bandwidth=unlimited",
  },
  { what: "an ONNX file", link: "w=small.onnx&m=systolic&m=flexnn!search=50!search.each=50", files: [model] },
  { what: "an ONNX file with densities of its own", link: "w=small.onnx&m=flexagon&d=B=0.5&l=classes", files: [model] },
  {
    what: "a product of two matrices",
    link: "w=left.mtx,right.mtx&m=flexagon&m=gamma&m=sparch",
    files: [matrix("left.mtx", 96), matrix("right.mtx", 96)],
  },
];

for (const { what, link, files = [] } of links) {
  studio(`JSON and CSV equal the command line's: ${what}`, async ({ open }) => {
    // Without its files the link says what is missing; they come before anything is run that needs them.
    const page = await open(files.length === 0 ? `#/bench?${link}` : "");
    if (files.length > 0) {
      await page.locator("input[type=file]").setInputFiles([...files]);
      await page.evaluate(`location.hash = ${JSON.stringify(`#/bench?${link}`)}`);
      await page.getByRole("button", { name: "Command line" }).click();
      await page
        .locator(".command pre")
        .first()
        .filter({ hasText: files[0]?.name ?? "" })
        .waitFor();
      await expect.poll(() => page.locator(".results").getAttribute("aria-busy"), { timeout: patience }).toBe("false");
      await page.locator(".stale-note").waitFor({ state: "detached" });
    } else {
      await settled(page);
      await page.getByRole("button", { name: "Command line" }).click();
    }
    const shown = await page.locator(".command pre").allInnerTexts();
    const [line = "", config] = shown;
    const folder = join(scratch, what.replaceAll(/\W+/g, "-"));
    mkdirSync(folder);
    for (const { name, buffer } of files) writeFileSync(join(folder, name), buffer);
    if (config !== undefined) writeFileSync(join(folder, "machines.yaml"), config);
    for (const [button, flag] of [
      ["Save JSON", "--json"],
      ["Save CSV", "--csv"],
    ] as const) {
      const { code, out, err } = shell(`${line} ${flag}`, folder);
      expect(err).not.toContain("heddle:");
      expect(code).toBe(0);
      expect(out.length).toBeGreaterThan(200);
      const { content } = await savedBy(page, page.getByRole("button", { name: button }));
      expect(content.toString()).toBe(out);
    }
  });
}
