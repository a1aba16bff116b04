// The other commands: list, show, reproduce, convert, completion, help.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { writeNpy } from "../../src/interop/npy.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { heddle } from "./heddle.ts";
import { runJson } from "./results.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-cli-"));
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  writeFileSync(
    at("weights.npy"),
    writeNpy(
      tensor(
        "int8",
        [4, 8],
        Array.from({ length: 32 }, (_, i) => (i % 4 === 0 ? i + 1 : 0)),
      ),
    ),
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("list and show", () => {
  test("list everything, or one kind, as text and JSON", async () => {
    const all = z
      .object({
        version: z.literal(1),
        accelerators: z.array(z.object({ name: z.string(), mappings: z.array(z.string()).min(1) })).min(4),
        workloads: z
          .array(z.object({ name: z.string(), computeLayers: z.number().min(1), macs: z.number().min(1e6) }))
          .min(19),
        workloadForms: z.array(z.object({ form: z.string(), title: z.string() })).min(5),
        technologies: z.array(z.object({ name: z.string(), nodeNanometres: z.number() })).min(5),
      })
      .parse(JSON.parse((await heddle("list", "--json")).out));
    expect(all.workloads.find(({ name }) => name === "resnet50")).toMatchObject({
      computeLayers: 54,
      macs: 4_089_184_256,
    });
    const { out } = await heddle("list", "workloads");
    expect(out).toMatch(/resnet50 +ResNet-50 v1\.5 +54 +4\.09 GMAC/);
    expect(out).toMatch(/flexagon:mobilebert +MobileBERT, pruned, as recorded +316 +142 MMAC/);
    expect(out).toMatch(/^A\.mtx,B\.mtx +product of two sparse matrices/m);
    expect(out).not.toContain("arrayflex");
  });

  test.each(["systolic", "fixed-pipeline", "arrayflex", "tpu-v1"])(
    "shows %s with its paths, parameters and sources",
    async (name) => {
      const { out, code } = await heddle("show", name);
      expect(code).toBe(0);
      for (const line of out.split("\n")) expect([...line].length).toBeLessThanOrEqual(120);
      expect(out).toMatch(/── A ─►/);
      expect(out).toMatch(/◄─ C ──/);
      const page = z
        .object({
          parameters: z.array(
            z.object({
              path: z.string(),
              value: z.union([z.number(), z.string()]),
              source: z.object({ strength: z.string(), text: z.string() }),
            }),
          ),
          paths: z.object({ A: z.string(), B: z.string(), C: z.string() }),
          area: z.number(),
          areaComponents: z.record(z.string(), z.number()),
        })
        .parse(JSON.parse((await heddle("show", name, "--json")).out));
      for (const { path } of page.parameters) expect(out).toContain(path);
      expect(Object.values(page.areaComponents).reduce((a, b) => a + b, 0)).toBeCloseTo(page.area, 9);
    },
  );

  test("shows a changed machine beside its defaults", async () => {
    const { out } = await heddle("show", "systolic", "--set", "rows=64", "--set", "bandwidth=34GB/s");
    expect(out).toMatch(/rows +64 \(default 128\) +yes/);
    expect(out).toContain("HBM2, 34.0 GB/s");
  });

  test("exports a JSON schema that accepts a good file and refuses a bad one", async () => {
    const schema: unknown = JSON.parse((await heddle("show", "arrayflex", "--schema")).out);
    const validator = z.fromJSONSchema(z.record(z.string(), z.any()).parse(schema));
    const good = {
      accelerator: "arrayflex",
      parameters: { rows: 64, clock: { k1: "1.7GHz" }, "buffers.weights": "512KiB", bandwidth: "unlimited", depths: 1 },
      run: { objective: "edp" },
    };
    expect(validator.safeParse(good).success).toBe(true);
    for (const bad of [
      { ...good, accelerator: "systolic" },
      { ...good, parameters: { rwos: 1 } },
      { ...good, parameters: { rows: 0 } },
      { ...good, parameters: { clock: { k1: "1GB" } } },
    ]) {
      expect(validator.safeParse(bad).success).toBe(false);
    }
  });
});

describe("reproduce", () => {
  test("prints the claims as a table and as the documented JSON", async () => {
    const claim = z.object({
      id: z.string(),
      accelerator: z.string(),
      workload: z.string(),
      metric: z.string(),
      published: z.union([z.number(), z.array(z.number()).length(2)]),
      ours: z.number(),
      error: z.number(),
      tolerance: z.number(),
      strength: z.string(),
      fitted: z.boolean(),
      holds: z.boolean(),
    });
    const { claims } = z
      .object({ claims: z.array(claim).min(10) })
      .parse(JSON.parse((await heddle("reproduce", "arrayflex", "--json")).out));
    for (const { error, tolerance, holds } of claims) expect(holds).toBe(Math.abs(error) <= tolerance + 1e-9);
    expect((await heddle("reproduce")).out).toMatch(/\d+ of \d+ claims hold/);
  });

  test("says when a machine states no claim", async () => {
    const { code, err } = await heddle("reproduce", "systolic");
    expect({ code, err }).toEqual({ code: 0, err: "note: systolic states no claim\n" });
  });
});

describe("convert", () => {
  test("prints the exact size of a tensor in every format", async () => {
    const sizes = z
      .object({
        elements: z.number(),
        nonZeros: z.number(),
        density: z.number(),
        formats: z.array(z.object({ format: z.string(), bits: z.number().optional() })),
      })
      .parse(JSON.parse((await heddle("convert", at("weights.npy"), "--json")).out));
    expect(sizes).toMatchObject({ elements: 32, nonZeros: 8, density: 0.25 });
    const bits = new Map(sizes.formats.map(({ format, bits }) => [format, bits]));
    expect(bits.get("dense")).toBe(32 * 8);
    expect(bits.get("bitmap")).toBe(32 + 8 * 8);
    expect(bits.get("run-length(4)")).toBe(8 * (4 + 8));
    expect((await heddle("convert", at("weights.npy"))).out).toContain("density 0.2500");
  });

  test("writes a tensor through a format", async () => {
    const { code } = await heddle("convert", at("weights.npy"), at("back.npy"), "--format", "csr");
    expect(code).toBe(0);
    expect(readFileSync(at("back.npy"))).toEqual(readFileSync(at("weights.npy")));
  });

  test("writes a topology that runs to the same cycles", async () => {
    expect((await heddle("convert", "vgg16", at("vgg16.csv"))).code).toBe(0);
    const [own, read] = await Promise.all([
      runJson("vgg16", "--on", "systolic", "--check", "off"),
      runJson(at("vgg16.csv"), "--on", "systolic", "--check", "off"),
    ]);
    expect(read.layers.map(({ cycles }) => cycles)).toEqual(own.layers.map(({ cycles }) => cycles));
  });

  test("prints a network as JSON", async () => {
    const network = z
      .object({ name: z.string(), layers: z.array(z.object({ kind: z.enum(["compute", "shape"]) })) })
      .parse(JSON.parse((await heddle("convert", "resnet18", "--to", "json")).out));
    expect(network.layers.filter(({ kind }) => kind === "compute")).toHaveLength(21);
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("prints a script for %s that asks heddle", async (shell) => {
    const { code, out } = await heddle("completion", shell);
    expect(code).toBe(0);
    expect(out).toContain("heddle __complete");
  });

  const complete = async (...words: readonly string[]): Promise<readonly string[]> =>
    (await heddle("__complete", ...words)).out.trimEnd().split("\n");

  test("proposes commands, flags, names, lists and parameters", async () => {
    expect(await complete("re")).toEqual(["reproduce"]);
    expect(await complete("run", "resnet3")).toEqual(["resnet34"]);
    expect(await complete("run", "resnet34", "--on", "arr")).toEqual(["arrayflex"]);
    expect(await complete("run", "resnet34", "--on", "systolic,tp")).toEqual(["systolic,tpu-v1"]);
    expect(await complete("run", "resnet34", "--obj")).toEqual(["--objective"]);
    expect(await complete("run", "resnet34", "--objective", "e")).toEqual(["energy", "edp"]);
    expect(await complete("show", "systolic", "--set", "dataf")).toEqual(["dataflow="]);
    expect(await complete("show", "systolic", "--set", "dataflow=o")).toEqual(["dataflow=output-stationary"]);
    expect(await complete("nonsense", "x")).toEqual([""]);
  });
});

test("--help and --version print on every command", async () => {
  const commands = ["list", "show", "run", "compare", "reproduce", "scalesim", "convert", "studio", "completion"];
  for (const command of [[], ...commands.map((name) => [name])]) {
    const { code, out } = await heddle(...command, "--help");
    expect(code).toBe(0);
    expect(out).toMatch(/^USAGE/);
  }
  expect((await heddle("--version")).out).toMatch(/^\d+\.\d+\.\d+/);
});
