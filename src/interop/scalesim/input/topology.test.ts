// Topologies of SCALE-Sim as networks: each rule of the format, and broken files. The files that SCALE-Sim ships are read
// in test/acceptance/scalesim-files.test.ts.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../base/error.ts";
import type { ComputeLayer, Network } from "../../../workload/layer.ts";
import { outputShape } from "../../../workload/shapes.ts";
import { readScalesimTopology } from "./topology.ts";

const HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,";
const conv = (...rows: readonly string[]): string => [HEADER, ...rows].join("\n");

const computeLayers = (network: Network): ComputeLayer[] => network.layers.filter((layer) => layer.kind === "compute");
const firstLayer = (text: string): ComputeLayer => {
  const [layer] = computeLayers(readScalesimTopology(text));
  if (layer === undefined) throw new Error("no layer");
  return layer;
};
const messageOf = (text: string): string => {
  try {
    return `no error: ${readScalesimTopology(text, { file: "t.csv" }).layers.length} layers`;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
};

describe("conv", () => {
  test("valid convolution, rounded up by padding at the bottom and right", () => {
    const layer = firstLayer(conv("Conv1, 224, 220, 11, 3, 3, 96, 4,"));
    expect(layer).toEqual({
      kind: "compute",
      name: "Conv1",
      operation: {
        operator: "conv2d",
        batch: 1,
        inChannels: 3,
        height: 224,
        width: 220,
        outChannels: 96,
        kernelHeight: 11,
        kernelWidth: 3,
        stride: [4, 4],
        padding: [0, 0, 3, 3],
        dilation: [1, 1],
        groups: 1,
      },
      weightsConstant: true,
      density: { A: 1, B: 1 },
      densitySource: { A: "assumed", B: "assumed" },
    });
  });

  test("the output has SCALE-Sim's size, ceil((size - kernel + stride) / stride)", () => {
    const extent = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(extent, extent, extent, extent, extent, (a, b, c, d, stride) => {
        const [H, R, W, S] = [Math.max(a, b), Math.min(a, b), Math.max(c, d), Math.min(c, d)];
        const { operation } = firstLayer(conv(`L,${H},${W},${R},${S},2,3,${stride},`));
        expect(outputShape(operation)).toEqual([
          1,
          3,
          Math.ceil((H - R + stride) / stride),
          Math.ceil((W - S + stride) / stride),
        ]);
      }),
    );
  });

  test("a name with DP is depth-wise, all filters for each channel", () => {
    const network = readScalesimTopology(conv("Conv2_DP, 10, 10, 3, 3, 8, 2, 1,", "dp, 10, 10, 3, 3, 8, 2, 1,"));
    const [first, second] = computeLayers(network);
    expect(first?.operation).toMatchObject({ groups: 8, inChannels: 8, outChannels: 16 });
    expect(second?.operation).toMatchObject({ groups: 1, inChannels: 8, outChannels: 2 });
    expect(network.warnings).toEqual([
      'depth-wise by SCALE-Sim\'s rule (DP in the name) with several filters for each channel: "Conv2_DP" (8 x 2 outputs)',
    ]);
  });

  test("sparsity, titled or not, and batch", () => {
    expect(firstLayer(conv("L,5,5,3,3,2,6,1,2:4,"))).toMatchObject({
      density: { A: 0.5, B: 1 },
      densitySource: { A: "given", B: "assumed" },
    });
    expect(firstLayer(`${HEADER} Sparsity,\nL,5,5,3,3,2,6,1,1:4`).density.A).toBe(0.25);
    expect(firstLayer(`${HEADER} Batch Size,\nL,5,5,3,3,2,6,1,7,`).operation.batch).toBe(7);
    const [own, other] = computeLayers(
      readScalesimTopology(`${HEADER} batch size, Sparsity\nL,5,5,3,3,2,6,1,7,1:2\nM,5,5,3,3,2,6,1,`, { batch: 3 }),
    );
    expect(own?.operation.batch).toBe(7);
    expect(own?.density.A).toBe(0.5);
    expect(other?.operation.batch).toBe(3);
  });

  test("line ends, byte order mark, blank rows, missing trailing commas", () => {
    const plain = readScalesimTopology(conv("A,5,5,3,3,2,6,1,", "B,5,5,3,3,2,6,1,")).layers;
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = `\uFEFF${[HEADER, "", ",,,,,,", " A , 5,5,3,3,2,6,1", "", "B,5,5,3,3,2,6,1, ", ""].join(end)}`;
      expect(readScalesimTopology(text).layers).toEqual(plain);
    }
  });

  test("repeated names become unique", () => {
    const network = readScalesimTopology(conv("A,5,5,3,3,2,6,1,", "A,5,5,3,3,2,6,1,"));
    expect(network.layers.map((layer) => layer.name)).toEqual(["A", "A_line3"]);
    expect(network.warnings).toHaveLength(1);
  });

  test("the network is named after the file", () => {
    const text = conv("A,5,5,3,3,2,6,1,");
    expect(readScalesimTopology(text, { file: "nets/Tiny.v2.csv" })).toMatchObject({
      name: "Tiny.v2",
      source: "SCALE-Sim topology nets/Tiny.v2.csv",
    });
    expect(readScalesimTopology(text, { name: "mine" }).name).toBe("mine");
  });
});

describe("gemm", () => {
  test("SCALE-Sim's M counts columns of B, its N rows of the weights", () => {
    expect(firstLayer("Layer,M,N,K,\nL0,196,192,384,").operation).toEqual({
      operator: "matmul",
      batch: 1,
      M: 192,
      N: 196,
      K: 384,
    });
    expect(firstLayer("Layer,M,K,N,\nL0,196,384,192,").operation).toEqual({
      operator: "matmul",
      batch: 1,
      M: 192,
      N: 196,
      K: 384,
    });
    expect(firstLayer("Layer,M,N,K,Batch\nL0,196,192,384,2").operation).toMatchObject({ batch: 1, M: 192, N: 392 });
    expect(firstLayer("Layer,M,N,K\nL0,196,192,384,3:4").density.A).toBe(0.75);
  });
});

describe("what is refused", () => {
  test.each([
    ["", "t.csv: empty topology; expected a header row"],
    [`${HEADER}\n`, "t.csv: no layers; expected one row or more under the header"],
    [
      conv("A,5,5,3,3,2,6,"),
      't.csv:2:14: Strides: the row ends too early; found "7 cells"; expected a Strides in cell 8',
    ],
    [
      conv("A,5,5,3,3,2,6,1,8,"),
      't.csv:2:17: a cell past the last titled column; found "8"; expected 8 cells, or a Sparsity N:M',
    ],
    [
      conv("", "A,5, 5x,3,3,2,6,1,"),
      't.csv:3:6: IFMAP Width: bad size; found "5x"; expected an integer from 1 to 2147483647',
    ],
    [conv("A,5,5,3,3,0,6,1,"), 't.csv:2:11: Channels: bad size; found "0"; expected an integer from 1 to 2147483647'],
    [
      conv("A,5,5,3,3,2147483648,6,1,"),
      't.csv:2:11: Channels: bad size; found "2147483648"; expected an integer from 1 to 2147483647',
    ],
    [
      conv("A,5,5,6,3,2,6,1,"),
      't.csv:2:7: Filter Height: the filter is larger than the image; found "6"; expected at most 5',
    ],
    [conv(",5,5,3,3,2,6,1,"), "t.csv:2:1: the row has no name; expected a layer name in the first column"],
    [conv("A,5,5,3,3,2,6,1,4:2"), 't.csv:2:17: Sparsity: bad sparsity; found "4:2"; expected N:M with 1 <= N <= M'],
    [
      conv("A,5,5,3,3,2000000000,2000000000,1,"),
      't.csv:2: A.A: too many elements; found "3.600e+19"; expected at most 2^53 (9007199254740992)',
    ],
    [
      "Layer,M,N,K\nA,1,N,3",
      't.csv:2:5: N: symbolic size; found "N"; expected a number in its place (1 to 2147483647)',
    ],
    [
      "A,5,5,3,3,2,6,1,\nB,5,5,3,3,2,6,1,",
      't.csv:1:1: the header row is missing; found "A,5,5,3,3,2,6,1"; expected "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides" or "Layer, M, N, K"',
    ],
    [
      HEADER.replace("Filter Width", "Filtre Width"),
      't.csv:1:55: wrong title of column 5; found "Filtre Width"; expected Filter Width; did you mean "Filter Width"?',
    ],
    [
      "time;value\n1;2",
      't.csv:1:1: neither a conv nor a gemm topology of SCALE-Sim; found "time;value"; expected "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides" or "Layer, M, N, K"',
    ],
  ])("%j", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  test("millions of empty rows or cells are passed over", () => {
    expect(messageOf(`${HEADER}${",".repeat(2e7)}\nA,5,5,3,3,2,6,1,${",".repeat(2e7)}`)).toBe("no error: 1 layers");
    expect(messageOf(conv(",\n".repeat(1e6)))).toBe("t.csv: no layers; expected one row or more under the header");
  });
});
