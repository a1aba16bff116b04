// Every configuration, topology and layout that SCALE-Sim ships: each is read, or refused with exactly the error listed
// here; and whatever is done to them, nothing but an InputError is thrown.

import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/error.ts";
import { readScalesimConfiguration } from "../../src/interop/scalesim/input/configuration.ts";
import { readScalesimLayers } from "../../src/interop/scalesim/input/layers.ts";
import { readScalesimLayouts } from "../../src/interop/scalesim/input/layout-file.ts";
import { scalesimToHeddle } from "../../src/interop/scalesim/to-heddle.ts";
import { writeScalesimTopology } from "../../src/interop/scalesim/input/topology-write.ts";
import { isScalesimTopology, readScalesimTopology } from "../../src/interop/scalesim/input/topology.ts";
import { networkTotals } from "../../src/workload/networks.ts";
import { hasShared, needs, sharedPath } from "./shared.ts";

const folder = "data/scalesim";
const present = hasShared(folder);
const filesOf = (kind: string): readonly string[] =>
  present
    ? readdirSync(sharedPath(`${folder}/${kind}`), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(?:csv|cfg)$/.test(file))
        .toSorted()
    : [];
const textOf = (kind: string, file: string): string => readFileSync(sharedPath(`${folder}/${kind}/${file}`), "utf8");

const topologies = filesOf("topologies");
const configurations = filesOf("configs");
const layouts = filesOf("layouts");

/** The topologies that cannot be read, and why. */
const refusedTopologies: Readonly<Record<string, string>> = {
  "CSV/LSTM.csv":
    'CSV/LSTM.csv:2:18: IFMAP Width: symbolic size; found "B"; expected a number in its place (1 to 2147483647)',
  "mlperf/MLPERF.csv": "mlperf/MLPERF.csv:219:14: Filter Width: empty cell; expected an integer from 1 to 2147483647",
};
const readable = topologies.filter((file) => !(file in refusedTopologies));

/** The message of the InputError that reading throws; undefined where it throws none. */
function errorOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

const refusedBy = (files: readonly string[], read: (file: string) => unknown): Record<string, string> =>
  Object.fromEntries(
    files.flatMap((file) => {
      const error = errorOf(() => read(file));
      return error === undefined ? [] : [[file, error]];
    }),
  );

describe.skipIf(!present)(`topologies: ${readable.length} load, 2 are refused${needs(folder)}`, () => {
  test("exactly the expected files are refused by both readers, each with its place", () => {
    expect(topologies.length).toBeGreaterThan(50);
    const read = (reader: (text: string, options: { file: string }) => unknown) =>
      refusedBy(topologies, (file) => reader(textOf("topologies", file), { file }));
    expect(read(readScalesimTopology)).toEqual(refusedTopologies);
    expect(read(readScalesimLayers)).toEqual(refusedTopologies);
  });

  test.each(readable)(
    "%s: a layer a row, the same again when written and read, and the same MACs for SCALE-Sim",
    (file) => {
      const text = textOf("topologies", file);
      const network = readScalesimTopology(text, { file });
      const rows = text
        .split(/\r\n|\n|\r/)
        .slice(1)
        .filter((line) => /[^,\s]/.test(line));
      expect(network.layers).toHaveLength(rows.length);
      expect(isScalesimTopology(text)).toBe(true);
      expect(readScalesimTopology(writeScalesimTopology(network).text).layers).toEqual(network.layers);
      const { layers, input } = readScalesimLayers(text, { file });
      const macs = layers.map((layer) => {
        const height = Math.ceil((layer.ifmapHeight - layer.filterHeight + layer.stride) / layer.stride);
        const width = Math.ceil((layer.ifmapWidth - layer.filterWidth + layer.stride) / layer.stride);
        return height * width * layer.filterHeight * layer.filterWidth * layer.channels * layer.filters;
      });
      expect(macs.reduce((sum, count) => sum + count, 0)).toBe(networkTotals(network).macs);
      const { layers: same, notes } = readScalesimLayers(text, { file, input });
      expect(same).toEqual(layers);
      const other = input === "conv" ? "gemm" : "conv";
      expect(errorOf(() => readScalesimLayers(text, { input: other }))).toContain(`read with -i ${input}`);
      expect(notes.filter((note) => note.startsWith("column"))).toHaveLength(
        /^[^,]*,[^,]*width,[^,]*width/i.test(text) ? 1 : /Eh,Ew,e2/.test(text) ? 3 : 0,
      );
    },
  );

  // Facts measured with SCALE-Sim: ResNet-50 without padding has 54 layers and 3.480 GMAC.
  test("ResNet-50: 54 layers, 3.480 GMAC, the extra columns named", () => {
    const network = readScalesimTopology(textOf("topologies", "conv_nets/Resnet50.csv"));
    expect(networkTotals(network)).toEqual({ computeLayers: 54, macs: 3_479_536_384 });
    expect(network.warnings).toEqual(['column "Eh" is ignored', 'column "Ew" is ignored', 'column "e2" is ignored']);
  });

  test("section titles, were it not for line 219, are skipped with a warning", () => {
    const text = textOf("topologies", "mlperf/MLPERF.csv").replace("1, 1, 1, ,1 2, 2, 1,", "1, 1, 1, 1, 2, 2, 1,");
    const titles = /^rows with only a name are skipped: "AlphaGoZero" \(line 3\), "Alexnet" \(line 51\), /;
    expect(readScalesimTopology(text).warnings[0]).toMatch(titles);
    expect(readScalesimLayers(text, { input: "conv" }).notes[0]).toMatch(titles);
  });
});

describe.skipIf(!present)(`configurations and layouts${needs(folder)}`, () => {
  test("all 13 configurations load under v3 and v2, and only what they lack is noted", () => {
    expect(configurations).toHaveLength(13);
    const notes: Record<string, readonly string[]> = {};
    for (const file of configurations) {
      const text = textOf("configs", file);
      const v2 = readScalesimConfiguration(text, { file, version: "v2" });
      expect(v2.notes.every((note) => note.startsWith("ignored, for v2 does not know them: ["))).toBe(true);
      expect(v2.configuration.layout.ifmap.bandwidth).toBe(v2.configuration.bandwidth[0]);
      const v3 = readScalesimConfiguration(text, { file, version: "v3" });
      expect(v3.configuration.ramulator).toBe(file === "google_ramulator.cfg");
      if (v3.notes.length > 0) notes[file.replace(/_(?:is|os|ws)/, "")] = v3.notes;
    }
    const ramulator = "run_presets.UseRamulatorTrace is missing: off";
    const sparsity = "no section [sparsity]: sparsity is off";
    expect(notes).toEqual({
      "eyeriss.cfg": ["no section [layout]: no custom layouts"],
      "rebuttal_test.cfg": [ramulator],
      "rebuttal_test_high_bw.cfg": [ramulator],
      "scale_layout.cfg": [sparsity, ramulator],
      "tpuv5e_downscale.cfg": [sparsity, ramulator],
    });
  });

  test("sparsity.cfg: every value", () => {
    const banks = { customLayout: false, bandwidth: 50, banks: 1, ports: 2 };
    expect(readScalesimConfiguration(textOf("configs", "sparsity.cfg"), { version: "v3" }).configuration).toEqual({
      runName: "scalesim_sparsity",
      mode: "USER",
      arrayHeight: 128,
      arrayWidth: 128,
      sramKilobytes: { ifmap: 256, filter: 256, ofmap: 256 },
      offsets: { ifmap: 0, filter: 100, ofmap: 200 },
      dataflow: "ws",
      bandwidth: [50],
      layout: { ifmap: banks, filter: banks },
      sparsity: { representation: "ellpack_block", mapping: "row-wise", blockSize: 8, seed: 40 },
      ramulator: false,
    });
  });

  test("all 4 layout files load, a layout a row", () => {
    const rows = layouts.map((file) => [file, readScalesimLayouts(textOf("layouts", file), { file }).length]);
    expect(rows).toEqual([
      ["conv_nets/alexnet.csv", 5],
      ["conv_nets/alexnet_part.csv", 1],
      ["conv_nets/resnet18.csv", 21],
      ["conv_nets/test.csv", 1],
    ]);
  });
});

/** What mutations put in. */
const pieces = [
  ["", ",", ",,", "\n", "\r\n", "\n ", "0", "-1", "9".repeat(12), "NaN", "2:4", "4:2", "1e9", "3", "7", "\0", '"'],
  ["#x", ";", "DP", " ", "\uFEFF", "B", "é", "Sparsity", "Batch", "M,K,N", "=", ":", "[", "]", "[layout]", "%"],
  ["True", "on", "USER", "ws", "/", "..", "\u2028"],
].flat();

const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.constantFrom(...pieces)), {
  minLength: 1,
  maxLength: 4,
});

function mutated(text: string, changes: readonly (readonly [number, number, string])[]): string {
  let result = text.slice(0, 3000);
  for (const [where, removed, put] of changes) {
    const at = Math.floor(where * result.length);
    result = result.slice(0, at) + put + result.slice(at + removed);
  }
  return result;
}

describe.skipIf(!present)(`mutations of the files are read or refused with an InputError${needs(folder)}`, () => {
  /** Both outcomes must come often, else the test shows nothing. */
  const expectInputErrors = (seeds: readonly string[], read: (text: string) => void): void => {
    const runs = 2000;
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(seeds.length - 1), edits, (seed, changes) => {
        if (errorOf(() => read(mutated(seeds[seed] ?? "", changes))) !== undefined) refused++;
      }),
      { numRuns: runs },
    );
    expect(refused).toBeGreaterThan(runs / 50);
    expect(refused).toBeLessThan(runs);
  };

  test("topologies, as networks and as SCALE-Sim's layers", () => {
    const seeds = topologies.map((file) => textOf("topologies", file));
    expectInputErrors(seeds, (text) => {
      isScalesimTopology(text);
      readScalesimTopology(text, { file: "mutated.csv" });
    });
    expectInputErrors(seeds, (text) => readScalesimLayers(text, { file: "mutated.csv" }));
    expectInputErrors(seeds, (text) => readScalesimLayers(text, { input: "conv" }));
    expectInputErrors(seeds, (text) => readScalesimLayers(text, { input: "gemm" }));
  });

  test("configurations, and what Heddle makes of them", () => {
    const seeds = configurations.map((file) => textOf("configs", file));
    expectInputErrors(seeds, (text) => {
      scalesimToHeddle(readScalesimConfiguration(text, { file: "mutated.cfg", version: "v3" }).configuration, {});
    });
    expectInputErrors(seeds, (text) => readScalesimConfiguration(text, { version: "v2" }));
  });

  test("layouts", () => {
    const seeds = layouts.map((file) => textOf("layouts", file));
    expectInputErrors(seeds, (text) => readScalesimLayouts(text, { file: "mutated.csv" }));
  });
});
