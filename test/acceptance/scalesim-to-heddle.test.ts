// A SCALE-Sim configuration as a configuration of Heddle: it parses, says the same machine, and that machine computes in
// SCALE-Sim's cycles, folds times the length of a fold, one more than SCALE-Sim prints.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { InputError } from "../../src/base/error.ts";
import { parseConfig } from "../../src/workbench/request/config.ts";
import { readScalesimLayers } from "../../src/interop/scalesim/input/layers.ts";
import type { ScalesimConfiguration, ScalesimLayer } from "../../src/interop/scalesim/scalesim.ts";
import { scalesimToHeddle } from "../../src/interop/scalesim/to-heddle.ts";
import { readScalesimTopology } from "../../src/interop/scalesim/input/topology.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import type { LayerResult } from "../../src/simulate/result.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";

const banks = { customLayout: false, bandwidth: 10, banks: 10, ports: 2 };
const base: ScalesimConfiguration = {
  runName: "scale_example",
  mode: "CALC",
  arrayHeight: 32,
  arrayWidth: 16,
  sramKilobytes: { ifmap: 64, filter: 96, ofmap: 128 },
  offsets: { ifmap: 0, filter: 10_000_000, ofmap: 20_000_000 },
  dataflow: "ws",
  bandwidth: [],
  layout: { ifmap: banks, filter: banks },
  ramulator: false,
};

const parametersOf = (configuration: ScalesimConfiguration) => {
  const { text } = scalesimToHeddle(configuration, { name: "scale.cfg" });
  const [machine] = parseConfig(text, "machine.yaml").machines;
  if (machine?.accelerator !== "systolic") throw new Error("no systolic array");
  return machine.parameters;
};

describe("the file", () => {
  test("CALC, word for word", () => {
    expect(scalesimToHeddle(base, { name: "scale.cfg" })).toEqual({
      text: `# scale.cfg: the machine of a SCALE-Sim configuration, on Heddle's systolic array.
# Without stalls a layer of F folds takes F x (2R + C + T - 2) cycles. SCALE-Sim prints one less, the index of the last
# cycle. Stalls differ: here all operands share one memory, what a layer needs before its first cycle counts (compare
# with "Total Cycles (incl. prefetch)"), buffers keep what is used again, one that holds a few vectors only makes the
# array wait or is refused as too small, and partial sums that do not fit are read back, where SCALE-Sim only writes them.

accelerator: systolic
parameters:
  rows: 32 # ArrayHeight
  columns: 16 # ArrayWidth
  dataflow: weight-stationary # Dataflow ws
  streaming: whole # a fold meets all of its vectors at once
  preload: exposed # folds do not overlap, each loads and drains the whole array
  operand: int8 # SCALE-Sim's word is one byte
  accumulator: int32 # not said by SCALE-Sim, to which sums are words of one byte too
  clock: 2GHz # not said by SCALE-Sim, which has cycles only; Heddle's default
  buffers:
    weights: 96KiB # FilterSramSzkB
    inputs: 64KiB # IfmapSramSzkB
    sums: 512KiB # OfmapSramSzkB, as many words, of 4 bytes each
  bandwidth: unlimited # InterfaceBandwidth CALC: whatever avoids stalls
`,
      notes: [
        "buffers.sums: 4 times OfmapSramSzkB, as many words of 4 bytes",
        "clock: 2 GHz, Heddle's default, for SCALE-Sim has none",
      ],
    });
  });

  test("what Heddle reads from it", () => {
    expect(parametersOf(base)).toEqual({
      rows: 32,
      columns: 16,
      dataflow: "weight-stationary",
      streaming: "whole",
      preload: "exposed",
      operand: "int8",
      accumulator: "int32",
      clock: 2e9,
      "buffers.weights": 96 * 1024,
      "buffers.inputs": 64 * 1024,
      "buffers.sums": 512 * 1024,
      bandwidth: Infinity,
    });
    expect(parametersOf({ ...base, dataflow: "is" })).toMatchObject({ dataflow: "input-stationary" });
    // Resting outputs leave the array narrow.
    const os = parametersOf({ ...base, dataflow: "os" });
    expect(os).toMatchObject({ dataflow: "output-stationary", "buffers.sums": 128 * 1024 });
  });

  test("USER: one memory with the words per cycle of all three ports", () => {
    const layout = { ifmap: { ...banks, bandwidth: 7 }, filter: { ...banks, bandwidth: 12 } };
    const user: ScalesimConfiguration = { ...base, mode: "USER", bandwidth: [20, 3], layout };
    expect(parametersOf(user)).toMatchObject({ bandwidth: 39 * 2e9 });
    expect(scalesimToHeddle(user, {}).text).toContain(
      "bandwidth: 78GB/s # 39 words per cycle: ifmap 7, filter 12 and ofmap 20, each with a port of its own in SCALE-Sim\n",
    );
    expect(scalesimToHeddle(user, {}).notes[1]).toBe(
      "bandwidth: one memory of 39 words per cycle for SCALE-Sim's private ports of 7 (ifmap), 12 (filter) and 20 (ofmap)",
    );
  });

  test("what has no counterpart is noted", () => {
    const sparse: ScalesimConfiguration = {
      ...base,
      dataflow: "os",
      layout: { ifmap: { ...banks, customLayout: true }, filter: banks },
      sparsity: { representation: "csr", mapping: "layer-wise", blockSize: 4, seed: 40 },
      ramulator: true,
    };
    expect(scalesimToHeddle(sparse, {}).notes.slice(0, 3)).toEqual([
      "sparsity: left out, the array does dense work",
      "custom layouts: left out, buffers have no bank conflicts",
      "UseRamulatorTrace: left out, the memory has one latency, by default 0",
    ]);
  });

  test("sizes that Heddle does not take: buffers are cut with a note, an array is refused", () => {
    const large = { ...base, sramKilobytes: { ifmap: 2 ** 25, filter: 1, ofmap: 2 ** 23 } };
    expect(parametersOf(large)).toMatchObject({ "buffers.inputs": 2 ** 34, "buffers.sums": 2 ** 34 });
    expect(scalesimToHeddle({ ...large, arrayHeight: 64 }, {}).notes).toEqual([
      "buffers.sums: 4 times OfmapSramSzkB, as many words of 4 bytes",
      "buffers.inputs: 16777216 KiB, the most that Heddle takes, instead of 33554432 KiB",
      "buffers.sums: 16777216 KiB, the most that Heddle takes, instead of 33554432 KiB",
      "FilterSramSzkB: half of the buffer (512 B) is less than a full array takes (1024 B): Heddle refuses layers that need it",
      "clock: 2 GHz, Heddle's default, for SCALE-Sim has none",
    ]);
    const refused = (): unknown => scalesimToHeddle({ ...base, arrayWidth: 4097 }, {});
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(
      'architecture_presets.ArrayWidth: larger than Heddle\'s systolic array can be; found "4097"; expected at most 4096',
    );
  });

  test("a name stays in its comment", () => {
    for (const name of ["a\nrows: 1", "a\r\u2028# b", "\0é: [", ""]) {
      expect(parseConfig(scalesimToHeddle(base, { name }).text, "machine.yaml").machines).toHaveLength(1);
    }
  });
});

const fold = { os: [1, 1], ws: [2, 1], is: [2, 1] } as const;

/** SCALE-Sim's cycles without stalls, counted and not indexed: folds times T + (1 or 2) R + C - 2. */
function cyclesOf(layer: ScalesimLayer, { arrayHeight: R, arrayWidth: C, dataflow }: ScalesimConfiguration): number {
  const { ifmapHeight, ifmapWidth, filterHeight, filterWidth, channels, filters: N, stride } = layer;
  const M =
    Math.ceil((ifmapHeight - filterHeight + stride) / stride) * Math.ceil((ifmapWidth - filterWidth + stride) / stride);
  const K = filterHeight * filterWidth * channels;
  const [rows, columns, T] = dataflow === "os" ? [M, N, K] : dataflow === "ws" ? [K, N, M] : [K, M, N];
  const [timesR, timesC] = fold[dataflow];
  return Math.ceil(rows / R) * Math.ceil(columns / C) * (T + timesR * R + timesC * C - 2);
}

/** The one layer of a topology on the machine that Heddle reads from the converted configuration. */
function simulated(topology: string, scalesim: ScalesimConfiguration): LayerResult {
  const { machine } = acceleratorNamed("systolic").configure(parametersOf(scalesim));
  const [layer] = readScalesimTopology(topology).layers;
  if (layer?.kind !== "compute") throw new Error("no layer");
  const prepared = prepareMachine(machine, technology("45nm"));
  return simulateLayer(layer, prepared, { objective: "cycles", check: "off", auditPercent: 0, seed: 1 });
}

/** The result; undefined where the machine refuses the layer. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return undefined;
  }
}

test("random layers take SCALE-Sim's cycles on the machine of the file, whatever the dataflow", () => {
  const extent = (max: number) => fc.integer({ min: 1, max });
  const conv = fc
    .tuple(fc.constantFrom("a", "DPb"), extent(20), extent(20), extent(5), extent(5), extent(9), extent(70), extent(3))
    .map(([name, h, w, r, s, ...rest]) => [name, Math.max(h, r), Math.max(w, s), r, s, ...rest])
    .map(
      (cells) => `n,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,\n${cells.join()},`,
    );
  const gemm = fc.tuple(extent(150), extent(150), extent(150)).map((sizes) => `n,M,N,K,\na,${sizes.join()},`);
  const kilobytes = fc.oneof(extent(12), fc.constant(1024));
  const configuration = fc.record({
    arrayHeight: extent(40),
    arrayWidth: extent(40),
    dataflow: fc.constantFrom("os", "ws", "is"),
    sramKilobytes: fc.record({ ifmap: kilobytes, filter: kilobytes, ofmap: kilobytes }),
  });
  fc.assert(
    fc.property(fc.oneof(conv, gemm), configuration, (text, changes) => {
      const scalesim: ScalesimConfiguration = { ...base, ...changes };
      const simulate = (): LayerResult => simulated(text, scalesim);
      const expected = readScalesimLayers(text, {}).layers.reduce((sum, one) => sum + cyclesOf(one, scalesim), 0);
      const small = Math.min(...Object.values(changes.sramKilobytes)) < 1024;
      const result = small ? unlessRefused(simulate) : simulate();
      if (result === undefined) return;
      const { cycles, stack } = result;
      // Where a buffer holds a few vectors only, Heddle waits for results to drain out of its other half.
      const full = stack["buffer full"] ?? 0;
      expect(cycles - full).toBe(expected);
      if (full > 0) expect(small).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("too small a buffer makes the array wait or the layer be refused, which the notes announce", () => {
  const text = "n,M,N,K,\na,1,40,26,";
  const waiting: ScalesimConfiguration = { ...base, arrayHeight: 26, arrayWidth: 1, dataflow: "is" };
  const kilobyte = { sramKilobytes: { ifmap: 1, filter: 1, ofmap: 1 } };
  expect(simulated(text, waiting)).toMatchObject({ cycles: 91 });
  expect(simulated(text, { ...waiting, ...kilobyte }).stack["buffer full"]).toBeGreaterThan(0);
  const refused: ScalesimConfiguration = { ...base, ...kilobyte };
  expect(scalesimToHeddle({ ...refused, arrayWidth: 17 }, {}).notes[1]).toBe(
    "FilterSramSzkB: half of the buffer (512 B) is less than a full array takes (544 B): Heddle refuses layers that need it",
  );
  expect(() => simulated("n,M,N,K,\na,40,40,40,", { ...refused, arrayWidth: 17 })).toThrow(InputError);
  expect(simulated("n,M,N,K,\na,40,40,40,", refused).cycles).toBeGreaterThan(0);
});
