// Reports byte for byte: SCALE-Sim v3's own rows for one dense layer, and the forms that v2 and sparsity have.

import { expect, test } from "vitest";
import { scalesimBandwidth, scalesimReports } from "./report.ts";
import type { ScalesimConfiguration, ScalesimLayerResult, ScalesimSparsity } from "./scalesim.ts";

const banked = { customLayout: false, bandwidth: 10, banks: 1, ports: 2 };
const configuration: ScalesimConfiguration = {
  runName: "run",
  mode: "CALC",
  arrayHeight: 16,
  arrayWidth: 16,
  sramKilobytes: { ifmap: 64, filter: 64, ofmap: 64 },
  offsets: { ifmap: 0, filter: 10_000_000, ofmap: 20_000_000 },
  dataflow: "os",
  bandwidth: [],
  layout: { ifmap: banked, filter: banked },
  ramulator: false,
};

/** What SCALE-Sim v3 reports of a 16 x 16 x 16 gemm on a 16 x 16 output-stationary array. */
const square: ScalesimLayerResult = {
  totalCyclesWithPrefetch: 126,
  totalCycles: 45,
  stallCycles: 0,
  overallUtilisationPercent: 35.55555555555556,
  mappingEfficiencyPercent: 100,
  computeUtilisationPercent: 34.78260869565217,
  sram: {
    ifmap: { startCycle: 1, stopCycle: 31, words: 256 },
    filter: { startCycle: 1, stopCycle: 31, words: 256 },
    ofmap: { startCycle: 15, stopCycle: 45, words: 288 },
  },
  dram: {
    ifmap: { startCycle: -66, stopCycle: -1, words: 256 },
    filter: { startCycle: -66, stopCycle: -1, words: 256 },
    ofmap: { startCycle: 45, stopCycle: 60, words: 256 },
  },
};

const textOf = (reports: ReturnType<typeof scalesimReports>, name: string): string | undefined =>
  reports.find((report) => report.name === name)?.text;

test("the three reports of v3", () => {
  const reports = scalesimReports([square, square], configuration, "v3");
  expect(reports.map(({ name }) => name)).toEqual([
    "COMPUTE_REPORT.csv",
    "BANDWIDTH_REPORT.csv",
    "DETAILED_ACCESS_REPORT.csv",
  ]);
  expect(textOf(reports, "COMPUTE_REPORT.csv")).toBe(
    "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n" +
      "0, 126, 45, 0, 35.55555555555556, 100.0, 34.78260869565217,\n" +
      "1, 126, 45, 0, 35.55555555555556, 100.0, 34.78260869565217,\n",
  );
  expect(textOf(reports, "BANDWIDTH_REPORT.csv")?.split("1, ")[0]).toBe(
    "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, Avg FILTER DRAM BW, Avg OFMAP DRAM BW,\n" +
      "0, 5.688888888888889, 5.688888888888889, 6.4, 3.878787878787879, 3.878787878787879, 16.0,\n",
  );
  expect(textOf(reports, "DETAILED_ACCESS_REPORT.csv")?.split("\n").slice(0, 2)).toEqual([
    "LayerID, SRAM IFMAP Start Cycle, SRAM IFMAP Stop Cycle, SRAM IFMAP Reads, SRAM Filter Start Cycle, SRAM Filter Stop Cycle, SRAM Filter Reads, SRAM OFMAP Start Cycle, SRAM OFMAP Stop Cycle, SRAM OFMAP Writes, DRAM IFMAP Start Cycle, DRAM IFMAP Stop Cycle, DRAM IFMAP Reads, DRAM Filter Start Cycle, DRAM Filter Stop Cycle, DRAM Filter Reads, DRAM OFMAP Start Cycle, DRAM OFMAP Stop Cycle, DRAM OFMAP Writes,",
    "0, 1.0, 31.0, 256, 1.0, 31.0, 256, 15.0, 45.0, 288, -66.0, -1.0, 256, -66.0, -1.0, 256, 45.0, 60.0, 256,",
  ]);
});

test("v2 has no cycles with prefetch", () => {
  expect(textOf(scalesimReports([square], configuration, "v2"), "COMPUTE_REPORT.csv")).toBe(
    "LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n" +
      "0, 45, 0, 35.55555555555556, 100.0, 34.78260869565217,\n",
  );
});

test("a run without layers has headers", () => {
  for (const { text } of scalesimReports([], configuration, "v3")) expect(text).toMatch(/^LayerID, [^\n]+,\n$/);
});

const sparsity: ScalesimSparsity = { representation: "csr", mapping: "layer-wise", blockSize: 8, seed: 40 };
const sparse = { ...square, storage: { original: 1536, compressed: 1601, metadata: 833 } };

test("sparsity adds a report and a column; words are fractions where SCALE-Sim's are", () => {
  const csr = scalesimReports([sparse], { ...configuration, sparsity, dataflow: "ws" }, "v3");
  expect(textOf(csr, "SPARSE_REPORT.csv")).toBe(
    "LayerID, Sparsity Representation, Original Filter Storage, New Storage (Filter+Metadata), Filter Metadata Storage, Avg FILTER Metadata SRAM BW, \n" +
      "0, csr, 1536, 1601, 833, 18.511111111111113,\n",
  );
  expect(textOf(csr, "BANDWIDTH_REPORT.csv")?.split("\n")[1]).toBe(
    "0, 5.688888888888889, 5.688888888888889, 18.511111111111113, 6.4, 3.878787878787879, 3.878787878787879, 16.0,",
  );
  expect(textOf(csr, "DETAILED_ACCESS_REPORT.csv")).toContain("\n0, 1.0, 31.0, 256.0, 1.0, 31.0, 256, 15.0");

  const packed = {
    ...configuration,
    sparsity: { ...sparsity, representation: "ellpack_block", mapping: "row-wise" },
  } as const;
  const ellpack = scalesimReports([sparse], { ...packed, dataflow: "ws" }, "v3");
  expect(textOf(ellpack, "SPARSE_REPORT.csv")).toContain("\n0, ellpack_block, 1536, 1601.0, 833.0, 18.5");
  expect(textOf(ellpack, "DETAILED_ACCESS_REPORT.csv")).toContain("\n0, 1.0, 31.0, 256, 1.0");
  expect(scalesimReports([sparse], { ...packed, dataflow: "ws" }, "v2")).toHaveLength(3);
});

test("a layer of no cycles has no bandwidth that is a number", () => {
  const { sram, metadata } = scalesimBandwidth({ ...square, totalCycles: 0 });
  expect([sram.ifmap, metadata]).toEqual([Infinity, Number.NaN]);
});
