// What a page asks and what a command line asks is the same: put together from the same parts, it prints the same bytes.

import { expect, test } from "vitest";
import { blobFiles } from "../../src/interop/workload/blob-files.ts";
import { networkOf } from "../../src/interop/workload/workload.ts";
import { runsJson } from "../../src/report/json.ts";
import { parseDensity } from "../../src/workbench/request/density.ts";
import { comparedRequests } from "../../src/workbench/request/equalise.ts";
import type { NetworkOptions, RunOptions } from "../../src/workbench/request/run-request.ts";
import { changedNetwork, runRequest } from "../../src/workbench/request/run-request.ts";
import { parseSchedules } from "../../src/workbench/request/schedule.ts";
import type { MachineFlags } from "../../src/workbench/request/settings.ts";
import { machineRequests } from "../../src/workbench/request/settings.ts";
import { runWorkload } from "../../src/workbench/run.ts";
import { heddle } from "./heddle.ts";

/** The JSON of a comparison that a page asks for. */
async function asked(workload: string, machines: MachineFlags, options: RunOptions & NetworkOptions): Promise<string> {
  const { requests } = comparedRequests(machineRequests(machines), false);
  const network = await changedNetwork(await networkOf(workload, blobFiles(new Map())), options);
  const runs = [];
  for (const request of requests) runs.push(await runWorkload(network, await runRequest(network, request, options)));
  return runsJson(runs, { ratios: true });
}

test("machines of a grid, with a parameter and only some layers", async () => {
  const page = await asked(
    "resnet50",
    { on: "arrayflex,systolic,tpu-v1", set: ["rows=64"] },
    { layers: "1-6", objective: "energy" },
  );
  const line = ["--on", "arrayflex,systolic,tpu-v1", "--set", "rows=64", "--layers", "1-6", "--objective", "energy"];
  expect(await heddle("compare", "resnet50", ...line, "--json")).toMatchObject({ code: 0, out: page });
});

test("sparse products with seed and conversions", async () => {
  const page = await asked(
    "gemm:M=96,N=80,K=64",
    { on: "flexagon,gamma" },
    { density: parseDensity("A=20%,B=0.3"), seed: 7, conversions: "count" },
  );
  const line = ["--on", "flexagon,gamma", "--density", "A=20%,B=0.3", "--seed", "7", "--conversions", "count"];
  expect(await heddle("compare", "gemm:M=96,N=80,K=64", ...line, "--json")).toMatchObject({ code: 0, out: page });
});

test("own schedules go to machines of loop nests, and are refused by others", async () => {
  const schedules = () => Promise.resolve(parseSchedules("layers: { conv1: [{ at: dram, loops: [] }] }", "own.yaml"));
  const [nest, grid] = machineRequests({ on: "eyeriss,systolic" });
  if (nest === undefined || grid === undefined) throw new Error("no machines");
  const network = await networkOf("alexnet", blobFiles(new Map()));
  await expect(runRequest(network, nest, { schedules })).rejects.toThrow(/^own\.yaml:1:19: .*no entry for/);
  await expect(runRequest(network, grid, { schedules })).rejects.toThrow(
    /^--schedule: systolic has mappings of its own/,
  );
});
