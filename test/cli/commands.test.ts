// What the commands print: shapes of JSON documents, tables, schema, conversions, completion.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { writeNpy } from "../../src/interop/npy.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { heddle } from "./heddle.ts";

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

const runSchema = z.object({
  version: z.literal(1),
  workload: z.string(),
  accelerator: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.string()])),
  seed: z.number(),
  objective: z.string(),
  layers: z.array(
    z.object({
      name: z.string(),
      operator: z.string(),
      M: z.number(),
      N: z.number(),
      K: z.number(),
      density: z.object({ A: z.number(), B: z.number() }),
      densitySource: z.object({ A: z.string(), B: z.string() }),
      mapping: z.string(),
      macs: z.object({ dense: z.number(), effectual: z.number() }),
      cycles: z.number(),
      seconds: z.number(),
      stack: z.record(z.string(), z.number()),
      energy: z.object({ total: z.number() }),
      check: z.string(),
    }),
  ),
  total: z.object({
    cycles: z.number(),
    seconds: z.number(),
    macs: z.object({ dense: z.number(), effectual: z.number() }),
    energy: z.number(),
    power: z.number(),
    area: z.number(),
    edp: z.number(),
  }),
  warnings: z.array(z.string()),
});
const runsSchema = z.object({ version: z.literal(1), runs: z.array(runSchema) });

async function runJson(...inputs: readonly string[]): Promise<z.infer<typeof runSchema>> {
  const { code, out, err } = await heddle("run", ...inputs, "--json");
  expect(code, err).toBe(0);
  return runSchema.parse(JSON.parse(out));
}

async function runsJson(...inputs: readonly string[]): Promise<readonly z.infer<typeof runSchema>[]> {
  const { code, out, err } = await heddle(...inputs, "--json");
  expect(code, err).toBe(0);
  return runsSchema.parse(JSON.parse(out)).runs;
}

describe("run", () => {
  test("prints the documented JSON", async () => {
    const run = await runJson("resnet18", "--on", "arrayflex");
    expect(run).toMatchObject({ workload: "resnet18", accelerator: "arrayflex", seed: 1, objective: "seconds" });
    expect(run.layers).toHaveLength(21);
    expect(run.parameters["bandwidth"]).toBe("unlimited");
    expect(run.total.cycles).toBe(run.layers.reduce((sum, layer) => sum + layer.cycles, 0));
    for (const layer of run.layers) {
      expect(Object.values(layer.stack).reduce((a, b) => a + b, 0)).toBeCloseTo(layer.cycles, 6);
    }
  });

  test("a lone tile takes 2R + C + T - 2 cycles", async () => {
    const run = await runJson("gemm:M=8,N=100,K=8", "--on", "systolic", "--set", "rows=8", "--set", "columns=8");
    expect(run.total.cycles).toBe(2 * 8 + 8 + 100 - 2);
  });

  test("takes values with prefixes and units", async () => {
    const { parameters } = await runJson(
      "gemm:M=4,N=4,K=4",
      "--on",
      "systolic",
      "--set",
      "clock=1.1GHz",
      "--set",
      "buffers.weights=512KiB",
      "--bandwidth",
      "256GB/s",
      "--set",
      "latency=100ns",
    );
    expect(parameters).toMatchObject({ clock: 1.1e9, "buffers.weights": 2 ** 19, bandwidth: 256e9, latency: 1e-7 });
  });

  test("settings for one machine win over settings for all, later ones over earlier ones", async () => {
    const [first, second] = await runsJson(
      "run",
      "gemm:M=4,N=4,K=4",
      "--on",
      "systolic,arrayflex",
      "--set",
      "arrayflex:rows=16",
      "--set",
      "rows=64",
      "--set",
      "rows=32",
    );
    expect([first?.parameters["rows"], second?.parameters["rows"]]).toEqual([32, 16]);
  });

  test("picks layers by name, pattern, number and range, and says so", async () => {
    const run = await runJson("resnet18", "--on", "systolic", "--layers", "fc,layer1.*,1-2");
    expect(run.layers.map(({ name }) => name)).toEqual([
      "conv1",
      "layer1.0.conv1",
      "layer1.0.conv2",
      "layer1.1.conv1",
      "layer1.1.conv2",
      "fc",
    ]);
    expect(run.warnings.join()).toContain("only 6 of 21 layers");
  });

  test("lays given densities over assumed ones", async () => {
    const run = await runJson("resnet18", "--on", "systolic", "--layers", "fc", "--density", "A=0.25,B=50%");
    expect(run.layers[0]).toMatchObject({
      density: { A: 0.25, B: 0.5 },
      densitySource: { A: "given", B: "given" },
      macs: { dense: 512_000, effectual: 64_000 },
    });
  });

  test("forces a mapping where a machine has it", async () => {
    const [rigid, flexible] = await runsJson(
      "run",
      "resnet18",
      "--on",
      "systolic,arrayflex",
      "--mapping",
      "k4",
      "--layers",
      "1-5",
    );
    expect(new Set(flexible?.layers.map(({ mapping }) => mapping))).toEqual(new Set(["k4"]));
    expect(new Set(rigid?.layers.map(({ mapping }) => mapping))).toEqual(new Set(["weight-stationary"]));
  });

  test("gives the same bytes for any number of threads", async () => {
    const inputs = ["run", "mobilenet-v2", "--on", "arrayflex", "--layers", "1-12", "--json"];
    const [one, three] = await Promise.all([heddle(...inputs, "--threads", "1"), heddle(...inputs, "--threads", "3")]);
    expect(three.err + String(three.code)).toBe(one.err + String(one.code));
    expect(three.out).toBe(one.out);
  });

  test("audits and checks when asked", async () => {
    const run = await runJson(
      "gemm:M=6,N=9,K=5",
      "--on",
      "systolic",
      "--set",
      "rows=4",
      "--set",
      "columns=4",
      "--check",
      "all",
      "--audit",
      "100",
    );
    expect(run.layers[0]?.check).toBe("exact");
    expect(run.layers[0]).toMatchObject({ name: "gemm" });
  });

  test("prints a table for a person, CSV for a program, and keeps remarks off standard output", async () => {
    const table = await heddle("run", "resnet18", "--on", "arrayflex", "--layers", "1-3");
    expect(table.out).toMatch(/^resnet18 on arrayflex\n/);
    expect(table.out).not.toContain("warning");
    expect(table.err).toMatch(/^warning: only 3 of 21 layers/);
    const csv = await heddle("run", "resnet18", "--on", "arrayflex", "--layers", "1-3", "--csv");
    expect(csv.out.trimEnd().split("\r\n")).toHaveLength(4);
    expect(csv.out).toMatch(/^workload,accelerator,/);
  });

  test("writes the report, the trace and the result as files", async () => {
    const { code, out, err } = await heddle(
      "run",
      "resnet18",
      "--on",
      "arrayflex",
      "--layers",
      "1-3",
      "--html",
      at("r.html"),
      "--trace",
      at("t.json"),
      "--json",
      "--output",
      at("r.json"),
    );
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toContain("r.html");
    expect(readFileSync(at("r.html"), "utf8")).toMatch(/<svg/);
    const trace = z
      .object({ traceEvents: z.array(z.looseObject({ ph: z.string(), tid: z.number() })) })
      .parse(JSON.parse(readFileSync(at("t.json"), "utf8")));
    const busy = trace.traceEvents.filter(({ ph, tid }) => ph === "X" && tid > 0);
    expect(busy.length).toBeGreaterThan(3);
    expect(runSchema.parse(JSON.parse(readFileSync(at("r.json"), "utf8"))).layers).toHaveLength(3);
  });

  test("reads machines, parameters and options from a file; flags win", async () => {
    writeFileSync(
      at("two.yaml"),
      "accelerators:\n  - accelerator: arrayflex\n    parameters: { rows: 64, clock: { k1: 1.7GHz }, depths: 1 }\n  - accelerator: systolic\n    parameters:\n      buffers.sums: 2MiB\nrun: { layers: 1-4, objective: edp, density: { A: 0.5 }, seed: 9 }\n",
    );
    const runs = await runsJson("run", "resnet18", "--config", at("two.yaml"), "--seed", "4");
    expect(
      runs.map(({ accelerator, seed, objective, layers }) => [accelerator, seed, objective, layers.length]),
    ).toEqual([
      ["arrayflex", 4, "edp", 4],
      ["systolic", 4, "edp", 4],
    ]);
    expect(runs[0]?.parameters).toMatchObject({ rows: 64, "clock.k1": 1.7e9, depths: "1" });
    expect(runs[1]?.parameters).toMatchObject({ rows: 128, "buffers.sums": 2 ** 21 });
    expect(runs[0]?.layers[0]?.density).toEqual({ A: 0.5, B: 1 });
    const chosen = await runJson("resnet18", "--config", at("two.yaml"), "--on", "systolic", "--set", "rows=8");
    expect(chosen).toMatchObject({ accelerator: "systolic", parameters: { rows: 8, "buffers.sums": 2 ** 21 } });
  });
});

describe("compare", () => {
  test("gives every machine the first one's resources and says what changed", async () => {
    const { code, out, err } = await heddle(
      "compare",
      "resnet18",
      "--on",
      "systolic,tpu-v1",
      "--layers",
      "1-3",
      "--json",
    );
    expect(code, err).toBe(0);
    const [first, second] = runsSchema.parse(JSON.parse(out)).runs;
    for (const path of ["rows", "columns", "operand", "accumulator", "bandwidth", "buffers.weights"]) {
      expect(second?.parameters[path]).toBe(first?.parameters[path]);
    }
    expect(second?.parameters["clock"]).toBe(700e6);
    expect(err).toMatch(/^equal resources: tpu-v1 takes from systolic rows 128 \(not 256\)/);
    expect(err).toMatch(/not equal: tpu-v1 keeps buffers\.unified 24 MiB/);
    expect(out).toContain('"ratios"');
  });

  test("leaves what was set for a machine, and everything with --as-published", async () => {
    const set = await runsJson(
      "compare",
      "resnet18",
      "--on",
      "systolic,tpu-v1",
      "--layers",
      "1",
      "--set",
      "tpu-v1:rows=256",
      "--set",
      "columns=64",
    );
    expect(set.map(({ parameters }) => [parameters["rows"], parameters["columns"]])).toEqual([
      [128, 64],
      [256, 64],
    ]);
    const published = await runsJson(
      "compare",
      "resnet18",
      "--on",
      "systolic,tpu-v1",
      "--layers",
      "1",
      "--as-published",
    );
    expect(published.map(({ parameters }) => parameters["rows"])).toEqual([128, 256]);
  });

  test("prints machines side by side", async () => {
    const { out } = await heddle("compare", "resnet18", "--on", "systolic,arrayflex", "--layers", "1-3");
    expect(out).toMatch(/^resnet18 on systolic, arrayflex\n/);
    expect(out).toContain("ratios are to systolic");
  });
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
        technologies: z.array(z.object({ name: z.string(), nodeNanometres: z.number() })).min(5),
      })
      .parse(JSON.parse((await heddle("list", "--json")).out));
    expect(all.workloads.find(({ name }) => name === "resnet50")).toMatchObject({
      computeLayers: 54,
      macs: 4_089_184_256,
    });
    const { out } = await heddle("list", "workloads");
    expect(out).toMatch(/resnet50 +ResNet-50 v1\.5 +54 +4\.09 GMAC/);
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
  for (const command of [[], ["list"], ["show"], ["run"], ["compare"], ["reproduce"], ["convert"], ["completion"]]) {
    const { code, out } = await heddle(...command, "--help");
    expect(code).toBe(0);
    expect(out).toMatch(/^USAGE/);
  }
  expect((await heddle("--version")).out).toMatch(/^\d+\.\d+\.\d+/);
});
