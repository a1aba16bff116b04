// Topologies with SCALE-Sim's own meaning: columns by position, depth-wise rows channel by channel, what it drops and
// what it cannot read.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../base/error.ts";
import { networkTotals } from "../../../workload/networks.ts";
import type { LayersOptions } from "./layers.ts";
import { readScalesimLayers } from "./layers.ts";
import type { ScalesimLayer } from "../scalesim.ts";
import { readScalesimTopology } from "./topology.ts";

const HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,";
const conv = (...rows: readonly string[]): string => [HEADER, ...rows].join("\n");
const gemm = (...rows: readonly string[]): string => ["Layer, M, N, K,", ...rows].join("\n");

const layersOf = (text: string, options: LayersOptions = { input: "conv" }): readonly ScalesimLayer[] =>
  readScalesimLayers(text, options).layers;
const notesOf = (text: string, options: LayersOptions = { input: "conv" }): readonly string[] =>
  readScalesimLayers(text, options).notes;
const messageOf = (text: string, input?: "conv" | "gemm"): string => {
  try {
    const { layers } = readScalesimLayers(text, { file: "t.csv", ...(input === undefined ? {} : { input }) });
    return `no error: ${layers.length} layers`;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
};

const conv1: ScalesimLayer = {
  name: "Conv1",
  ifmapHeight: 224,
  ifmapWidth: 220,
  filterHeight: 11,
  filterWidth: 3,
  channels: 5,
  filters: 96,
  stride: 4,
  sparsity: { kept: 1, block: 1 },
};

describe("conv", () => {
  test("a layer a row, N:M where it is given", () => {
    const text = conv("Conv1, 224, 220, 11, 3, 5, 96, 4,", "Conv1, 224, 220, 11, 3, 5, 96, 4, 2:4,");
    expect(readScalesimLayers(text, { input: "conv" })).toEqual({
      layers: [conv1, { ...conv1, sparsity: { kept: 2, block: 4 } }],
      input: "conv",
      notes: [],
    });
  });

  test("a name with DP in it is one layer a channel with all the filters, case and all", () => {
    const text = conv("xDPw, 10, 10, 3, 3, 3, 2, 1, 1:2,", "dp, 10, 10, 3, 3, 3, 2, 1,");
    const layers = layersOf(text);
    expect(layers.map((layer) => layer.name)).toEqual(["xDPwChannel_0", "xDPwChannel_1", "xDPwChannel_2", "dp"]);
    expect(layers.map((layer) => [layer.channels, layer.filters, layer.sparsity.block])).toEqual([
      [1, 2, 2],
      [1, 2, 2],
      [1, 2, 2],
      [3, 2, 1],
    ]);
    expect(notesOf(text)).toEqual([
      `depth-wise by SCALE-Sim's rule (DP in the name), one layer a channel: "xDPw" (3 layers)`,
    ]);
    expect(layersOf(gemm("DP, 4, 5, 6,"), { input: "gemm" })).toHaveLength(1);
  });

  test("what a network of the same file computes, multiply-accumulate for multiply-accumulate", () => {
    const extent = fc.integer({ min: 1, max: 12 });
    const row = fc
      .tuple(fc.constantFrom("a", "DPb"), extent, extent, extent, extent, extent, extent, extent)
      .map(([name, a, b, c, d, channels, filters, stride]) =>
        [name, Math.max(a, b), Math.max(c, d), Math.min(a, b), Math.min(c, d), channels, filters, stride].join(","),
      );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), fc.boolean(), (rows, closed) => {
        const text = conv(...rows.map((one) => (closed ? `${one},` : one)));
        const macs = layersOf(text, {}).reduce((sum, layer) => {
          const height = Math.ceil((layer.ifmapHeight - layer.filterHeight + layer.stride) / layer.stride);
          const width = Math.ceil((layer.ifmapWidth - layer.filterWidth + layer.stride) / layer.stride);
          return sum + height * width * layer.filterHeight * layer.filterWidth * layer.channels * layer.filters;
        }, 0);
        expect(macs).toBe(networkTotals(readScalesimTopology(text)).macs);
      }),
    );
  });

  test("a batch is that many layers, and too many of them are refused before they are made", () => {
    const header = `${HEADER} Batch Size,`;
    const text = `${header}\nA, 5, 5, 3, 3, 2, 6, 1, 3,\nDP, 5, 5, 3, 3, 2, 6, 1, 2,\nB, 5, 5, 3, 3, 2, 6, 1,`;
    expect(layersOf(text).map((layer) => layer.name)).toEqual([
      "AImage_0",
      "AImage_1",
      "AImage_2",
      "DPImage_0Channel_0",
      "DPImage_0Channel_1",
      "DPImage_1Channel_0",
      "DPImage_1Channel_1",
      "B",
    ]);
    expect(notesOf(text).at(-1)).toBe(
      'batches, which SCALE-Sim does not have: "A" (3 images, one layer each), "DP" (2 images, one layer each)',
    );
    expect(layersOf(conv("DP, 5, 5, 3, 3, 262144, 1, 1,"))).toHaveLength(262144);
    expect(
      messageOf(conv("DP, 5, 5, 3, 3, 262143, 1, 1,", "A, 5, 5, 3, 3, 2, 6, 1,", "DP, 5, 5, 3, 3, 2, 1, 1,"), "conv"),
    ).toBe(
      't.csv:4:17: Channels: the row and those above it come to too many layers; found "262146"; expected at most 262144',
    );
    expect(messageOf(conv("DP, 5, 5, 3, 3, 2147483647, 1, 1,"))).toBe(
      't.csv:2:17: Channels: the row and those above it come to too many layers; found "2147483647"; expected at most 262144',
    );
    expect(messageOf(`${header}\nA, 5, 5, 3, 3, 2, 6, 1, 300000,`)).toBe(
      't.csv:2:25: Batch Size: the row and those above it come to too many layers; found "300000"; expected at most 262144',
    );
  });

  test("byte order mark, line ends, blank rows, missing commas, names alone, comments, other columns", () => {
    const plain = layersOf(conv("A,5,5,3,3,2,6,1,", "A,5,5,3,3,2,6,1,"));
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = `\uFEFF${[HEADER, "", ",,,,", "Title", " A , 5,5,3,3,2,6,1", "A,5,5,3,3,2,6,1,#dw", ""].join(end)}`;
      expect(layersOf(text)).toEqual(plain);
      expect(notesOf(text)).toEqual([
        'rows with only a name are skipped: "Title" (line 4)',
        'comments after the last column are ignored: "#dw" (line 6)',
      ]);
    }
    const text = `${HEADER},Eh,\nA,5,5,3,3,2,6,1,,27,\nA,5,5,3,3,2,6,1,,28,`;
    expect(layersOf(text)).toEqual(plain);
    expect(notesOf(text)).toEqual(['column "Eh" is ignored']);
  });

  test("what no comma follows is lost past the dimensions, as in SCALE-Sim, and said", () => {
    const text = conv("A,5,5,3,3,2,6,1,2:4", "B,5,5,3,3,2,6,1,7");
    expect(layersOf(text).map((layer) => layer.sparsity)).toEqual([
      { kept: 1, block: 1 },
      { kept: 1, block: 1 },
    ]);
    expect(notesOf(text)).toEqual([
      'last cells dropped as SCALE-Sim does, for no comma follows them: "2:4" (line 2), "7" (line 3)',
    ]);
  });

  test("titles do not matter, but are remarked on where they say something else", () => {
    const row = "Conv1,224,220,11,3,5,96,4,";
    expect(layersOf(`a,b\n${row}`)).toEqual([conv1]);
    expect(notesOf(`a,b\n${row}`)).toEqual([
      "the titles are not SCALE-Sim's; the columns are read as IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides, by position",
    ]);
    const renamed = HEADER.replace("IFMAP Height", "IFMAP Width").replace("Filter Width", "Kernel");
    expect(notesOf(`${renamed} N:M,\n${row}`)).toEqual([
      'column 5 is titled "Kernel"; read as Filter Width, by position as SCALE-Sim does',
      'column 2 is titled "IFMAP Width"; read as the height, as SCALE-Sim does',
      'column "N:M" is ignored',
    ]);
    expect(notesOf(`Layer, IFMAP Height\n${row}`)).toContain(
      "column 8 has no title; read as Strides, by position as SCALE-Sim does",
    );
    // The column is nothing that we know, its N:M is read all the same.
    expect(layersOf(`${HEADER} ratio,\n${row} 1:4,`)).toEqual([{ ...conv1, sparsity: { kept: 1, block: 4 } }]);
  });

  test("the first line is the header whatever is in it, even nothing", () => {
    const row = "Conv1,224,220,11,3,5,96,4,";
    expect(layersOf(`${row}\n${row}`)).toEqual([conv1]);
    expect(notesOf(`${row}\n${row}`)).toEqual(["line 1 is skipped as the header, but looks like a layer"]);
    expect(layersOf(`\n${row}\n${row}`)).toEqual([conv1, conv1]);
    expect(layersOf(`\n${conv(row)}`)).toEqual([conv1]);
  });
});

describe("gemm", () => {
  const layer = { name: "L0", ifmapHeight: 196, ifmapWidth: 384, filterHeight: 1, filterWidth: 384, channels: 1 };
  const L0: ScalesimLayer = { ...layer, filters: 192, stride: 1, sparsity: { kept: 1, block: 1 } };

  test("an image M x K, N filters 1 x K", () => {
    expect(readScalesimLayers(gemm("L0,196,192,384,", "L0,196,192,384,3:4,"), { input: "gemm" })).toEqual({
      layers: [L0, { ...L0, sparsity: { kept: 3, block: 4 } }],
      input: "gemm",
      notes: [],
    });
  });

  test("by position, whatever the order of the titles", () => {
    const text = "Layer, M, K, N,\nL0,196,192,384,";
    expect(layersOf(text, { input: "gemm" })).toEqual([L0]);
    expect(layersOf(text, {})).toEqual([L0]);
    expect(notesOf(text, { input: "gemm" })).toEqual([
      'column 3 is titled "K"; read as N, by position as SCALE-Sim does',
      'column 4 is titled "N"; read as K, by position as SCALE-Sim does',
    ]);
  });

  test("a batch has that many times the rows", () => {
    const text = "Layer, M, N, K, Batch,\nL0,196,192,384,2,\nL0,196,192,384,1,";
    expect(layersOf(text, { input: "gemm" })).toEqual([{ ...L0, ifmapHeight: 392 }, L0]);
    expect(notesOf(text, { input: "gemm" })).toEqual(['batches, which SCALE-Sim does not have: "L0" (2 x M = 392)']);
  });
});

describe("which of the two", () => {
  test("without a word the titles say it, and a note says so", () => {
    expect(readScalesimLayers(gemm("A,1,2,3,"), {})).toMatchObject({
      input: "gemm",
      notes: ["read as gemm, which the titles are of"],
    });
    expect(readScalesimLayers(conv("A,5,5,3,3,2,6,1,"), {})).toMatchObject({
      input: "conv",
      notes: ["read as conv, which the titles are of"],
    });
  });

  test("titles of the other kind are refused with the right option", () => {
    expect(messageOf(gemm("A,1,2,3,"), "conv")).toBe(
      't.csv:1:8: the titles are those of a gemm topology, which is read with -i gemm; found "Layer,M,N,K"; expected "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides"',
    );
    expect(messageOf(conv("A,5,5,3,3,2,6,1,"), "gemm")).toBe(
      't.csv:1:13: the titles are those of a conv topology, which is read with -i conv; found "Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num F..."; expected "Layer, M, N, K"',
    );
  });
});

describe("what is refused", () => {
  test.each([
    ["", "conv", "t.csv: empty topology; expected a header row"],
    [`${HEADER}\n`, "conv", "t.csv: no layers; expected one row or more under the header"],
    [
      conv("A,5,5,3,3,2,6,"),
      "conv",
      't.csv:2:14: Strides: the row ends too early; found "7 cells"; expected a Strides in cell 8',
    ],
    [gemm("A,5,5,"), "gemm", 't.csv:2:6: K: the row ends too early; found "3 cells"; expected a K in cell 4'],
    [
      conv("A,5,5,3,3,2,6,1,8,"),
      "conv",
      't.csv:2:17: a cell past the last titled column; found "8"; expected 8 cells, or a Sparsity N:M',
    ],
    [
      "a,b,c,d\nA,5,5,3,3,2,6,1,",
      "gemm",
      't.csv:2:9: a cell past the last titled column; found "3"; expected 4 cells, or a Sparsity N:M',
    ],
    [
      conv("", "A,5, 5x,3,3,2,6,1,"),
      "conv",
      't.csv:3:6: IFMAP Width: bad size; found "5x"; expected an integer from 1 to 2147483647',
    ],
    [
      conv("A,5,5,6,3,2,6,1,"),
      "conv",
      't.csv:2:7: Filter Height: the filter is larger than the image; found "6"; expected at most 5',
    ],
    [conv(",5,5,3,3,2,6,1,"), "conv", "t.csv:2:1: the row has no name; expected a layer name in the first column"],
    [
      conv("A,5,5,3,3,2,6,1,4:2,"),
      "conv",
      't.csv:2:17: Sparsity: bad sparsity; found "4:2"; expected N:M with 1 <= N <= M',
    ],
    [
      `${HEADER} Sparsity,\nA,5,5,3,3,2,6,1,half,`,
      "conv",
      't.csv:2:17: Sparsity: bad sparsity; found "half"; expected N:M with 1 <= N <= M',
    ],
    [
      gemm("A,M,5,6,"),
      "gemm",
      't.csv:2:3: M: symbolic size; found "M"; expected a number in its place (1 to 2147483647)',
    ],
    [
      gemm("A,2000000000,2000000000,2000000000,"),
      "gemm",
      't.csv:2: A.A: too many elements; found "4.000e+18"; expected at most 2^53 (9007199254740992)',
    ],
    [
      "a,b,c\nA,5,5,3,3,2,6,1,",
      undefined,
      't.csv:1:3: neither a conv nor a gemm topology of SCALE-Sim; found "a,b,c"; expected "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides" or "Layer, M, N, K"',
    ],
  ] as const)("%j as %s", (text, input, message) => {
    expect(messageOf(text, input)).toBe(message);
  });
});
