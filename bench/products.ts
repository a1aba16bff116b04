// Sparse x sparse products in every dataflow: products a second with timing on a skewed graph, and all 54 recorded
// layers of ResNet-50 in six dataflows.

import { acceleratorNamed } from "../src/accelerator/accelerators.ts";
import { productMachineAt } from "../src/dataflow/product/parts.ts";
import { runProduct } from "../src/dataflow/product/run-product.ts";
import type { ProductDataflow } from "../src/mapping/product-mapping.ts";
import { prepareMachine } from "../src/simulate/prepare-machine.ts";
import { computeLayers } from "../src/simulate/simulate-network.ts";
import { technology } from "../src/technology/technologies.ts";
import { randomSparse } from "../src/tensor/sparse-matrix-random.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { sparseOperands } from "../src/workload/sparse-operands.ts";
import { countProduct } from "../src/workload/sparse-product.ts";
import { median, print, time } from "./measure.ts";

const { machine } = acceleratorNamed("flexagon-simulated").configure({});
const prepared = prepareMachine(machine, technology(machine.technology));
if (prepared.kind !== "product") throw new Error("no machine for sparse products");
const product = productMachineAt(prepared.parts, prepared.machine, prepared.dram, 1e9);

/** About 4.5 million products, as wiki-Vote squared. */
const graph = randomSparse(8297, 8297, 194_000, 1);
const { multiplications } = countProduct(graph, graph);
for (const dataflow of ["gustavson", "outer", "inner"] as const satisfies readonly ProductDataflow[]) {
  const seconds = median(time(3, () => runProduct(graph, graph, product, { dataflow, stationary: "M" })));
  print({
    name: `${dataflow}, ${(multiplications / 1e6).toFixed(1)} M products of a graph squared, timed`,
    value: multiplications / seconds,
    unit: "products/s",
    target: dataflow === "inner" ? 1e6 : 10e6,
    wants: "at least",
  });
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
