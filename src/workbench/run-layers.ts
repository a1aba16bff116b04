// The layers of a run as tasks, side by side as far as they go: layers on a grid; on a product machine also the
// mappings of one layer, and the rows of a check. Which thread does what leaves no trace in the results.

import { InputError } from "../base/error.ts";
import type { PreparedMachine, PreparedProduct } from "../simulate/prepare-machine.ts";
import type { MappedProduct } from "../simulate/product/simulate-product.ts";
import { productMappingNames, productResult, reportedMappings, unitsOf } from "../simulate/product/simulate-product.ts";
import type { MappingChoice, Verification } from "../simulate/simulate-layer.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import type { MappingShare, MappingWatch } from "./mapping-watch.ts";
import type { Answer, Candidates, Step, Task, TaskContext } from "./task.ts";
import { taskPerformer } from "./task.ts";

/** What wants to know how far a run has come. */
export interface RunObserver {
  readonly onLayer?: (done: number, total: number) => void;
  /** Called a few times a second with the mappings of sparse products that are being timed. */
  readonly onMappings?: (shares: readonly MappingShare[]) => void;
}

export interface Staff {
  readonly request: Pick<TaskContext, "accelerator" | "set"> & RunObserver;
  readonly choice: TaskContext["choice"];
  /** Threads behind `perform`. */
  readonly threads: number;
  readonly perform: (task: Task, signal?: AbortSignal) => Promise<Answer>;
  readonly watch?: MappingWatch;
}

/** Threads, of those at hand, for which so many layers have work at the same time. */
export function usefulThreads(
  threads: number,
  layers: number,
  prepared: PreparedMachine,
  choice: MappingChoice & Verification,
): number {
  if (prepared.kind !== "product") return Math.min(threads, layers);
  // A whole check is cut into as many parts as there are threads.
  return choice.check === "all" ? threads : Math.min(threads, layers * productMappingNames(prepared, choice).length);
}

/** Milliseconds after which a run lets timers and signals in. */
const yieldAfter = 50;

/** Does tasks where it is, one after the other in the order in which they are asked for. */
export function localCrew(tick?: () => void): {
  readonly perform: Staff["perform"];
  readonly dismiss: () => Promise<void>;
} {
  const performTask = taskPerformer(tick);
  let last = Date.now();
  let before: Promise<unknown> = Promise.resolve();
  const perform: Staff["perform"] = async (task, signal) => {
    if (Date.now() - last > yieldAfter) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 0);
      });
      signal?.throwIfAborted();
      last = Date.now();
    }
    return performTask(task);
  };
  return {
    perform: (task, signal) => {
      const answer = before.then(() => perform(task, signal));
      before = answer.catch(() => undefined);
      return answer;
    },
    dismiss: () => Promise.resolve(),
  };
}

/**
 * What each layer may end as. Throws InputError for the first layer, in order, that has one, whichever thread met one
 * first, and the signal's reason when it is aborted.
 */
export async function runLayers(
  layers: readonly ComputeLayer[],
  prepared: PreparedMachine,
  staff: Staff,
  signal?: AbortSignal,
): Promise<readonly Candidates[]> {
  const { request, threads } = staff;
  const outcomes: (Candidates | InputError)[] = [];
  let done = 0;
  let next = 0;
  /** Layers after the first that is known to have a fault need not be done: none of them can have an earlier one. */
  let end = layers.length;
  const work = async (): Promise<void> => {
    for (let index = next++; index < end; index = next++) {
      const layer = layers[index];
      if (layer === undefined) return;
      const outcome = await runLayer(layer, index, prepared, staff, signal).catch((error: unknown) => {
        if (error instanceof InputError) return error;
        throw error;
      });
      outcomes[index] = outcome;
      if (outcome instanceof InputError) end = Math.min(end, index);
      if (end === layers.length) request.onLayer?.(++done, layers.length);
    }
  };
  // Layers that are begun at the same time: enough that no thread waits for the end of one.
  await Promise.all(Array.from({ length: threads === 1 ? 1 : 2 * threads }, work));
  return outcomes.map((outcome) => {
    if (outcome instanceof InputError) throw outcome;
    return outcome;
  });
}

async function runLayer(
  given: ComputeLayer,
  index: number,
  prepared: PreparedMachine,
  staff: Staff,
  signal?: AbortSignal,
): Promise<Candidates> {
  const { request, choice, threads, watch } = staff;
  const { accelerator, set } = request;
  const layer = threads === 1 ? given : (await import("./crew.ts")).sharedLayer(given);
  const perform = async <Kind extends Step["kind"]>(
    step: Extract<Step, { kind: Kind }>,
  ): Promise<Extract<Answer, { kind: Kind }>> => {
    const answer = await staff.perform({ accelerator, set, choice, layer, index, step }, signal);
    if (answer.kind === "fault") throw new InputError(answer.fault);
    if (!isOf(answer, step.kind)) throw new Error(`an answer to another question than ${step.kind}`);
    return answer;
  };
  if (prepared.kind !== "product") return (await perform({ kind: "layer" })).results;
  const all = await mappedBy(prepared, choice, async (mapping) => {
    const underWay = watch?.begin(layer.name, mapping);
    try {
      return await perform({ kind: "mapping", mapping, ...(underWay && { share: underWay.share }) });
    } finally {
      underWay?.end();
    }
  });
  return Promise.all(
    reportedMappings(all, choice).map(async (mapped) => {
      const of = choice.check === "all" ? threads : choice.check === "sample" ? 1 : 0;
      const shares = await inOrder(
        Array.from({ length: of }, (_, part) => part),
        (part) => perform({ kind: "check", mapping: mapped.name, share: { part, of } }),
      );
      const check = shares[0]?.check ?? "off";
      if (choice.auditPercent === 0) return productResult(layer, prepared, mapped, all, { check });
      const { audit } = await perform({ kind: "audit", mapping: mapped.name, units: unitsOf(mapped) });
      return productResult(layer, prepared, mapped, all, { check, audit });
    }),
  );
}

/** Every mapping of a layer, in the machine's order. Inner products, which take longest, are begun first. */
async function mappedBy(
  prepared: PreparedProduct,
  choice: MappingChoice,
  map: (mapping: string) => Promise<{ readonly mapped: MappedProduct }>,
): Promise<readonly MappedProduct[]> {
  const names = productMappingNames(prepared, choice);
  const isInner = (name: string): boolean => prepared.machine.mappings[name]?.dataflow === "inner";
  const begun = [...names].sort((a, b) => Number(isInner(b)) - Number(isInner(a)));
  const answers = await inOrder(begun, map);
  return names.flatMap((name) => answers[begun.indexOf(name)]?.mapped ?? []);
}

/** Begins them all at once; of several that fail, the error is that of the first in order. */
async function inOrder<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const settled = await Promise.allSettled(items.map(work));
  return settled.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

const isOf = <Kind extends Answer["kind"]>(answer: Answer, kind: Kind): answer is Extract<Answer, { kind: Kind }> =>
  answer.kind === kind;
