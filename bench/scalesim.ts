// The drop-in for SCALE-Sim: ResNet-50 with all fields and with the closed forms alone, and a run whose buffers are far
// too small. SCALE-Sim's own recorded times are beside the figures.

import { readScalesimConfiguration } from "../src/interop/scalesim/input/configuration.ts";
import { readScalesimLayers } from "../src/interop/scalesim/input/layers.ts";
import { writeScalesimTopology } from "../src/interop/scalesim/input/topology-write.ts";
import type { ScalesimLayer } from "../src/interop/scalesim/scalesim.ts";
import { computeScalesimLayer, simulateScalesimLayer } from "../src/interop/scalesim/simulate.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { median, print, time } from "./measure.ts";

const configurationOf = (dataflow: string, mode: string, kilobytes: number) =>
  readScalesimConfiguration(
    `[general]
run_name = bench
[architecture_presets]
ArrayHeight: 32
ArrayWidth: 32
IfmapSramSzkB: ${kilobytes}
FilterSramSzkB: ${kilobytes}
OfmapSramSzkB: ${kilobytes}
Dataflow: ${dataflow}
Bandwidth: 10
[run_presets]
InterfaceBandwidth: ${mode}
`,
    { version: "v3" },
  ).configuration;

const seconds = (layers: readonly ScalesimLayer[], work: (layer: ScalesimLayer) => unknown, repeats: number): number =>
  median(
    time(repeats, () => {
      for (const layer of layers) work(layer);
    }),
  );

const topology = writeScalesimTopology(builtinNetwork("resnet50")).text;
const resnet = readScalesimLayers(topology, { input: "conv" }).layers;
const outputStationary = configurationOf("os", "CALC", 64);

print({
  name: `ResNet-50 (${resnet.length} layers), os 32 x 32, CALC, 64 kB: all fields (SCALE-Sim on its own, smaller ResNet-50: 502 s)`,
  value: seconds(resnet, (layer) => simulateScalesimLayer(layer, outputStationary, "v3"), 5),
  unit: "s",
  target: 3,
  wants: "at most",
});
print({
  name: "memory of this process so far (SCALE-Sim: 9000 MB)",
  value: process.resourceUsage().maxRSS / 1000,
  unit: "MB",
  target: 300,
  wants: "at most",
});
print({
  name: "the same without DRAM traffic",
  value: 1000 * seconds(resnet, (layer) => computeScalesimLayer(layer, outputStationary), 9),
  unit: "ms",
  target: 20,
  wants: "at most",
});

const product = readScalesimLayers("Layer, M, N, K,\nproduct, 256, 128, 256,\n", { input: "gemm" }).layers;
const inputStationary = configurationOf("is", "USER", 1);
print({
  name: "256 x 128 x 256, is 32 x 32, USER, 1 kB (SCALE-Sim: 274 s)",
  value: seconds(product, (layer) => simulateScalesimLayer(layer, inputStationary, "v3"), 9),
  unit: "s",
  target: 0.2,
  wants: "at most",
});
const user = configurationOf("os", "USER", 64);
print({
  name: "ResNet-50, os 32 x 32, USER at 10 words per cycle, 64 kB: all fields",
  value: seconds(resnet, (layer) => simulateScalesimLayer(layer, user, "v3"), 3),
  unit: "s",
  target: 10,
  wants: "at most",
});
