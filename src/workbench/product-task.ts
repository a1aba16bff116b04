// What a thread does for a sparse-product machine: one mapping of a layer, the check of a part of its rows, or its audit.

import type { PreparedProduct } from "../simulate/prepared.ts";
import { checkProducts } from "../simulate/product/product-check.ts";
import { auditProduct, mapProduct, simulateProductLayer } from "../simulate/product/simulate-product.ts";
import type { OperandPair } from "../workload/sparse-operands.ts";
import { sparseOperands } from "../workload/sparse-operands.ts";
import type { Answer, Step, Task } from "./task.ts";

/**
 * Does tasks of one run, one after the other, and keeps the operands of the layer that it had last. `tick` is called now
 * and then in the middle of a mapping.
 */
export function productPerformer(product: PreparedProduct, tick?: () => void): (task: Task) => Answer {
  let held: { readonly index: number; readonly pairs: readonly OperandPair[] } | undefined;
  const operandsOf = ({ layer, index, choice }: Task): readonly OperandPair[] => {
    // The ones before are let go first: two of them may not fit.
    if (held?.index !== index) held = undefined;
    held ??= { index, pairs: sparseOperands(layer, choice.seed) };
    return held.pairs;
  };
  return (task) => {
    const { layer, step, choice } = task;
    switch (step.kind) {
      case "layer":
        return { kind: "layer", results: simulateProductLayer(layer, product, choice) };
      case "mapping": {
        const pairs = operandsOf(task);
        return {
          kind: "mapping",
          mapped: mapProduct(pairs, product, step.mapping, sharing(pairs, product, step, tick)),
        };
      }
      case "check": {
        const mapping = product.machine.mappings[step.mapping];
        if (mapping === undefined) throw new Error(`no mapping ${step.mapping}`);
        const pairs = operandsOf(task);
        const check = checkProducts(pairs, mapping, product.engine.rows, choice.check, choice.seed, step.share);
        return { kind: "check", check };
      }
      case "audit": {
        const audit = auditProduct(layer, operandsOf(task), product, step.mapping, step.units, choice);
        return { kind: "audit", audit };
      }
      default:
        throw new Error(`${product.machine.name} does not do ${step.kind}`);
    }
  };
}

/** Keeps `share` up to date, where there is one: entries at rest are what every dataflow brings in just once. */
function sharing(
  pairs: readonly OperandPair[],
  { machine }: PreparedProduct,
  { mapping, share }: Extract<Step, { kind: "mapping" }>,
  tick?: () => void,
): ((entries: number) => void) | undefined {
  if (share === undefined) return undefined;
  const rests = machine.mappings[mapping]?.stationary === "N" ? "B" : "A";
  const all = pairs.reduce((sum, pair) => sum + pair[rests].column.length, 0);
  return (entries) => {
    share[0] = entries / all;
    tick?.();
  };
}
