// Sparse x sparse products in every dataflow: products a second with timing on a skewed graph, and all 54 recorded
// layers of ResNet-50 in six dataflows.

import { acceleratorNamed } from "../src/accelerator/accelerators.ts";
import type { ProductMachine } from "../src/dataflow/product/product.ts";
import { productMachineAt, productParts } from "../src/dataflow/product/parts.ts";
import { runProduct } from "../src/dataflow/product/run-product.ts";
import { prepareMachine } from "../src/simulate/prepare-machine.ts";
import { computeLayers } from "../src/simulate/simulate-network.ts";
import { technology } from "../src/technology/technologies.ts";
import { randomSparse } from "../src/tensor/sparse-matrix-random.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { sparseOperands } from "../src/workload/sparse-operands.ts";
import { countProduct } from "../src/workload/sparse-product.ts";
import { median, print, time } from "./measure.ts";

function productOf(name: string): ProductMachine {
  const { machine } = acceleratorNamed(name).configure({});
  const prepared = prepareMachine(machine, technology(machine.technology));
  if (machine.kind !== "product" || machine.engine !== "array") throw new Error("no machine for sparse products");
  return productMachineAt(productParts(machine.components, machine.paths), machine, prepared.dram, 1e9);
}

const product = productOf("flexagon-simulated");
/** Its root lets 16 elements through in a cycle, so that merging is timed element by element. */
const wide = productOf("flexagon");

/** About 4.5 million products, as wiki-Vote squared; rows of a few products, each with a batch of its own; a layer. */
const graph = randomSparse(8297, 8297, 194_000, 1);
const thin = randomSparse(200_000, 200_000, 600_000, 1);
const [weights, inputs] = [randomSparse(256, 2304, 59_000, 1), randomSparse(2304, 676, 780_000, 2)];
for (const [name, A, B, machine, dataflows] of [
  ["graph squared", graph, graph, product, ["gustavson", "outer", "inner"]],
  ["graph squared, root of 16", graph, graph, wide, ["gustavson", "outer"]],
  ["pruned layer, root of 16", weights, inputs, wide, ["gustavson", "outer"]],
  ["thin matrix squared", thin, thin, product, ["gustavson", "outer"]],
  ["thin matrix squared, root of 16", thin, thin, wide, ["gustavson", "outer"]],
] as const) {
  const { multiplications } = countProduct(A, B);
  for (const dataflow of dataflows) {
    const seconds = median(time(3, () => runProduct(A, B, machine, { dataflow, stationary: "M" })));
    print({
      name: `${dataflow}, ${(multiplications / 1e6).toFixed(1)} M products, ${name}, timed`,
      value: multiplications / seconds,
      unit: "products/s",
      target: dataflow === "inner" ? 1e6 : A === thin ? 3e6 : 10e6,
      wants: "at least",
    });
  }
}

const layers = computeLayers(builtinNetwork("flexagon:resnet50"));
const start = performance.now();
for (const layer of layers) {
  for (const { A, B } of sparseOperands(layer, 1)) {
    for (const dataflow of ["gustavson", "outer", "inner"] as const) {
      for (const stationary of ["M", "N"] as const) runProduct(A, B, product, { dataflow, stationary });
    }
  }
}
print({
  name: `${layers.length} layers of ResNet-50, six dataflows each, one core`,
  value: (performance.now() - start) / 1000,
  unit: "s",
  target: 240,
  wants: "at most",
});
