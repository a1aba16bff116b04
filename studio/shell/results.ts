// The runs of the job that is chosen: begun when it changes, the ones before cancelled but for what both need, kept on the
// page until new ones are whole.

import { computed, effect, signal } from "@preact/signals";
import { EngineFault } from "../engine/client.ts";
import { runJob } from "../engine/shared-runs.ts";
import type { Job, Outcome, Progress } from "../engine/api.ts";
import { job } from "./state.ts";

export interface Finished {
  readonly job: Job;
  readonly outcome: Outcome;
}

/** What went wrong, in the words of the command line; `input` where the reader can mend it. */
export interface Problem {
  readonly job: Job;
  readonly kind: "input" | "failure";
  readonly message: string;
}

/** The newest whole runs, of this job or, while that runs, of one before it. */
export const finished = signal<Finished | undefined>(undefined);
/** The runs before `finished`, for what a change made of them. */
export const before = signal<Finished | undefined>(undefined);
export const problem = signal<Problem | undefined>(undefined);
/** By machine of the job that is running; undefined when nothing runs. */
export const progress = signal<readonly Progress[] | undefined>(undefined);

/** Whether what is shown belongs to the job that is chosen. */
export const upToDate = computed(() => finished.value?.job === job.value);

/** Milliseconds that a reader may go on typing before a run begins. */
const patience = 120;

let controller: AbortController | undefined;

/** Ends what runs; what was shown before stays. */
export function cancel(): void {
  controller?.abort(new DOMException("cancelled", "AbortError"));
}

/** Runs the job again, such as after a failure. */
export function runNow(): void {
  void run(job.value);
}

async function run(wanted: Job): Promise<void> {
  const earlier = controller;
  const mine = new AbortController();
  controller = mine;
  const letGo = (): void => {
    earlier?.abort(new DOMException("another job is wanted", "AbortError"));
  };
  problem.value = undefined;
  if (wanted.machines.length === 0) {
    letGo();
    progress.value = undefined;
    return;
  }
  progress.value = wanted.machines.map((_, machine) => ({ machine, done: 0, total: 0 }));
  try {
    const outcome = await runJob(
      wanted,
      (step) => {
        if (controller !== mine) return;
        progress.value = progress.value?.map((each) => (each.machine === step.machine ? step : each));
      },
      mine.signal,
      letGo,
    );
    if (controller !== mine) return;
    performance.mark("heddle:engine-end", { detail: { seconds: outcome.seconds } });
    before.value = finished.value;
    finished.value = { job: wanted, outcome };
    // Two frames later everything that depends on it has been drawn.
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("heddle:shown")));
  } catch (error) {
    if (controller !== mine || mine.signal.aborted) return;
    problem.value =
      error instanceof EngineFault
        ? { job: wanted, kind: "input", message: error.message }
        : { job: wanted, kind: "failure", message: error instanceof Error ? error.message : String(error) };
  } finally {
    letGo();
    if (controller === mine) progress.value = undefined;
  }
}

/** Follows the job from now on; `shown` is what the page has without a run. */
export function followJob(shown?: Finished): void {
  finished.value = shown;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  effect(() => {
    const wanted = job.value;
    clearTimeout(timer);
    if (finished.peek()?.job === wanted) return;
    timer = setTimeout(() => void run(wanted), first ? 0 : patience);
    first = false;
  });
}
