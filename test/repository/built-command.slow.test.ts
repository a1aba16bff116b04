// The built command as users have it: the bundle must find its worker, its plotting and its ONNX packages, and give
// the same results as the sources. Needs dist/ (`npm run build`).

import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { writeNpy } from "../../src/interop/npy.ts";
import { generate } from "../../src/tensor/generate.ts";
import { heddle } from "../cli/heddle.ts";
import { floats, buildModel } from "../support/onnx-models.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heddle-built-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function built(...args: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8", cwd: folder });
  return { code: status, out: stdout, err: stderr };
}

test("the bundle gives what the sources give, on any number of threads", async () => {
  const args = ["run", "squeezenet1.0", "--on", "arrayflex", "--bandwidth", "64GB/s", "--check", "sample", "--json"];
  const sources = await heddle(...args);
  for (const threads of ["1", "2"]) {
    const { code, out, err } = built(...args, "--threads", threads);
    expect(code, err).toBe(0);
    expect(out).toBe(sources.out);
  }
});

test("the report is drawn, the trace and the configuration are read", () => {
  writeFileSync(join(folder, "edge.yaml"), "accelerator: systolic\nparameters:\n  rows: 16\n  columns: 16\n");
  const { code, err } = built(
    "run",
    "gemm:M=64,N=64,K=64",
    "--config",
    "edge.yaml",
    "--html",
    "r.html",
    "--trace",
    "t.json",
  );
  expect(code, err).toBe(0);
  expect(readFileSync(join(folder, "r.html"), "utf8")).toContain("<svg");
  expect(JSON.parse(readFileSync(join(folder, "t.json"), "utf8"))).toHaveProperty("traceEvents");
});

test("a model is executed on an input, densities are measured", () => {
  writeFileSync(
    join(folder, "model.onnx"),
    buildModel({
      inputs: { x: [1, 2, 6, 6] },
      initialisers: { w: floats([3, 2, 3, 3], [1, 0, -2]) },
      nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"] }],
      outputs: ["y"],
    }),
  );
  writeFileSync(
    join(folder, "x.npy"),
    writeNpy(generate({ kind: "uniform", density: 0.5 }, "float32", [1, 2, 6, 6], 1)),
  );
  const { code, out, err } = built("run", "model.onnx", "--input", "x.npy", "--on", "systolic", "--json");
  expect(code, err).toBe(0);
  const { layers } = JSON.parse(out);
  expect(layers[0].densitySource).toEqual({ A: "measured", B: "measured" });
  expect(layers[0].macs.effectualSource).toBe("exact");
});

test("reproduce, show, list, convert and completion work", () => {
  writeFileSync(join(folder, "w.npy"), writeNpy(generate({ kind: "nm", n: 2, m: 4 }, "int8", [8, 16], 1)));
  for (const args of [
    ["reproduce", "arrayflex", "--json"],
    ["show", "tpu-v1", "--schema"],
    ["list", "--json"],
    ["convert", "w.npy", "--format", "csr"],
    ["convert", "resnet18", "topology.csv"],
    ["completion", "bash"],
  ]) {
    const { code, err } = built(...args);
    expect(code, `${args.join(" ")}: ${err}`).toBe(0);
  }
});

test("the command is ASCII, which is held at one byte a character", () => {
  for (const file of globSync("*.js", { cwd: dirname(main) })) {
    expect(
      readFileSync(join(dirname(main), file)).every((byte) => byte < 0x80),
      file,
    ).toBe(true);
  }
});

test("what every run needs is kept compiled, functions included, and taken again", () => {
  const cache = join(folder, "cache");
  const args = ["run", "squeezenet1.0", "--on", "systolic"];
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const run = (...more: readonly string[]) =>
    spawnSync(process.execPath, [main, ...args, ...more], { encoding: "utf8", env });
  const kept = () =>
    globSync("*/*", { cwd: cache })
      .map((file) => `${file} ${statSync(join(cache, file)).size} ${statSync(join(cache, file)).mtimeMs}`)
      .toSorted();
  const first = run();
  const [core = ""] = globSync("core-*.js", { cwd: dirname(main) });
  const sizes = kept().map((line) => Number(line.split(" ")[1]));
  // Without its functions the compiled core is smaller than its source.
  expect(Math.max(...sizes)).toBeGreaterThan(2 * statSync(join(dirname(main), core)).size);
  const before = kept();
  expect(run().stdout).toBe(first.stdout);
  expect(kept()).toEqual(before);
  // Threads leave it alone.
  run("--threads", "2");
  expect(kept()).toEqual(expect.arrayContaining(before));
});
