// The claims view in a real browser: the same counts and rows as `heddle reproduce`.

import { tmpdir } from "node:os";
import { expect } from "vitest";
import { claimCounts } from "../../src/report/claims.ts";
import { reproduce } from "../../src/workbench/reproduce.ts";
import { shell } from "./command-line.ts";
import { patience, savedBy, studioTests } from "./studio.ts";

const studio = studioTests();

studio("counts, rows and figures are those of heddle reproduce", async ({ open }) => {
  const page = await open("#/claims");
  const section = page.getByRole("region", { name: "Claims of arrayflex" }).first();
  await section.locator("tbody tr").first().waitFor();
  const rows = reproduce(["arrayflex"]);
  const { counted, holding } = claimCounts(rows);
  const said = await section.innerText();
  expect(said).toContain(`${holding} of ${counted} claims`);
  const { out } = shell("heddle reproduce arrayflex", tmpdir());
  expect(out).toContain(`${holding} of ${counted} claims`);
  expect(await section.locator("tbody tr").count()).toBe(rows.length);
  const { content } = await savedBy(page, section.getByRole("button", { name: "Save Claims of arrayflex as CSV" }));
  const lines = content.toString().trimEnd().split(/\r?\n/);
  for (const { id, ours } of rows) {
    expect(lines.some((line) => line.includes(id) && line.includes(String(ours)))).toBe(true);
  }
});

studio("misses and fitted claims are shown, not counted away; filters stand in the address", async ({ open }) => {
  const page = await open("#/claims?claims.machine=flexagon-simulated");
  const section = page.getByRole("region", { name: "Claims of flexagon-simulated" }).first();
  const verdicts = section.locator("tbody .verdict");
  await verdicts.first().waitFor();
  const all = await verdicts.allInnerTexts();
  expect(all.some((verdict) => verdict.startsWith("fitted"))).toBe(true);
  expect(all).toContain("misses");
  await page.getByLabel("show").selectOption("misses");
  await expect
    .poll(() => verdicts.allInnerTexts(), { timeout: patience })
    .toEqual(all.filter((each) => each === "misses"));
  await page.reload();
  await expect
    .poll(() => verdicts.allInnerTexts(), { timeout: patience })
    .toEqual(all.filter((each) => each === "misses"));
});
