// Layer simulations a second on one core, in closed form, with traffic and energy: every compute layer of real networks
// on several machines.

import { acceleratorNamed } from "../src/accelerator/accelerators.ts";
import { prepareMachine } from "../src/simulate/prepare-machine.ts";
import { simulateLayer } from "../src/simulate/simulate-layer.ts";
import { computeLayers } from "../src/simulate/simulate-network.ts";
import { technology } from "../src/technology/technologies.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { median, print, time } from "./measure.ts";

const networks = ["resnet50", "vgg16", "mobilenet-v2", "bert-base-128", "inception-v3"];
const machines = [
  { name: "systolic", set: {} },
  { name: "systolic", set: { bandwidth: 256e9, latency: 1e-7 }, label: "systolic, 256 GB/s" },
  { name: "systolic", set: { dataflow: "output-stationary" }, label: "systolic, output stationary" },
  { name: "tpu-v1", set: {} },
];

for (const { name, set, label } of machines) {
  const { machine } = acceleratorNamed(name).configure(set);
  const prepared = prepareMachine(machine, technology(machine.technology));
  const layers = networks.flatMap((network) => computeLayers(builtinNetwork(network)));
  const choice = { objective: "seconds", check: "off", auditPercent: 0, seed: 1 } as const;
  const repeats = 10;
  const seconds = time(7, () => {
    for (let i = 0; i < repeats; i++) for (const layer of layers) simulateLayer(layer, prepared, choice);
  });
  print({
    name: `closed-form layers a second, ${label ?? name}`,
    value: (repeats * layers.length) / median(seconds),
    unit: "layers/s",
    target: 20_000,
    wants: "at least",
  });
}
