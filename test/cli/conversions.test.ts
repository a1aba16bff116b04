// `--conversions`: changes of format between the layers of sparse networks, from the command line.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { heddle } from "./heddle.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-conversions-"));
const at = (name: string): string => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const path = z.object({ conversions: z.number(), cycles: z.number(), seconds: z.number(), energy: z.number() });
const schema = z.object({
  layers: z.array(z.object({ mapping: z.string(), cycles: z.number(), conversion: z.object({}).optional() })),
  total: z.object({ cycles: z.number() }),
  conversions: z.object({
    counted: z.boolean(),
    operand: z.enum(["A", "B"]),
    conversions: z.number(),
    elements: z.number(),
    cycles: z.number(),
    paths: z.object({ layerByLayer: path, best: path }),
  }),
});

/** Six small layers of MobileBERT. */
const small = ["run", "flexagon:mobilebert", "--layers", "2-7", "--on", "flexagon-simulated"];

async function json(...inputs: readonly string[]): Promise<z.infer<typeof schema>> {
  const { code, out, err } = await heddle(...small, ...inputs, "--json");
  expect(code, err).toBe(0);
  return schema.parse(JSON.parse(out));
}

test("ignored by default, counted when asked, and the same from a configuration file", async () => {
  const ignored = await json();
  const counted = await json("--conversions", "count");
  expect(ignored.conversions.counted).toBe(false);
  expect(ignored).toEqual(await json("--conversions", "ignore"));
  expect(counted.conversions.counted).toBe(true);
  expect(counted.conversions.paths).toEqual(ignored.conversions.paths);
  expect(counted.total.cycles).toBe(counted.conversions.paths.best.cycles);
  writeFileSync(at("run.yaml"), "accelerator: flexagon-simulated\nrun:\n  conversions: count\n");
  expect(await json("--config", at("run.yaml"))).toEqual(counted);
});

test("layers left out between two leave nothing to convert", async () => {
  const inner = ["--mapping", "outer-m"];
  expect((await json(...inner)).conversions.conversions).toBe(5);
  const { code, out } = await heddle(...small.with(3, "2,4,5,7"), ...inner, "--json");
  expect(code).toBe(0);
  expect(schema.parse(JSON.parse(out)).conversions.conversions).toBe(1);
});

test("the terminal and the report show where", async () => {
  const { code, out } = await heddle(...small, "--mapping", "outer-m", "--html", at("report.html"));
  expect(code).toBe(0);
  expect(out).toContain("dataflow    OOOOOO\n");
  expect(out).toContain("converted   ·xxxxx\n");
  expect(readFileSync(at("report.html"), "utf8")).toContain("Dataflows and formats between layers");
});

test("bad words are refused by flag and by file", async () => {
  const flag = await heddle(...small, "--conversions", "counted");
  expect(flag.code).toBe(2);
  expect(flag.err).toMatch(/--conversions.*ignore, count/s);
  writeFileSync(at("bad.yaml"), "accelerator: flexagon\nrun:\n  conversions: always\n");
  const file = await heddle("run", "flexagon:alexnet", "--config", at("bad.yaml"));
  expect(file.code).toBe(2);
  expect(file.err).toContain("bad.yaml:3:");
  const price = await heddle(...small, "--set", "conversion.cyclesPerElement=-1");
  expect(price.code).toBe(2);
  expect(price.err).toContain("conversion.cyclesPerElement");
});
