// No layer stands above the roof of its machine, whether that passes over zeros or not.

import { expect, test } from "vitest";
import { acceleratorNamed } from "../accelerator/accelerators.ts";
import { parseDensity } from "../workbench/request/density.ts";
import { changedNetwork, runRequest } from "../workbench/request/run-request.ts";
import { runWorkload } from "../workbench/run.ts";
import { networkOf } from "../interop/workload/workload.ts";
import { blobFiles } from "../interop/workload/blob-files.ts";
import { roofPoints } from "./roofline.ts";

test.for([
  ["systolic", {}],
  ["flexagon", {}],
  ["flexnn", { search: 50 }],
] as const)("layers of %s with few non-zeros stand under its roof", async ([name, set]) => {
  const network = await changedNetwork(await networkOf("gemm:M=48,N=40,K=64", blobFiles(new Map())), {
    density: parseDensity("A=0.1,B=0.1"),
  });
  const request = await runRequest(
    network,
    { accelerator: acceleratorNamed(name), set, own: new Set(Object.keys(set)) },
    { objective: "seconds", seed: 1 },
  );
  const run = await runWorkload(network, request);
  const { macsPerSecond, bytesPerSecond } = run.peak;
  const bandwidth = bytesPerSecond === "unlimited" ? Infinity : bytesPerSecond;
  const points = roofPoints(run);
  expect(points).toHaveLength(1);
  for (const { intensity, rate } of points) {
    expect(rate).toBeGreaterThan(0);
    expect(rate).toBeLessThanOrEqual(Math.min(macsPerSecond, intensity * bandwidth) * (1 + 1e-9));
  }
});
