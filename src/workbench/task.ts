// A piece of a run that a thread can do by itself: a layer on a grid; on a product machine one mapping of a layer, the
// check of a part of its rows, or its audit; on a machine of loop nests parts of a search. Plain data both ways.

import { acceleratorNamed } from "../accelerator/accelerators.ts";
import type { LooseValues } from "../accelerator/parameters.ts";
import type { Fault } from "../base/error.ts";
import { InputError } from "../base/error.ts";
import type { PartState, SearchState } from "../simulate/nest/search/search-state.ts";
import type { SearchFrame } from "../simulate/nest/search/search-prepare.ts";
import type { MappedProduct } from "../simulate/product/simulate-product.ts";
import { simulateGridLayer } from "../simulate/grid/simulate-grid.ts";
import type { CheckOutcome, LayerAudit, LayerResult } from "../simulate/result.ts";
import type { MappingChoice, Verification } from "../simulate/simulate-layer.ts";
import { technology } from "../technology/technologies.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import type { Share } from "../workload/sparse-product.ts";
import { prepareAny } from "./prepare.ts";
import type { KeptSearch } from "./search/search-store.ts";

/** What all tasks of a run share. */
export interface TaskContext {
  readonly accelerator: string;
  readonly set: LooseValues;
  readonly choice: MappingChoice & Verification;
}

/**
 * What is done with a layer. A mapping says in `share`, which threads may share, how much of it is done: 0 to 1. A search
 * is prepared, and compared with its saved state; then come parts of the round after a state, noted in `seen`
 * (`search-watch.ts`); a layer of loop nests is the result of its searches, by mapping.
 */
export type Step =
  | { readonly kind: "layer"; readonly searches?: Readonly<Record<string, SearchState>> }
  | { readonly kind: "search"; readonly mapping: string; readonly saved?: KeptSearch }
  | {
      readonly kind: "search-parts";
      readonly mapping: string;
      readonly state: SearchState;
      readonly parts: readonly number[];
      readonly seen?: Float64Array;
    }
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
  | { readonly kind: "search"; readonly frame: SearchFrame; readonly misfit?: Fault }
  | { readonly kind: "search-parts"; readonly parts: readonly PartState[] }
  | { readonly kind: "mapping"; readonly mapped: MappedProduct }
  | { readonly kind: "check"; readonly check: CheckOutcome }
  | { readonly kind: "audit"; readonly audit: LayerAudit };

/**
 * A worker's hands: does tasks of one run, one after the other. `tick` is called now and then in the middle of a
 * mapping, `pause` waited for in the middle of a search.
 */
export function taskPerformer(tick?: () => void, pause?: () => Promise<void>): (task: Task) => Promise<Answer> {
  let performer: ReturnType<typeof performerFor> | undefined;
  return async (task) => {
    try {
      performer ??= performerFor(task, tick, pause);
      return await (
        await performer
      )(task);
    } catch (error) {
      if (error instanceof InputError) return { kind: "fault", fault: error.fault };
      throw error;
    }
  };
}

/** Prepares the machine of a run, and loads the engine that it needs and no other. */
async function performerFor(
  { accelerator, set, choice: { auditPercent } }: TaskContext,
  tick?: () => void,
  pause?: () => Promise<void>,
): Promise<(task: Task) => Answer | Promise<Answer>> {
  const { machine } = acceleratorNamed(accelerator).configure(set);
  const prepared = await prepareAny(machine, technology(machine.technology));
  if (prepared.kind === "product") return (await import("./product-task.ts")).productPerformer(prepared, tick);
  if (prepared.kind === "nest") return (await import("./search/nest-task.ts")).nestPerformer(prepared, pause);
  const audit = auditPercent > 0 ? (await import("../simulate/grid/audit.ts")).auditLayer : undefined;
  return ({ layer, step, choice }) => {
    if (step.kind !== "layer") throw new Error(`${machine.name} does layers as a whole`);
    return { kind: "layer", results: [simulateGridLayer(layer, prepared, choice, audit)] };
  };
}
