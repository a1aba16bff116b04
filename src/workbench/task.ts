// A piece of a run that a thread can do by itself: a layer on a grid; on a product machine one mapping of a layer, the
// check of a part of its rows, or its audit. Plain data both ways.

import { acceleratorNamed } from "../accelerator/accelerators.ts";
import type { LooseValues } from "../accelerator/parameters.ts";
import type { Fault } from "../base/error.ts";
import { InputError } from "../base/error.ts";
import type { PreparedMachine, PreparedProduct } from "../simulate/prepare-machine.ts";
import { prepareMachine } from "../simulate/prepare-machine.ts";
import { checkProducts } from "../simulate/product/product-check.ts";
import type { MappedProduct } from "../simulate/product/simulate-product.ts";
import { auditProduct, mapProduct, simulateProductLayer } from "../simulate/product/simulate-product.ts";
import { simulateGridLayer } from "../simulate/simulate-grid.ts";
import type { CheckOutcome, LayerAudit, LayerResult } from "../simulate/result.ts";
import type { MappingChoice, Verification } from "../simulate/simulate-layer.ts";
import { technology } from "../technology/technologies.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import type { OperandPair } from "../workload/sparse-operands.ts";
import { sparseOperands } from "../workload/sparse-operands.ts";
import type { Share } from "../workload/sparse-product.ts";

/** What all tasks of a run share. */
export interface TaskContext {
  readonly accelerator: string;
  readonly set: LooseValues;
  readonly choice: MappingChoice & Verification;
}

/** What is done with a layer. A mapping says in `share`, which threads may share, how much of it is done: 0 to 1. */
export type Step =
  | { readonly kind: "layer" }
  | { readonly kind: "mapping"; readonly mapping: string; readonly share?: Float64Array }
  | { readonly kind: "check"; readonly mapping: string; readonly share: Share }
  | { readonly kind: "audit"; readonly mapping: string; readonly units: number };

export interface Task extends TaskContext {
  readonly layer: ComputeLayer;
  /** Number of the layer in its run: tasks of one number have the same operands. */
  readonly index: number;
  readonly step: Step;
}

/** What a layer may end as (`layerCandidates`). */
export type Candidates = readonly LayerResult[];

/** Bad input is data, because an error loses its class between threads. */
export type Answer =
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "layer"; readonly results: Candidates }
  | { readonly kind: "mapping"; readonly mapped: MappedProduct }
  | { readonly kind: "check"; readonly check: CheckOutcome }
  | { readonly kind: "audit"; readonly audit: LayerAudit };

/**
 * A worker's hands: does tasks of one run, one after the other, and keeps the operands of the layer that it had last.
 * `tick` is called now and then in the middle of a mapping.
 */
export function taskPerformer(tick?: () => void): (task: Task) => Promise<Answer> {
  let machine: PreparedMachine | undefined;
  let held: { readonly index: number; readonly pairs: readonly OperandPair[] } | undefined;
  const operandsOf = ({ layer, index, choice }: Task): readonly OperandPair[] => {
    // The ones before are let go first: two of them may not fit.
    if (held?.index !== index) held = undefined;
    held ??= { index, pairs: sparseOperands(layer, choice.seed) };
    return held.pairs;
  };
  return async (task) => {
    try {
      machine ??= preparedFor(task);
      const { layer, step, choice } = task;
      switch (step.kind) {
        case "layer":
          return { kind: "layer", results: await candidatesOf(layer, machine, choice) };
        case "mapping": {
          const product = requireProduct(machine);
          const pairs = operandsOf(task);
          return {
            kind: "mapping",
            mapped: mapProduct(pairs, product, step.mapping, sharing(pairs, product, step, tick)),
          };
        }
        case "check": {
          const product = requireProduct(machine);
          const mapping = product.machine.mappings[step.mapping];
          if (mapping === undefined) throw new Error(`no mapping ${step.mapping}`);
          const pairs = operandsOf(task);
          const check = checkProducts(pairs, mapping, product.engine.rows, choice.check, choice.seed, step.share);
          return { kind: "check", check };
        }
        case "audit": {
          const product = requireProduct(machine);
          const audit = auditProduct(layer, operandsOf(task), product, step.mapping, step.units, choice);
          return { kind: "audit", audit };
        }
      }
    } catch (error) {
      if (error instanceof InputError) return { kind: "fault", fault: error.fault };
      throw error;
    }
  };
}

/** As `layerCandidates`, but an engine is loaded when a machine needs it: most runs need one. */
async function candidatesOf(
  layer: ComputeLayer,
  machine: PreparedMachine,
  choice: TaskContext["choice"],
): Promise<Candidates> {
  switch (machine.kind) {
    case "grid":
      return [simulateGridLayer(layer, machine, choice)];
    case "product":
      return simulateProductLayer(layer, machine, choice);
    case "nest":
      return [(await import("../simulate/nest/simulate-nest.ts")).simulateNestLayer(layer, machine, choice)];
  }
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

function preparedFor({ accelerator, set }: TaskContext): PreparedMachine {
  const { machine } = acceleratorNamed(accelerator).configure(set);
  return prepareMachine(machine, technology(machine.technology));
}

function requireProduct(machine: PreparedMachine): PreparedProduct {
  if (machine.kind !== "product") throw new Error(`${machine.machine.name} is no product machine`);
  return machine;
}
