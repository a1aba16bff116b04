// Asks the engine for the film of the machine, layer and tile that are chosen, and for the layers that there are to choose.

import { computed, effect, signal } from "@preact/signals";
import { ask, EngineFault } from "../engine/client.ts";
import type { Film, FilmRequest, FilmView, NamedFile, WorkloadSketch } from "../engine/api.ts";
import { shown } from "../shell/results.ts";
import { files, job, option, state } from "../shell/state.ts";
import { show } from "./playback.ts";

/** What of the film is not in the film: parameters that were made smaller. */
export const reduced = signal<Film["reduced"]>({});
export const sketch = signal<WorkloadSketch | undefined>(undefined);
export const asking = signal(false);
/** Why there is no film, as the engine says it; `input` where the reader can choose something else. */
export const refusal = signal<{ readonly kind: "input" | "failure"; readonly message: string } | undefined>(undefined);

/** Which tile of the layer, from 0; the page and the address count from 1. */
export const tile = computed(() => {
  const wanted = Number(option("tile.index", "1"));
  return Number.isInteger(wanted) && wanted >= 1 ? wanted - 1 : 0;
});

/** What of a machine is filmed. */
export const view = computed<FilmView>(() => (option("tile.view", "lanes") === "nest" ? "nest" : "lanes"));
export const views = signal<Film["views"]>([]);

/** A value that is the same object as long as it says the same, so that only changes are followed. */
function steady<Value>(compute: () => Value, same: (a: Value, b: Value) => boolean) {
  let before: { readonly value: Value } | undefined;
  return computed(() => {
    const value = compute();
    if (before === undefined || !same(before.value, value)) before = { value };
    return before.value;
  });
}

type Workload = FilmRequest["job"];

const sameText = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const sameFiles = (a: readonly NamedFile[], b: readonly NamedFile[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);

const workload = steady<Workload>(
  () => {
    const { workload, density, layers, seed } = state.value;
    return { workload, density, layers, seed, files: files.value };
  },
  ({ files: a, ...one }, { files: b, ...other }) => sameText(one, other) && sameFiles(a, b),
);

/** The layer that is filmed: the one that is open, or the first. */
export const layer = computed(() => {
  const layers = sketch.value?.layers ?? [];
  return layers.find(({ name }) => name === state.value.layer) ?? layers[0];
});

const request = steady<FilmRequest | undefined>(
  () => {
    const { machines, machine } = state.value;
    const chosen = machines[machine];
    const name = layer.value?.name;
    if (chosen === undefined || name === undefined) return undefined;
    return { job: workload.value, machine: chosen, layer: name, tile: tile.value, view: view.value };
  },
  (a, b) =>
    a?.job === b?.job &&
    a?.layer === b?.layer &&
    a?.tile === b?.tile &&
    a?.view === b?.view &&
    sameText(settings(a), settings(b)),
);

/** Unlimited parameters are not JSON. */
const settings = (wanted: FilmRequest | undefined): unknown =>
  wanted === undefined
    ? null
    : [
        wanted.machine.name,
        wanted.machine.mapping,
        Object.entries(wanted.machine.set).map(([key, value]) => [key, String(value)]),
      ];

/** The schedule that the runs on the page have for a layer; searching it again may take seconds. */
function scheduleOf({ machine, layer }: FilmRequest): FilmRequest["schedule"] {
  const done = shown.peek();
  const { machines, machine: index } = state.peek();
  if (done === undefined || done.job !== job.peek() || machines[index] !== machine) return undefined;
  if (done.job.resources === "equal" && machines.length > 1) return undefined;
  const part = done.parts[index];
  return part?.kind === "run" ? part.run.layers.find(({ name }) => name === layer)?.schedule : undefined;
}

/** Tried again when it changes. */
const attempt = signal(0);

export function tryAgain(): void {
  attempt.value++;
}

function refuse(error: unknown): void {
  refusal.value = {
    kind: error instanceof EngineFault ? "input" : "failure",
    message: error instanceof Error ? error.message : String(error),
  };
}

/** Asks whenever the answer would be another, and forgets answers that come too late. Returns what ends that. */
export function followChoice(): () => void {
  const stopSketch = effect(() => {
    const job = workload.value;
    void attempt.value;
    const controller = new AbortController();
    sketch.value = undefined;
    refusal.value = undefined;
    const load = async (): Promise<void> => {
      try {
        const answer = await ask((engine) => engine.sketch(job), controller.signal, "first");
        if (!controller.signal.aborted) sketch.value = answer;
      } catch (error) {
        if (!controller.signal.aborted) refuse(error);
      }
    };
    void load();
    return () => {
      controller.abort();
    };
  });
  const stopFilm = effect(() => {
    const wanted = request.value;
    void attempt.value;
    show(undefined);
    if (wanted === undefined) return undefined;
    const controller = new AbortController();
    refusal.value = undefined;
    asking.value = true;
    const load = async (): Promise<void> => {
      try {
        const schedule = scheduleOf(wanted);
        const asked = schedule === undefined ? wanted : { ...wanted, schedule };
        const film = await ask((engine) => engine.film(asked), controller.signal, "first");
        if (controller.signal.aborted) return;
        reduced.value = film.reduced;
        views.value = film.views;
        show(film.replay);
      } catch (error) {
        if (!controller.signal.aborted) refuse(error);
      } finally {
        if (!controller.signal.aborted) asking.value = false;
      }
    };
    void load();
    return () => {
      controller.abort();
      asking.value = false;
    };
  });
  return () => {
    stopSketch();
    stopFilm();
  };
}
