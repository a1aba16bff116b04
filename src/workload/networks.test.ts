// Built-in networks against published totals, against each other, and layer by layer against the reference table.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import type { ComputeLayer, Conv2d } from "./layer.ts";
import { builtinNetwork, describeNetworks, findNetworkName, networkNames, networkTotals } from "./networks.ts";
import { macs, outputShape } from "./shapes.ts";

const REFERENCE = new URL("../../../shared/reference/networks.json", import.meta.url);

interface ReferenceLayer {
  readonly fullyConnected: boolean;
  /** Every dimension by the letter that the table uses. */
  readonly size: (field: string) => number;
}

const entries = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function referenceTable(text: string): Record<string, ReferenceLayer[]> {
  const table: Record<string, ReferenceLayer[]> = {};
  for (const [network, layers] of entries(JSON.parse(text))) {
    table[network] = entries(layers).map(([, layer]) => {
      const fields = new Map(entries(layer));
      return { fullyConnected: fields.get("type") === "fc", size: (field) => Number(fields.get(field)) };
    });
  }
  return table;
}

const computeLayers = (name: string, batch = 1): ComputeLayer[] =>
  builtinNetwork(name, { batch }).layers.filter((layer) => layer.kind === "compute");

/** Networks whose layers are recorded products, with a batch and non-zeros of their own. */
const isRecorded = (name: string): boolean => name.startsWith("flexagon:");
const shapeNetworks = networkNames().filter((name) => !isRecorded(name));

const convolution = (layer: ComputeLayer): Conv2d => {
  if (layer.operation.operator !== "conv2d") throw new Error(`${layer.name} is no convolution`);
  return layer.operation;
};

describe("totals at batch 1", () => {
  // GFLOPs in torchvision's table of weights (which counts a multiply-accumulate as one) are the same to its two digits:
  // 0.71, 15.47, 19.63, 1.81, 3.66, 4.09, 7.80, 5.71, 0.30, 0.82, 4.46. Caffe's AlexNet is the often quoted 724 M,
  // MobileNet v1 the 569 M of its paper, and GoogLeNet the 1.58 G of the published 5 x 5 variant.
  test.each([
    ["alexnet", 8, 714_188_480],
    ["alexnet-caffe", 8, 724_406_816],
    ["vgg16", 16, 15_470_264_320],
    ["vgg19", 19, 19_632_062_464],
    ["resnet18", 21, 1_814_073_344],
    ["resnet34", 37, 3_663_761_408],
    ["resnet50", 54, 4_089_184_256],
    ["resnet101", 105, 7_801_405_440],
    ["googlenet", 58, 1_582_671_872],
    ["inception-v3", 95, 5_713_216_096],
    ["mobilenet-v1", 28, 568_740_352],
    // The dense total that Eyeriss v2's measurements name.
    ["mobilenet-v1-0.5-128", 28, 49_160_192],
    ["mobilenet-v2", 53, 300_774_272],
    ["squeezenet1.0", 26, 818_924_576],
    ["convnext-tiny", 59, 4_455_531_264],
  ])("%s: %i compute layers, %i MACs", (name, layers, total) => {
    expect(networkTotals(builtinNetwork(name))).toEqual({ computeLayers: layers, macs: total });
  });

  // An encoder block of width D over T tokens: 4 D^2 T for the projections, 2 T^2 D for scores and context, 8 D^2 T for
  // the two layers of the perceptron.
  const block = (T: number, D: number): number => 12 * D * D * T + 2 * T * T * D;

  // BERT-base at 128 tokens is the usual 22.3 to 22.5 GFLOPs (two operations a multiply-accumulate).
  test.each([
    [128, 11_174_215_680],
    [384, 35_333_406_720],
  ])("bert-base at %i tokens: 12 blocks and the pooler", (tokens, total) => {
    const network = builtinNetwork(`bert-base-${tokens}`);
    expect(total).toBe(12 * block(tokens, 768) + 768 * 768);
    expect(networkTotals(network)).toEqual({ computeLayers: 12 * 8 + 1, macs: total });
  });

  // Usually quoted as 1.3, 4.6 and 17.5 to 17.6 GFLOPs (a multiply-accumulate counted as one).
  test.each([
    ["deit-tiny", 192, 1.3],
    ["deit-small", 384, 4.6],
    ["deit-base", 768, 17.6],
  ])("%s: patches, 12 blocks of 197 tokens, classifier", (name, D, published) => {
    const total = 196 * 3 * 16 * 16 * D + 12 * block(197, D) + 1000 * D;
    expect(networkTotals(builtinNetwork(name))).toEqual({ computeLayers: 1 + 12 * 6 + 1, macs: total });
    expect(Number((total / 1e9).toFixed(1))).toBe(published);
  });
});

describe.skipIf(!existsSync(REFERENCE))(
  existsSync(REFERENCE)
    ? "every layer of the reference table"
    : "every layer of the reference table (skipped: shared/reference is absent)",
  () => {
    const table = existsSync(REFERENCE) ? referenceTable(readFileSync(REFERENCE, "utf8")) : {};
    const key = (...parts: readonly number[]): string => parts.join(" ");

    test.each(Object.keys(table))("%s", (name) => {
      const ours = computeLayers(name === "alexnet_torchvision" ? "alexnet" : name).map(({ operation: o }) =>
        o.operator === "matmul"
          ? `fc ${key(o.K, o.M, o.N)}`
          : key(
              o.inChannels,
              o.outChannels,
              o.kernelHeight,
              o.kernelWidth,
              o.height,
              o.width,
              ...outputShape(o).slice(2),
              ...o.stride,
              ...o.padding,
              ...o.dilation,
              o.groups,
              macs(o),
            ),
      );
      const theirs = (table[name] ?? []).map(({ fullyConnected, size }) => {
        if (fullyConnected) return `fc ${key(size("C"), size("K"), 1)}`;
        const window = ["C", "K", "R", "S", "H", "W", "P", "Q", "stride", "stride", "pad", "padW", "pad", "padW"].map(
          size,
        );
        return key(...window, 1, 1, size("groups"), size("macs"));
      });
      expect(ours.toSorted()).toEqual(theirs.toSorted());
    });

    test("holds twelve networks", () => expect(Object.keys(table)).toHaveLength(12));
  },
);

describe("structure", () => {
  test.each(shapeNetworks)("%s: unique names, assumed densities, shapes that flow", (name) => {
    const network = builtinNetwork(name);
    expect(network.name).toBe(name);
    expect(new Set(network.layers.map((layer) => layer.name)).size).toBe(network.layers.length);
    for (const layer of network.layers) {
      if (layer.kind === "shape") continue;
      expect(layer.density).toEqual({ A: 1, B: 1 });
      expect(layer.densitySource).toEqual({ A: "assumed", B: "assumed" });
      expect(layer.weightsConstant).toBe(!/scores|context/.test(layer.name));
    }
    const last = network.layers.at(-1);
    const output = last?.kind === "compute" ? outputShape(last.operation) : last?.outputShape;
    expect(output).toEqual(name.startsWith("bert") ? [1, 768] : last?.kind === "compute" ? [1, 1000, 1] : [1, 1000]);
  });

  test.each(shapeNetworks)("%s: MACs grow with the batch, layers do not", (name) => {
    const one = networkTotals(builtinNetwork(name));
    expect(networkTotals(builtinNetwork(name, { batch: 3 }))).toEqual({ ...one, macs: 3 * one.macs });
  });

  test.each(networkNames().filter(isRecorded))("%s: unique names, given non-zeros, a batch of its own", (name) => {
    const network = builtinNetwork(name);
    expect(network.name).toBe(name);
    expect(new Set(network.layers.map((layer) => layer.name)).size).toBe(network.layers.length);
    for (const { operation, nonZeros, density, densitySource } of computeLayers(name)) {
      if (operation.operator !== "matmul" || nonZeros === undefined) throw new Error("no counted product");
      const { M, N, K } = operation;
      expect(density).toEqual({ A: nonZeros.A / (M * K), B: nonZeros.B / (K * N) });
      expect(densitySource).toEqual({ A: "given", B: "given" });
    }
    expect(() => builtinNetwork(name, { batch: 2 })).toThrow(/^batch: .*found "2"; expected 1/);
  });

  test("ResNet shortcuts are found by name and halve the image", () => {
    for (const [name, count] of [
      ["resnet18", 3],
      ["resnet34", 3],
      ["resnet50", 4],
      ["resnet101", 4],
    ] as const) {
      const shortcuts = computeLayers(name)
        .filter((layer) => layer.name.includes("downsample"))
        .map(convolution);
      expect(shortcuts).toHaveLength(count);
      expect(
        shortcuts.every((shortcut) => shortcut.kernelHeight === 1 && shortcut.inChannels < shortcut.outChannels),
      ).toBe(true);
    }
  });

  // The example of the ArrayFlex paper, which counts layers without shortcuts: (M, N, K) = (256, 2304, 196), (512, 2304, 49).
  test("ResNet-34 layers 20 and 28 without shortcuts", () => {
    const main = computeLayers("resnet34").filter((layer) => !layer.name.includes("downsample"));
    expect(main).toHaveLength(34);
    const sizes = [20, 28].map((number) => {
      const layer = main[number - 1];
      if (layer === undefined) throw new Error("too few layers");
      const conv = convolution(layer);
      const [, channels = 0, height = 0, width = 0] = outputShape(conv);
      return [channels, conv.inChannels * conv.kernelHeight * conv.kernelWidth, height * width];
    });
    expect(sizes).toEqual([
      [256, 2304, 196],
      [512, 2304, 49],
    ]);
  });

  test("ResNet-50 strides in the 3 x 3 convolutions (version 1.5)", () => {
    const strided = computeLayers("resnet50").filter(
      (layer) => layer.operation.operator === "conv2d" && layer.operation.stride[0] === 2,
    );
    expect(strided.map((layer) => layer.name)).toEqual([
      "conv1",
      "layer2.0.conv2",
      "layer2.0.downsample.0",
      "layer3.0.conv2",
      "layer3.0.downsample.0",
      "layer4.0.conv2",
      "layer4.0.downsample.0",
    ]);
  });

  test("attention is one product a head", () => {
    const operations = new Map(computeLayers("bert-base-384", 2).map((layer) => [layer.name, layer.operation]));
    expect(operations.get("encoder.layer.0.attention.self.scores")).toEqual({
      operator: "matmul",
      batch: 24,
      M: 384,
      N: 384,
      K: 64,
    });
    expect(operations.get("encoder.layer.0.attention.self.context")).toEqual({
      operator: "matmul",
      batch: 24,
      M: 64,
      N: 384,
      K: 384,
    });
    expect(operations.get("encoder.layer.11.intermediate.dense")).toEqual({
      operator: "matmul",
      batch: 1,
      M: 3072,
      N: 768,
      K: 768,
    });
  });
});

describe("registry", () => {
  test.each([
    ["ResNet-50", "resnet50"],
    ["resnet_18", "resnet18"],
    ["mobilenet_v1", "mobilenet-v1"],
    ["MobileNetV2", "mobilenet-v2"],
    ["convnext_tiny", "convnext-tiny"],
    ["squeezenet1_0", "squeezenet1.0"],
    ["squeezenet", "squeezenet1.0"],
    ["inception_v3", "inception-v3"],
    ["alexnet_caffe", "alexnet-caffe"],
    ["VGG-16", "vgg16"],
    ["deit_b", "deit-base"],
    ["bert-base", "bert-base-128"],
    ["Flexagon:ResNet-50", "flexagon:resnet50"],
    ["flexagon:ssd_mobilenet", "flexagon:ssd-mobilenet"],
  ])("%s is %s", (spelling, name) => {
    expect(findNetworkName(spelling)).toBe(name);
    expect(builtinNetwork(spelling).name).toBe(name);
  });

  test("an unknown name suggests the nearest", () => {
    expect(() => builtinNetwork("resnet5")).toThrow(/unknown network; found "resnet5".*did you mean "resnet50"/);
    for (const name of ["", "constructor", "__proto__", "-"]) expect(() => builtinNetwork(name)).toThrow(InputError);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31])("a batch of %d is refused", (batch) => {
    expect(() => builtinNetwork("resnet18", { batch })).toThrow(InputError);
  });

  test("a batch whose MACs no longer count exactly is refused", () => {
    expect(() => builtinNetwork("vgg16", { batch: 2 ** 31 - 1 })).toThrow(/conv1_1: too many multiply-accumulates/);
  });

  test("descriptions are made on demand and agree with the networks", () => {
    const described = describeNetworks();
    expect(described.map((description) => description.name)).toEqual(networkNames());
    for (const { name, summarise } of described) {
      const network = builtinNetwork(name);
      expect(summarise()).toEqual({ source: network.source, ...networkTotals(network) });
    }
  });
});
