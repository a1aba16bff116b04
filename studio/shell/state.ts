// What the page shows, as one value that the address holds whole: a link restores a view exactly.

import { computed, signal } from "@preact/signals";
import type { Job, MachineChoice, NamedFile } from "../engine/api.ts";
import type { Objective } from "../../src/simulate/machine.ts";

export const views = ["bench", "machine", "tile", "claims"] as const;
export type View = (typeof views)[number];

export interface StudioState {
  readonly view: View;
  /** As on the command line: `resnet50`, `gemm:M=8,N=8,K=8`, `model.onnx`, `A.mtx,B.mtx` ... */
  readonly workload: string;
  readonly machines: readonly MachineChoice[];
  readonly objective: Objective;
  readonly seed: number;
  readonly resources: Job["resources"];
  /** As `--density` and `--layers`; empty for none. */
  readonly density: string;
  readonly layers: string;
  /** Place in `machines` of the machine that the machine and tile views show. */
  readonly machine: number;
  /** Name of the open layer; empty for none. */
  readonly layer: string;
  /** What a view shows of it, such as `bench.metric`; only what differs from that view's own default. */
  readonly options: Readonly<Record<string, string>>;
}

/** What a first visit shows. */
export const firstVisit: StudioState = {
  view: "bench",
  workload: "mobilenet-v1",
  machines: [
    { name: "tpu-v1", set: {} },
    { name: "systolic", set: {} },
    { name: "arrayflex", set: {} },
    { name: "systolic", set: { rows: 32, columns: 32 } },
  ],
  objective: "seconds",
  seed: 1,
  resources: "published",
  density: "",
  layers: "",
  machine: 0,
  layer: "",
  options: {},
};

export const state = signal<StudioState>(firstVisit);

/** Files at hand, by the name that workloads call them by. They do not travel in the address. */
export const files = signal<readonly NamedFile[]>([]);

/** What a run of this state depends on, as text: equal where the runs are. */
function jobText({ workload, machines, objective, seed, resources, density, layers }: StudioState): string {
  const part = { workload, machines, objective, seed, resources, density, layers };
  return JSON.stringify(part, (_, value: unknown) => (value === Infinity ? "unlimited" : value));
}

let last: { readonly text: string; readonly job: Job } | undefined;

/** The part of the state that runs depend on: the same object as long as nothing of it changes, whatever else does. */
export const job = computed<Job>(() => {
  const text = jobText(state.value);
  if (last?.text === text && last.job.files === files.value) return last.job;
  const { workload, machines, objective, seed, resources, density, layers } = state.value;
  const next = { workload, files: files.value, machines, objective, seed, resources, density, layers };
  last = { text, job: next };
  return next;
});

/** Whether what runs is the example of a first visit. */
export const isFirstVisit = computed(() => jobText(state.value) === jobText(firstVisit));

/** Changes the state. The address follows (`location.ts`). */
export function change(part: Partial<StudioState>): void {
  state.value = { ...state.value, ...part };
}

/** Replaces the machine at `index`. */
export function changeMachine(index: number, machine: MachineChoice): void {
  change({ machines: state.value.machines.map((each, place) => (place === index ? machine : each)) });
}

/** The option of a view; `initial` where it is not set. */
export const option = (name: string, initial: string): string => state.value.options[name] ?? initial;

/** Sets an option of a view; `initial`, its default, stays out of the address. */
export function setOption(name: string, value: string, initial: string): void {
  const { [name]: _, ...others } = state.value.options;
  change({ options: value === initial ? others : { ...others, [name]: value } });
}
