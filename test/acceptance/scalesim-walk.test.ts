// The slow reference of SCALE-Sim against SCALE-Sim itself: every figure of the runs that are small enough to walk, its
// own golden reports, a trace worked out by hand, and what CPython and numpy print.

import { expect, test } from "vitest";
import type { ScalesimLayer } from "../../src/interop/scalesim/scalesim.ts";
import { scalesimCases } from "../support/scalesim-walk-cases.ts";
import { gemm, machine } from "../support/scalesim-walk-machine.ts";
import { cpythonSetOrder, numpyRandomInteger } from "../support/scalesim-walk-python.ts";
import { walkScalesimLayer } from "../support/scalesim-walk.ts";
import { hasShared, needs, sharedJson } from "./shared.ts";

const file = "reference/scalesim_cases.json";

const walked = hasShared(file)
  ? scalesimCases(sharedJson(file)).filter(({ expected, configuration }) => {
      const lines = (expected.totalCycles ?? 0) - (expected.stallCycles ?? 0);
      return lines * (configuration.arrayHeight + 2 * configuration.arrayWidth) < 1.2e6;
    })
  : [];

test.skipIf(!hasShared(file))(`the reference has runs that are small enough${needs(file)}`, () => {
  expect(walked.length).toBeGreaterThan(75);
  for (const version of ["v2", "v3"]) expect(walked.some((one) => one.version === version)).toBe(true);
});

test.each(walked)("$id: every figure", ({ layer, configuration, version, expected }) => {
  expect(walkScalesimLayer(layer, configuration, version).result).toMatchObject(expected);
});

const access = (startCycle: number, stopCycle: number, words: number): object => ({ startCycle, stopCycle, words });

// From upstream's golden reports, test/general/golden_trace_user_*.
test.each([
  {
    dataflow: "ws" as const,
    cycles: [59002, 52447, 41248],
    sram: [access(33, 52417, 262144), access(1, 52130, 32768), access(63, 52447, 262144)],
    dram: [access(-3277, 49169, 524320), access(-3277, -1, 32770), access(11831, 55725, 262175)],
  },
  {
    dataflow: "is" as const,
    cycles: [29815, 19984, 5777],
    sram: [access(1, 19795, 65536), access(33, 19954, 262144), access(63, 19984, 262144)],
    dram: [access(-3277, 9833, 131080), access(-3277, -1, 32770), access(1839, 26538, 262157)],
  },
  {
    dataflow: "os" as const,
    cycles: [59000, 52447, 42272],
    sram: [access(1, 52417, 262144), access(1, 52417, 262144), access(255, 52447, 34816)],
    dram: [access(-3277, 49169, 524320), access(-3277, -1, 32770), access(52447, 55723, 32768)],
  },
])("upstream's golden report of USER mode, $dataflow", ({ dataflow, cycles, sram, dram }) => {
  const { result } = walkScalesimLayer(gemm(256, 128, 256), machine(32, 64, 10, { dataflow }), "v3");
  expect([result.totalCyclesWithPrefetch, result.totalCycles, result.stallCycles]).toEqual(cycles);
  expect([result.sram.ifmap, result.sram.filter, result.sram.ofmap]).toEqual(sram);
  expect([result.dram.ifmap, result.dram.filter, result.dram.ofmap]).toEqual(dram);
});

test("upstream's golden report of row-wise sparsity, with stalls", () => {
  const layer: ScalesimLayer = {
    name: "Conv1",
    ifmapHeight: 224,
    ifmapWidth: 224,
    filterHeight: 11,
    filterWidth: 11,
    channels: 3,
    filters: 96,
    stride: 4,
    sparsity: { kept: 2, block: 4 },
  };
  const configuration = machine(128, 256, 50, {
    dataflow: "ws",
    offsets: { ifmap: 0, filter: 100, ofmap: 200 },
    sparsity: { representation: "ellpack_block", mapping: "row-wise", blockSize: 8, seed: 40 },
  });
  expect(walkScalesimLayer(layer, configuration, "v3").result).toEqual({
    totalCyclesWithPrefetch: 177701,
    totalCycles: 173949,
    stallCycles: 167136,
    overallUtilisationPercent: 3.6988043639946193,
    mappingEfficiencyPercent: 35.565185546875,
    computeUtilisationPercent: 46.14216362478778,
    sram: {
      ifmap: access(129, 173698, 6455296),
      filter: access(1, 79665, 17664),
      ofmap: access(255, 173917, 580800),
    },
    dram: {
      ifmap: access(-2622, 173117, 8783700),
      filter: access(-472, -1, 23600),
      ofmap: access(25569, 175079, 580800),
    },
    storage: { original: 34848, compressed: 18768, metadata: 1104 },
  });
});

test("a trace worked out by hand: 2 x 2 x 2, outputs stationary", () => {
  const { result, traces } = walkScalesimLayer(gemm(2, 2, 2), machine(2, 1, 10, { mode: "CALC" }), "v3");
  const rows = (first: number, addresses: number[][]): object[] =>
    addresses.map((row, i) => ({ cycle: first + i, addresses: row }));
  const reads = [
    [0, -1],
    [1, 2],
    [-1, 3],
    [-1, -1],
  ];
  const filterReads = reads.map((row) => row.map((address) => (address < 0 ? address : 10_000_000 + address)));
  const nothing = [-1, -1, -1, -1, -1, -1];
  expect(traces).toEqual({
    sram: {
      ifmap: rows(1, reads),
      filter: rows(1, filterReads),
      ofmap: rows(0, [
        [-1, -1],
        [20_000_002, -1],
        [20_000_000, 20_000_003],
        [-1, 20_000_001],
      ]),
    },
    dram: {
      ifmap: rows(-1, [[0, 1, 2, 3, ...nothing]]),
      filter: rows(-1, [[10_000_000, 10_000_001, 10_000_002, 10_000_003, ...nothing]]),
      ofmap: rows(3, [
        [20_000_002, 20_000_000],
        [20_000_003, 20_000_001],
      ]),
    },
  });
  expect(result).toMatchObject({ totalCyclesWithPrefetch: 5, totalCycles: 3, stallCycles: 0 });
});

test("an operand that fills its epoch to the last word leaves rows of padding in the trace", () => {
  const { result, traces } = walkScalesimLayer(gemm(1, 20, 25), machine(4, 1, 10, { mode: "CALC" }), "v3");
  const trace = traces.dram.filter;
  expect(result.dram.filter.words).toBe(500);
  expect(trace.slice(0, 50).flatMap((row) => row.addresses)).toHaveLength(500);
  // The interval of the empty second epoch: from the first request on to the last new weight.
  expect(trace.slice(50).every((row) => row.addresses.every((address) => address === 1))).toBe(true);
  expect(result.dram.filter.stopCycle).toBe(result.sram.filter.stopCycle);
});

test.each([
  { added: [8, 16, 24, 0, 1], printed: [0, 1, 8, 16, 24] },
  { added: [5, 3, 70, 6, 7, 133, 1_000_003], printed: [3, 1_000_003, 5, 70, 7, 6, 133] },
  {
    added: [10_000_090, 10_000_087, 10_000_084, 10_000_081, 10_000_078, 10_000_075, 10_000_072, 10_000_069, 10_000_063],
    printed: [
      10_000_069, 10_000_072, 10_000_075, 10_000_078, 10_000_081, 10_000_084, 10_000_087, 10_000_090, 10_000_063,
    ],
  },
  {
    added: Array.from({ length: 21 }, (_, i) => 10_000_000 + i * 363),
    printed: [0, 6, 12, 18, 5, 11, 17, 4, 10, 16, 3, 9, 15, 2, 8, 14, 20, 1, 7, 13, 19].map(
      (i) => 10_000_000 + i * 363,
    ),
  },
  {
    added: Array.from({ length: 8 }, (_, i) => 2 ** 40 + i * 2 ** 33),
    printed: [0, 1, 4, 2, 3, 5, 6, 7].map((i) => 2 ** 40 + i * 2 ** 33),
  },
])("the order in which CPython 3.11 printed a set, $added.length integers", ({ added, printed }) => {
  expect(cpythonSetOrder(added)).toEqual(printed);
});

test.each([
  { seed: 40, high: 5, printed: [3, 4, 4, 2, 1, 1, 3, 2, 1, 4, 3, 4, 4, 3, 4, 4, 4, 4, 2, 1] },
  { seed: 40, high: 3, printed: [1, 2, 2, 2, 1, 1, 1, 2, 1, 2, 1, 2] },
  { seed: 7, high: 1000, printed: [176, 197, 538, 503, 580, 212, 920, 616, 349, 186, 399, 536] },
  { seed: 7, high: 2, printed: [1, 1, 1] },
])("numpy's random integers below $high after seed $seed", ({ seed, high, printed }) => {
  const random = numpyRandomInteger(seed);
  expect(printed.map(() => random(1, high))).toEqual(printed);
});

test("the generator past its first 624 words", () => {
  const random = numpyRandomInteger(40);
  const drawn = Array.from({ length: 2000 }, () => random(1, 1000));
  expect(drawn.slice(-5)).toEqual([660, 109, 378, 137, 777]);
});
