// The layers of a run as tasks, side by side as far as they go: layers on a grid; on a product machine also the
// mappings of one layer, and the rows of a check; on a machine of loop nests also the parts of a layer's search. Which thread does what leaves no trace in the results.

import { InputError } from "../base/error.ts";
import type { PreparedMachine } from "../simulate/prepared.ts";
import { nestSearches, searchParts } from "../simulate/nest/search/search-parts.ts";
import { productMappingNames } from "../simulate/product/mapping-names.ts";
import type { MappingChoice, Verification } from "../simulate/simulate-layer.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import type { MappingShare, MappingWatch } from "./mapping-watch.ts";
import type { SearchStore } from "./search/search-store.ts";
import type { SearchShare, SearchWatch } from "./search/search-watch.ts";
import type { Answer, Candidates, Step, Task, TaskContext } from "./task.ts";
import { taskPerformer } from "./task.ts";

/** What wants to know how far a run has come. */
export interface RunObserver {
  readonly onLayer?: (done: number, total: number) => void;
  /** Called a few times a second with the mappings of sparse products that are being timed. */
  readonly onMappings?: (shares: readonly MappingShare[]) => void;
  /** Called a few times a second with the searches of schedules under way. */
  readonly onSearches?: (shares: readonly SearchShare[]) => void;
}

export interface Staff {
  readonly request: Pick<TaskContext, "accelerator" | "set"> & RunObserver & { readonly searches?: SearchStore };
  readonly choice: TaskContext["choice"];
  /** Threads behind `perform`. */
  readonly threads: number;
  readonly perform: (task: Task, signal?: AbortSignal) => Promise<Answer>;
  readonly watch?: MappingWatch;
  readonly searchWatch?: SearchWatch;
}

/** Threads, of those at hand, for which so many layers have work at the same time. */
export function usefulThreads(
  threads: number,
  layers: readonly Pick<ComputeLayer, "name">[],
  prepared: PreparedMachine,
  choice: MappingChoice & Verification,
): number {
  switch (prepared.kind) {
    case "grid":
      return Math.min(threads, layers.length);
    case "nest": {
      // The mappings of a layer are searched one after the other.
      const searched = layers.filter(({ name }) => nestSearches(name, prepared, choice).length > 0).length;
      return Math.min(threads, searched * searchParts + layers.length - searched);
    }
    case "product":
      // A whole check is cut into as many parts as there are threads.
      if (choice.check === "all") return threads;
      return Math.min(threads, layers.length * productMappingNames(prepared, choice).length);
  }
}

/** Milliseconds after which a run lets timers and signals in. */
const yieldAfter = 50;

/** Lets timers and signals in; by a timer, which takes a millisecond, only where there is nothing shorter. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

/** Does tasks where it is, one after the other in the order in which they are asked for. */
export function localCrew(tick?: () => void): {
  readonly perform: Staff["perform"];
  readonly dismiss: () => Promise<void>;
} {
  let last = Date.now();
  let before: Promise<unknown> = Promise.resolve();
  let signalled: AbortSignal | undefined;
  const pause = async (): Promise<void> => {
    if (Date.now() - last <= yieldAfter) return;
    await nextTurn();
    signalled?.throwIfAborted();
    last = Date.now();
  };
  const performTask = taskPerformer(tick, pause);
  const perform: Staff["perform"] = async (task, signal) => {
    signalled = signal;
    await pause();
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
  /** Whether as many layers as threads are left, so that none need be shared. */
  const crowded = (): boolean => threads > 1 && end - done >= threads;
  const work = async (): Promise<void> => {
    for (let index = next++; index < end; index = next++) {
      const layer = layers[index];
      if (layer === undefined) return;
      const outcome = await runLayer(layer, index, prepared, staff, crowded, signal).catch((error: unknown) => {
        if (error instanceof InputError) return error;
        throw error;
      });
      outcomes[index] = outcome;
      if (outcome instanceof InputError) end = Math.min(end, index);
      done += 1;
      if (end === layers.length) request.onLayer?.(done, layers.length);
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
  crowded: () => boolean,
  signal?: AbortSignal,
): Promise<Candidates> {
  const { request, choice, threads } = staff;
  const { accelerator, set } = request;
  const layer = threads === 1 ? given : (await import("./crew.ts")).sharedLayer(given);
  const perform: Perform = async (step) => {
    const answer = await staff.perform({ accelerator, set, choice, layer, index, step }, signal);
    if (answer.kind === "fault") throw new InputError(answer.fault);
    if (!isOf(answer, step.kind)) throw new Error(`an answer to another question than ${step.kind}`);
    return answer;
  };
  switch (prepared.kind) {
    case "grid":
      return (await perform({ kind: "layer" })).results;
    case "nest":
      return (await import("./search/nest-layers.ts")).runNestLayer(given, prepared, staff, perform, crowded);
    case "product":
      return (await import("./product-layers.ts")).runProductLayer(layer, prepared, staff, perform);
  }
}

/** Has a step done for a layer and gives the answer to it. Throws InputError for a fault. */
export type Perform = <Kind extends Step["kind"]>(
  step: Extract<Step, { kind: Kind }>,
) => Promise<Extract<Answer, { kind: Kind }>>;

const isOf = <Kind extends Answer["kind"]>(answer: Answer, kind: Kind): answer is Extract<Answer, { kind: Kind }> =>
  answer.kind === kind;
