// Networks out of models: known totals of the real files, and what happens to operators that nobody knows.

import { describe, expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";
import { builtinNetwork, networkTotals } from "../../workload/networks.ts";
import type { ModelSketch } from "../../../test/support/onnx-models.ts";
import { buildModel, floats } from "../../../test/support/onnx-models.ts";
import { haveSharedModels, sharedModel } from "../../../test/support/shared-onnx.ts";
import { importOnnx } from "./import.ts";
import { readOnnx } from "./read.ts";

const load = (sketch: ModelSketch) => importOnnx(readOnnx(buildModel(sketch), { file: "m.onnx" }));
const shared = (name: string) => importOnnx(readOnnx(sharedModel(name), { file: name }));
const computeLayers = (network: Network): ComputeLayer[] =>
  network.layers.flatMap((layer) => (layer.kind === "compute" ? [layer] : []));
const why = haveSharedModels ? "" : " (skipped: no ../shared/data/onnx)";

/** MACs of a convolution from its output size, as the papers count them. */
const conv = (size: number, out: number, inputs: number, kernel: number, groups = 1) =>
  (size * size * out * inputs * kernel * kernel) / groups;

const alexnet =
  conv(54, 96, 3, 11) +
  conv(26, 256, 96, 5, 2) +
  conv(12, 384, 256, 3) +
  conv(12, 384, 384, 3, 2) +
  conv(12, 256, 384, 3, 2) +
  256 * 36 * 4096 +
  4096 * 4096 +
  4096 * 1000;

/** Fire modules of SqueezeNet 1.1: size, inputs, squeezed, expanded. */
const fires = [
  [55, 64, 16, 64],
  [55, 128, 16, 64],
  [27, 128, 32, 128],
  [27, 256, 32, 128],
  [13, 256, 48, 192],
  [13, 384, 48, 192],
  [13, 384, 64, 256],
  [13, 512, 64, 256],
] as const;
const squeezenet =
  conv(111, 64, 3, 3) +
  conv(13, 1000, 512, 1) +
  fires.reduce(
    (sum, [size, inputs, squeeze, expand]) =>
      sum + conv(size, squeeze, inputs, 1) + conv(size, expand, squeeze, 1) + conv(size, expand, squeeze, 3),
    0,
  );

const vggBlocks = [
  [224, 3, 64, 1],
  [224, 64, 64, 1],
  [112, 64, 128, 1],
  [112, 128, 128, 1],
  [56, 128, 256, 1],
  [56, 256, 256, 3],
  [28, 256, 512, 1],
  [28, 512, 512, 3],
  [14, 512, 512, 4],
] as const;
const vgg19 =
  vggBlocks.reduce((sum, [size, inputs, out, count]) => sum + count * conv(size, out, inputs, 3), 0) +
  512 * 49 * 4096 +
  4096 * 4096 +
  4096 * 1000;

/** DenseNet-121: growth 32, bottleneck 4 x growth, blocks of 6, 12, 24, 16; transitions halve channels and size. */
function densenet121(): number {
  let total = conv(112, 64, 3, 7);
  let channels = 64;
  for (const [block, layers] of [6, 12, 24, 16].entries()) {
    const size = 56 / 2 ** block;
    for (let layer = 0; layer < layers; layer++, channels += 32) {
      total += conv(size, 128, channels, 1) + conv(size, 32, 128, 3);
    }
    if (block < 3) total += conv(size, (channels /= 2), channels * 2, 1);
  }
  return total + channels * 1000;
}

describe(`real models${why}`, () => {
  test.skipIf(!haveSharedModels).each([
    ["light_bvlc_alexnet.onnx", 8, alexnet],
    ["light_densenet121.onnx", 121, densenet121()],
    ["light_squeezenet.onnx", 26, squeezenet],
    ["light_vgg19.onnx", 19, vgg19],
    ["mnist.onnx", 3, conv(28, 8, 1, 5) + conv(14, 16, 8, 5) + 256 * 10],
  ])("%s has %i compute layers and the MACs of its paper's table", (file, count, expected) => {
    const network = shared(file);
    expect(networkTotals(network)).toEqual({ computeLayers: count, macs: expected });
    expect(network.warnings).toEqual([]);
  });

  test.skipIf(!haveSharedModels)(
    "published totals: VGG-19 19.6, DenseNet-121 2.83 to 2.87, Inception v1 1.43 to 1.6, ShuffleNet 0.12 to 0.14 GMAC",
    () => {
      const gmac = (name: string) => networkTotals(shared(name)).macs / 1e9;
      expect(gmac("light_vgg19.onnx")).toBeCloseTo(19.6, 1);
      expect(gmac("light_densenet121.onnx")).toBeGreaterThan(2.83);
      expect(gmac("light_densenet121.onnx")).toBeLessThan(2.87);
      expect(gmac("light_inception_v1.onnx")).toBeGreaterThan(1.43);
      expect(gmac("light_inception_v1.onnx")).toBeLessThan(1.6);
      expect(networkTotals(shared("light_inception_v1.onnx")).computeLayers).toBe(58);
      expect(gmac("light_shufflenet.onnx")).toBeGreaterThan(0.12);
      expect(gmac("light_shufflenet.onnx")).toBeLessThan(0.14);
      expect(networkTotals(shared("light_shufflenet.onnx")).computeLayers).toBe(50);
      expect(networkTotals(shared("ultraface-rfb-320.onnx")).computeLayers).toBe(52);
    },
  );

  test.skipIf(!haveSharedModels)(
    "light_resnet50.onnx: 54 layers, 4.089 GMAC, layer by layer the built-in resnet50",
    () => {
      const network = shared("light_resnet50.onnx");
      expect(networkTotals(network).computeLayers).toBe(54);
      expect(Math.abs(networkTotals(network).macs / 4.089e9 - 1)).toBeLessThan(1e-3);
      expect(computeLayers(network).map((layer) => layer.operation)).toEqual(
        computeLayers(builtinNetwork("resnet50")).map((layer) => layer.operation),
      );
      for (const layer of computeLayers(network)) {
        expect(layer.values?.A?.tensor.data.length).toBe(1);
        expect(layer).toMatchObject({
          weightsConstant: true,
          density: { A: 1, B: 1 },
          densitySource: { A: "measured", B: "assumed" },
        });
      }
    },
  );
});

describe("operators nobody knows", () => {
  const strange = { op: "Shimmer", domain: "custom", name: "odd", inputs: ["x"], outputs: ["s"] };

  test("pass with a warning outside the compute path", () => {
    const network = load({
      inputs: { x: [2, 3] },
      nodes: [strange, { op: "Relu", inputs: ["s"], outputs: ["y"] }],
      outputs: ["y"],
    });
    expect(network.warnings).toEqual(["operator custom.Shimmer is not known and passed over (odd)"]);
    expect(network.layers).toHaveLength(2);
  });

  test("are an error when they take weights: their products would be left out", () => {
    const nodes = [{ op: "Shimmer", domain: "custom", name: "odd", inputs: ["x", "w"], outputs: ["y"] }];
    const sketch = { inputs: { x: [2, 3] }, initialisers: { w: floats([3, 4]) }, nodes, outputs: ["y"] };
    expect(() => load(sketch)).toThrow(/odd.*w.*unknown operator with weights.*custom\.Shimmer/);
    // A vector is a scale or a bias, not what a product is taken with.
    expect(load({ ...sketch, initialisers: { w: floats([3]) } }).warnings).toHaveLength(1);
  });

  test("are an error, naming both, when a compute operator needs their shape", () => {
    const nodes = [
      strange,
      { op: "Relu", inputs: ["s"], outputs: ["r"] },
      { op: "MatMul", name: "mm", inputs: ["r", "w"], outputs: ["y"] },
    ];
    expect(() => load({ inputs: { x: [2, 3] }, initialisers: { w: floats([3, 4]) }, nodes, outputs: ["y"] })).toThrow(
      /node "mm" \(MatMul\): the shape of its input is not known, because of node "odd" \(Shimmer\)/,
    );
    expect(() =>
      load({
        inputs: { x: [2, 3] },
        initialisers: { w: floats([3, 4]) },
        nodes: [strange, { op: "MatMul", name: "mm", inputs: ["s", "w"], outputs: ["y"] }],
        outputs: ["y"],
      }),
    ).toThrow(/node "mm".*node "odd" \(Shimmer\)/);
  });

  test.each(["LSTM", "Einsum", "ConvTranspose", "Attention"])("%s is an unsupported compute operator", (op) => {
    const call = () =>
      load({
        inputs: { x: [2, 3, 4] },
        initialisers: { w: floats([3, 4]) },
        nodes: [{ op, name: "n", inputs: ["x", "w"], outputs: ["y"] }],
        outputs: ["y"],
      });
    expect(call).toThrow(InputError);
    expect(call).toThrow(new RegExp(`node "n" \\(${op}\\): unsupported compute operator`));
  });

  test("shapes that do not fit name the node", () => {
    const model =
      (nodes: ModelSketch["nodes"], w = floats([3, 4])) =>
      () =>
        load({ inputs: { x: [2, 5] }, initialisers: { w }, nodes, outputs: ["y"] });
    expect(model([{ op: "MatMul", name: "n", inputs: ["x", "w"], outputs: ["y"] }])).toThrow(
      /node "n" \(MatMul\), tensor "w": inner dimensions/,
    );
    expect(model([{ op: "Add", name: "n", inputs: ["x", "w"], outputs: ["y"] }])).toThrow(
      /node "n" \(Add\): shapes do not broadcast/,
    );
    expect(model([{ op: "Conv", name: "n", inputs: ["x", "w"], outputs: ["y"] }])).toThrow(
      /node "n" \(Conv\): only 1-D and 2-D/,
    );
    const big = () =>
      load({
        inputs: { x: [1, 1, 4, 4] },
        initialisers: { w: floats([1, 1, 5, 5]) },
        nodes: [{ op: "Conv", name: "n", inputs: ["x", "w"], outputs: ["y"] }],
        outputs: ["y"],
      });
    expect(big).toThrow(/m\.onnx: node "n" \(Conv\): the kernel does not fit/);
  });
});
