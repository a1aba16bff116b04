// Runs the job that is chosen: begun when it changes, the ones before cancelled but for what both need, shown machine by
// machine as they end.

import { effect } from "@preact/signals";
import { EngineFault, messageOf } from "../engine/client.ts";
import { runJob } from "../engine/shared-runs.ts";
import type { Job, Progress } from "../engine/api.ts";
import * as jobState from "./job-state.ts";
import type { JobState } from "./job-state.ts";
import { before, problem, progress, shown, spoken, upToDate } from "./results.ts";
import type { Problem } from "./results.ts";
import { job } from "./state.ts";

/** Milliseconds that a reader may go on typing before a run begins. */
const patience = 120;
/** Milliseconds between two pictures of a job that runs: machines that end within them are shown together. */
const pace = 250;

let controller: AbortController | undefined;

/** As `cancel` of results.ts. */
export function stopJob(): void {
  controller?.abort(new DOMException("cancelled", "AbortError"));
}

/** As `runNow` of results.ts. */
export function runJobNow(): void {
  void run(job.value);
}

/** Shows a state in the place of another. */
function show(state: JobState): void {
  const old = shown.peek();
  if (old === state) return;
  if (old !== undefined && old.job !== state.job && jobState.isSettled(old)) before.value = old;
  const text = jobState.news(state, old);
  shown.value = state;
  if (text !== "") spoken.value = text;
}

/** Shows the states of a running job, no more of them than a reader can follow. */
function paced(): { readonly later: (state: JobState) => void; readonly end: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest: JobState | undefined;
  return {
    later: (state) => {
      latest = state;
      timer ??= setTimeout(() => {
        timer = undefined;
        if (latest !== undefined) show(latest);
      }, pace);
    },
    end: () => {
      clearTimeout(timer);
    },
  };
}

async function run(wanted: Job): Promise<void> {
  const earlier = controller;
  const mine = new AbortController();
  controller = mine;
  const letGo = (): void => {
    earlier?.abort(new DOMException("another job is wanted", "AbortError"));
  };
  problem.value = undefined;
  // Nothing of another job will come any more.
  if (shown.value !== undefined && !upToDate.value) shown.value = jobState.stopped(shown.value);
  if (wanted.machines.length === 0) {
    letGo();
    progress.value = undefined;
    return;
  }
  progress.value = wanted.machines.map((_, machine) => ({ machine, done: 0, total: 0 }));
  let state = jobState.begun(wanted, shown.value);
  const pictures = paced();
  if (shown.value?.job === wanted) show(state);
  try {
    await runJob(
      wanted,
      {
        onPlan: (plan) => {
          letGo();
          if (controller !== mine) return;
          state = jobState.planned(state, plan);
          if (shown.value === undefined) show(state);
        },
        onProgress: (step) => {
          if (controller === mine) follow(step);
        },
        onEnd: (machine, end) => {
          if (controller !== mine) return;
          state = jobState.ended(state, machine, end);
          follow({ machine, done: 0, total: 0, ...progress.value?.[machine], detail: undefined, end: end.kind });
          if (jobState.counts(state).run > 0 || upToDate.value) pictures.later(state);
        },
      },
      mine.signal,
    );
    if (controller !== mine) return;
    finish(state);
  } catch (error) {
    if (controller !== mine) return;
    if (mine.signal.aborted) halt(state);
    else fail(wanted, error instanceof EngineFault ? "input" : "failure", messageOf(error));
  } finally {
    pictures.end();
    letGo();
    if (controller === mine) progress.value = undefined;
  }
}

function follow(step: Progress): void {
  progress.value = progress.value?.map((each) => (each.machine === step.machine ? step : each));
}

/** All machines have ended. */
function finish(state: JobState): void {
  const failure = jobState.commonFailure(state);
  if (failure !== undefined) {
    fail(state.job, failure.cause, failure.message);
    return;
  }
  performance.mark("heddle:engine-end", { detail: { seconds: jobState.effort(state.parts).seconds } });
  show(state);
  // Two frames later everything that depends on it has been drawn.
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("heddle:shown")));
}

/** The reader stopped it. */
function halt(state: JobState): void {
  const { run: done, failed } = jobState.counts(state);
  if (done > 0 || (failed > 0 && upToDate.value)) show(jobState.stopped(state));
  else withdraw(state.job);
}

function fail(wanted: Job, kind: Problem["kind"], message: string): void {
  withdraw(wanted);
  problem.value = { job: wanted, kind, message };
}

/** Takes a job off the page of which there is nothing to show. */
function withdraw(wanted: Job): void {
  if (shown.value?.job === wanted) shown.value = undefined;
}

/** Follows the job from now on. */
export function followJob(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  effect(() => {
    const wanted = job.value;
    clearTimeout(timer);
    const there = shown.peek();
    if (there?.job === wanted && jobState.isSettled(there)) return;
    timer = setTimeout(() => void run(wanted), first ? 0 : patience);
    first = false;
  });
}
