// Writing topologies of SCALE-Sim: what is written reads as the same layers, and what the format cannot say is refused.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../base/error.ts";
import type { ComputeLayer, Network } from "../../../workload/layer.ts";
import { builtinNetwork, networkNames, networkTotals } from "../../../workload/networks.ts";
import { outputShape } from "../../../workload/shapes.ts";
import { writeScalesimTopology } from "./topology-write.ts";
import { readScalesimTopology } from "./topology.ts";

const HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,";
const conv = (...rows: readonly string[]): string => [HEADER, ...rows].join("\n");
const computeLayers = (network: Network): ComputeLayer[] => network.layers.filter((layer) => layer.kind === "compute");

const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_ .]{0,8}[a-z0-9]$/).filter((name) => !name.includes("DP"));
const extents = fc.integer({ min: 1, max: 50 });
const densities = fc.option(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })));

/** Rows that are written as they are read: the two directions of every rule above. */
const convRows = fc.record({
  name: names,
  a: extents,
  b: extents,
  c: extents,
  d: extents,
  channels: extents,
  filters: extents,
  stride: extents,
  depthwise: fc.boolean(),
  density: densities,
});
const gemmRows = fc.record({ name: names, M: extents, N: extents, K: extents, density: densities });

const ratio = (density: [number, number] | null): string =>
  density === null ? "" : `${Math.min(...density)}:${Math.max(...density)}`;

describe("writing", () => {
  test("what was written reads as the same layers", () => {
    const convText = fc
      .uniqueArray(convRows, { selector: (row) => row.name, minLength: 1, maxLength: 6 })
      .map((rows) =>
        conv(
          ...rows.map((r) =>
            [
              r.depthwise && r.channels > 1 ? `${r.name}DP` : r.name,
              Math.max(r.a, r.b),
              Math.max(r.c, r.d),
              Math.min(r.a, r.b),
              Math.min(r.c, r.d),
              r.channels,
              r.filters,
              r.stride,
              ratio(r.density),
            ].join(","),
          ),
        ),
      );
    const gemmText = fc
      .uniqueArray(gemmRows, { selector: (row) => row.name, minLength: 1, maxLength: 6 })
      .map((rows) =>
        ["Layer,M,N,K,", ...rows.map((r) => [r.name, r.M, r.N, r.K, ratio(r.density)].join(","))].join("\n"),
      );
    fc.assert(
      fc.property(fc.oneof(convText, gemmText), (text) => {
        const network = readScalesimTopology(text);
        const written = writeScalesimTopology(network);
        expect(written.warnings).toEqual([]);
        expect(readScalesimTopology(written.text).layers).toEqual(network.layers);
      }),
      { numRuns: 300 },
    );
  });

  test.each(networkNames().filter((name) => !/bert|deit|flexagon:/.test(name)))(
    "%s keeps its outputs and MACs",
    (name) => {
      const network = builtinNetwork(name);
      const unfit = computeLayers(network).find(
        ({ operation: o }) => o.operator === "conv2d" && o.groups > 1 && o.groups !== o.inChannels,
      );
      if (unfit !== undefined) {
        expect(() => writeScalesimTopology(network)).toThrow(/groups: SCALE-Sim's topology cannot say this/);
        return;
      }
      const written = writeScalesimTopology(network);
      const read = readScalesimTopology(written.text);
      expect(read.warnings).toEqual([]);
      expect(networkTotals(read)).toEqual(networkTotals(network));
      const outputs = (from: Network): string[] =>
        computeLayers(from).map(({ operation }) => outputShape(operation).join());
      const matmulAsConv = (shape: string): string => (/^1,1000,1$|^1,4096,1$/.test(shape) ? `${shape},1` : shape);
      expect(outputs(read)).toEqual(outputs(network).map(matmulAsConv));
    },
  );

  test("a network of products alone is a gemm topology", () => {
    const network = readScalesimTopology("Layer,M,N,K\nL0,196,192,384");
    expect(writeScalesimTopology(network)).toEqual({
      text: "Layer, M, N, K,\nL0,196,192,384,\n",
      kind: "gemm",
      warnings: [],
    });
  });

  test("names lose commas, gain or lose DP, and stay unique; densities that do not fit are listed", () => {
    const [layer] = computeLayers(readScalesimTopology(conv("x_DP,5,5,3,3,2,1,1,")));
    if (layer === undefined) throw new Error("no layer");
    const dense = { ...layer.operation, groups: 1 };
    const layers: ComputeLayer[] = [
      { ...layer, name: "a,b" },
      {
        ...layer,
        name: "DPN",
        operation: dense,
        density: { A: 0.3, B: 0.5 },
        densitySource: { A: "measured", B: "measured" },
      },
      {
        ...layer,
        name: "DpN",
        operation: dense,
        density: { A: Math.SQRT1_2, B: 1 },
        densitySource: { A: "given", B: "assumed" },
      },
    ];
    const written = writeScalesimTopology({ name: "n", source: "", inputs: [], layers, warnings: [] });
    expect(written.text.split("\n").slice(1, 4)).toEqual([
      "a_b_DP,5,5,3,3,2,1,1,",
      "DpN,5,5,3,3,2,2,1,",
      "DpN_2,5,5,3,3,2,2,1,",
    ]);
    expect(written.warnings).toEqual([
      "densities that are not written: DPN (activations), DPN (weights, measured), DpN (weights, 0.7071067811865476 is no N:M with M up to 64)",
      "names that are written differently: a,b as a_b_DP, DPN as DpN, DpN as DpN_2",
    ]);
  });

  test.each([
    [{ batch: 2 }, "A.batch"],
    [{ dilation: [1, 2] as const }, "A.dilation"],
    [{ stride: [1, 2] as const }, "A.stride"],
    [{ inChannels: 4, outChannels: 4, groups: 2 }, "A.groups"],
  ])("%j is refused", (change, path) => {
    const network = readScalesimTopology(conv("A,5,5,2,2,2,6,1,"));
    const layers = computeLayers(network).map((layer): ComputeLayer =>
      layer.operation.operator === "conv2d" ? { ...layer, operation: { ...layer.operation, ...change } } : layer,
    );
    expect(() => writeScalesimTopology({ ...network, layers })).toThrow(
      `${path}: SCALE-Sim's topology cannot say this`,
    );
  });

  test("products of many heads, and networks without products, are refused", () => {
    expect(() => writeScalesimTopology(builtinNetwork("bert-base-128"))).toThrow(
      "encoder.layer.0.attention.self.scores.batch",
    );
    expect(() => writeScalesimTopology({ name: "none", source: "", inputs: [], layers: [], warnings: [] })).toThrow(
      InputError,
    );
  });
});
