// What a thread does for a machine of loop nests: it prepares a layer's search, runs parts of it, and makes the result of
// the schedules that were found.

import type { NestLayer } from "../../simulate/nest/simulate-nest.ts";
import { nestLayer } from "../../simulate/nest/simulate-nest.ts";
import { savedFault } from "../../simulate/nest/search/search-saved.ts";
import type { PartState } from "../../simulate/nest/search/search-state.ts";
import type { PreparedSearch } from "../../simulate/nest/search/search-prepare.ts";
import { partSteps } from "../../simulate/nest/search/search.ts";
import { frameOf } from "../../simulate/nest/search/search-prepare.ts";
import type { PreparedNest } from "../../simulate/prepared.ts";
import type { Answer, Step, Task } from "../task.ts";
import { noteMoves, notePart } from "./search-watch.ts";

/**
 * Does tasks of one run, one after the other, and keeps the layer that it had last with its searches. `pause` is waited for
 * now and then in the middle of a part.
 */
export function nestPerformer(prepared: PreparedNest, pause?: () => Promise<void>): (task: Task) => Promise<Answer> {
  let held:
    | { readonly index: number; readonly layer: NestLayer; readonly searches: Map<string, PreparedSearch> }
    | undefined;
  const layerOf = ({ layer, index, choice }: Task): NonNullable<typeof held> => {
    if (held?.index === index) return held;
    // The one before is let go first: two of them may not fit.
    held = undefined;
    held = { index, layer: nestLayer(layer, prepared, choice), searches: new Map() };
    return held;
  };
  const searchOf = (task: Task, mapping: string): PreparedSearch => {
    const { layer, searches } = layerOf(task);
    const search = searches.get(mapping) ?? layer.search(mapping);
    searches.set(mapping, search);
    return search;
  };
  return async (task) => {
    const { step } = task;
    switch (step.kind) {
      case "search": {
        const search = searchOf(task, step.mapping);
        const misfit = step.saved && savedFault(search, step.saved.state, step.saved.ahead);
        return { kind: "search", frame: frameOf(search), ...(misfit && { misfit }) };
      }
      case "search-parts": {
        const search = searchOf(task, step.mapping);
        const parts: PartState[] = [];
        for (const part of step.parts) parts.push(await partOf(search, step, part, pause));
        return { kind: "search-parts", parts };
      }
      case "layer":
        return { kind: "layer", results: [layerOf(task).layer.result(step.searches ?? {})] };
      default:
        throw new Error(`${prepared.machine.name} does not do ${step.kind}`);
    }
  };
}

/** Runs one part of a round, and keeps what is seen of it up to date. */
async function partOf(
  search: PreparedSearch,
  { state, seen }: Extract<Step, { kind: "search-parts" }>,
  part: number,
  pause?: () => Promise<void>,
): Promise<PartState> {
  const before = state.parts[part]?.sampled ?? 0;
  const steps = partSteps(search, state, part);
  for (;;) {
    const step = steps.next();
    if (seen !== undefined) {
      if (step.done === true) notePart(seen, part, step.value, search);
      else noteMoves(seen, part, before + step.value);
    }
    await pause?.();
    if (step.done === true) return step.value;
  }
}
