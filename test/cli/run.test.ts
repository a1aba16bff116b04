// `heddle run` and `heddle compare`: JSON, tables, CSV, files, configuration, equal resources.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { heddle } from "./heddle.ts";
import { runJson, runSchema, runsJson, runsSchema } from "./results.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-run-"));
const at = (name: string): string => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

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
    // Progress is shown when a run takes long enough: what it says depends on the machine.
    const said = (text: string): string =>
      text
        .split("\n")
        .filter((line) => !line.includes(": layer "))
        .join("\n");
    expect(said(three.err) + String(three.code)).toBe(said(one.err) + String(one.code));
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
    expect(run.layers[0]).toMatchObject({ name: "gemm", audit: { tiles: 4, of: 4, differences: [] } });
  });

  test("audits a share of the batches of a sparse product, whatever the number of threads", async () => {
    const inputs = ["gemm:M=40,N=30,K=200", "--density", "0.3", "--on", "flexagon-simulated", "--audit", "10"];
    const [one, two] = await Promise.all(
      ["1", "2"].map((threads) => heddle("run", ...inputs, "--mapping", "gustavson-m", "--threads", threads)),
    );
    expect(two?.out).toBe(one?.out);
    expect(one?.out).toMatch(
      /flexagon-simulated audited: \d+ of [1-9]\d+ tiles stepped for [\d,]+ cycles, no difference/,
    );
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

  test("gives an array of another shape as many multipliers, near to a square", async () => {
    const { out, err, code } = await heddle(
      "compare",
      "gemm:M=64,N=64,K=64",
      "--on",
      "flexagon,tpu-v1",
      "--set",
      "multipliers=128",
      "--density",
      "A=0.5,B=0.5",
      "--json",
    );
    expect(code, err).toBe(0);
    const [, second] = runsSchema.parse(JSON.parse(out)).runs;
    expect([second?.parameters["rows"], second?.parameters["columns"]]).toEqual([16, 8]);
    expect(err).toContain("tpu-v1 takes from flexagon");
    expect(err).toContain("rows 16 (not 256), columns 8 (not 256)");
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
