// A network as JSON: every layer with its dimensions and densities, without values.

import { jsonDocument } from "../../report/json.ts";
import type { Network } from "../../workload/layer.ts";
import { denseMacs } from "../../workload/effectual.ts";

/** `{ version, name, source, inputs, layers }`; compute layers hold their operation, the others their output shape. */
export function networkJson(network: Network): string {
  const layers = network.layers.map((layer) => {
    if (layer.kind === "shape") {
      return { kind: layer.kind, name: layer.name, operator: layer.operator, outputShape: layer.outputShape };
    }
    const { kind, name, operation, weightsConstant, density, densitySource, nonZeros } = layer;
    const counts = nonZeros === undefined ? {} : { nonZeros };
    return { kind, name, operation, macs: denseMacs(layer), weightsConstant, density, densitySource, ...counts };
  });
  return jsonDocument({ version: 1, name: network.name, source: network.source, inputs: network.inputs, layers });
}
