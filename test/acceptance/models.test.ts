// Real models on real machines, as a user would run them: counts, cycles equal to the built-in network, measured
// densities, and the claims of the ArrayFlex paper.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { executeOnnx } from "../../src/interop/onnx/execute.ts";
import { importOnnx } from "../../src/interop/onnx/import.ts";
import { readOnnx } from "../../src/interop/onnx/read.ts";
import { runJson } from "../../src/report/json.ts";
import type { Network } from "../../src/workload/layer.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { reproduce } from "../../src/workbench/reproduce.ts";
import type { RunRequest } from "../../src/workbench/run.ts";
import { runWorkload } from "../../src/workbench/run.ts";
import { hasShared, needs, sharedPath } from "./shared.ts";

const models = "data/onnx";
const request = (accelerator: string, more: Partial<RunRequest> = {}): RunRequest => ({
  accelerator,
  set: {},
  objective: "seconds",
  seed: 1,
  check: "sample",
  auditPercent: 0,
  threads: 1,
  ...more,
});

function load(file: string): Network {
  const path = sharedPath(`${models}/${file}`);
  return importOnnx(readOnnx(readFileSync(path), { file: path }));
}

describe.skipIf(!hasShared(models))(`ONNX models${needs(models)}`, () => {
  test("light_resnet50 has 54 compute layers, 4.089 GMAC, and the built-in resnet50's cycles layer by layer", async () => {
    const file = await runWorkload(load("light_resnet50.onnx"), request("arrayflex"));
    const builtin = await runWorkload(builtinNetwork("resnet50"), request("arrayflex"));
    expect(file.layers).toHaveLength(54);
    expect(Math.abs(file.total.macs.dense / 4.089e9 - 1)).toBeLessThan(0.001);
    expect(file.layers.map(({ cycles, mapping }) => ({ cycles, mapping }))).toEqual(
      builtin.layers.map(({ cycles, mapping }) => ({ cycles, mapping })),
    );
  });

  const files = hasShared(models) ? readdirSync(sharedPath(models)).filter((name) => name.endsWith(".onnx")) : [];
  test.each(files)("%s runs on systolic and arrayflex", async (file) => {
    for (const accelerator of ["systolic", "arrayflex"]) {
      const run = await runWorkload(load(file), request(accelerator));
      expect(run.total.cycles).toBeGreaterThan(0);
      expect(run.layers.every((layer) => layer.check !== "off")).toBe(true);
    }
  });

  test("mnist says 7 to a picture of a 7 and its layers have measured densities", async () => {
    const [model, picture] = ["mnist.onnx", "digit-7.jpg"].map((file) => sharedPath(`${models}/${file}`));
    if (model === undefined || picture === undefined) throw new Error("no files");
    const { network, outputs } = await executeOnnx(
      readFileSync(model),
      { kind: "image", bytes: readFileSync(picture), file: picture },
      { file: model },
    );
    expect(outputs[0]?.top?.[0]?.index).toBe(7);
    const run = await runWorkload(network, request("arrayflex", { check: "all", auditPercent: 1 }));
    for (const layer of run.layers) {
      expect(layer.densitySource).toEqual({ A: "measured", B: "measured" });
      expect(layer.density.B).toBeGreaterThan(0);
      expect(layer.density.B).toBeLessThanOrEqual(1);
      expect(layer.macs.effectualSource).toBe("exact");
      expect(layer.check).toBe("exact");
      expect(layer.audit?.differences).toEqual([]);
    }
    // ReLU leaves zeros: not every density is 1.
    expect(Math.min(...run.layers.map((layer) => layer.density.B))).toBeLessThan(0.9);
  });
});

test("every claim of ArrayFlex that counts holds, latency within 0.5 points and the depth study exactly", () => {
  const rows = reproduce(["arrayflex"]);
  expect(rows.filter((row) => !row.fitted && !row.holds)).toEqual([]);
  const latency = rows.filter((row) => /^arrayflex\.latency\.(?!average)/.test(row.id));
  expect(latency).toHaveLength(10);
  for (const row of latency) expect(Math.abs(row.error)).toBeLessThanOrEqual(0.5);
  for (const [layer, depth] of [
    [20, 2],
    [28, 4],
  ] as const) {
    expect(rows.find((row) => row.id === `arrayflex.depth.layer${layer}`)?.ours).toBe(depth);
  }
  expect(
    rows
      .filter((row) => row.metric.includes("power") || row.metric.includes("energy-delay"))
      .every((row) => row.fitted),
  ).toBe(true);
});

test("the same JSON whatever the number of threads", async () => {
  const network = builtinNetwork("squeezenet1.0");
  const set = { bandwidth: 64e9, latency: 1e-7, rows: 32, columns: 32 };
  const texts = await Promise.all(
    [1, 2, 3].map(async (threads) => runJson(await runWorkload(network, request("arrayflex", { threads, set })))),
  );
  expect(new Set(texts).size).toBe(1);
});
