// Runs of single machines, shared between jobs: one that is computed, or being computed, for the same question is not
// begun again, so that a change of one machine costs that machine only.

import { proxy } from "comlink";
import type { Job, MachineChoice, MachineEnd, MachineRun, Plan, PlannedMachine, Progress } from "./api.ts";
import { ask, EngineFault, messageOf } from "./client.ts";

/** Told how far a run is. */
type Follower = (done: number, total: number, detail?: string) => void;

interface SharedRun {
  readonly result: Promise<MachineRun>;
  /** Ends the worker. */
  readonly controller: AbortController;
  /** Those who wait for it. */
  readonly followers: Set<Follower>;
  latest: Parameters<Follower>;
  isDone: boolean;
}

/** Finished ones are kept up to this number: some megabytes. */
const most = 24;

/** By question, the one that was asked for longest ago first. */
const runs = new Map<string, SharedRun>();

const numbers = new WeakMap<Blob, number>();
let lastNumber = 0;

function numberOf(content: Blob): number {
  const number = numbers.get(content) ?? ++lastNumber;
  numbers.set(content, number);
  return number;
}

/** Equal where the runs are, byte for byte. */
function keyOf(
  { workload, files, objective, seed, density, layers }: Job,
  { name, set, mapping }: MachineChoice,
): string {
  const held = files.map((file) => [file.name, numberOf(file.content)]);
  // As text, because JSON has no infinity.
  const values = Object.entries(set).map(([path, value]) => [path, typeof value, String(value)]);
  return JSON.stringify([workload, held, objective, seed, density, layers, name, mapping, values]);
}

function begin(key: string, job: Job, machine: MachineChoice): SharedRun {
  const controller = new AbortController();
  const followers = new Set<Follower>();
  const follow: Follower = (...step) => {
    run.latest = step;
    for (const each of followers) each(...step);
  };
  const compute = async (): Promise<MachineRun> => {
    try {
      const result = await ask((engine) => engine.run(job, machine, proxy(follow)), controller.signal);
      run.isDone = true;
      forgetOldest();
      return result;
    } catch (error) {
      // It may go well the next time.
      if (runs.get(key) === run) runs.delete(key);
      throw error;
    }
  };
  const run: SharedRun = { result: compute(), controller, followers, latest: [0, 0], isDone: false };
  return run;
}

function forgetOldest(): void {
  const done = [...runs].filter(([, { isDone }]) => isDone);
  for (const [key] of done.slice(0, Math.max(0, done.length - most))) runs.delete(key);
}

/**
 * The run of a machine, and whether it was known. What others wait for goes on when the signal is aborted; what nobody
 * waits for any more is ended. Throws as `ask`.
 */
async function sharedRun(
  job: Job,
  machine: MachineChoice,
  follower: Follower,
  signal: AbortSignal,
): Promise<MachineRun & { readonly isKnown: boolean }> {
  signal.throwIfAborted();
  const key = keyOf(job, machine);
  const run = runs.get(key) ?? begin(key, job, machine);
  runs.delete(key);
  runs.set(key, run);
  const wasDone = run.isDone;
  follower(...run.latest);
  run.followers.add(follower);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener(
      "abort",
      () => {
        reject(signal.reason instanceof Error ? signal.reason : new Error("cancelled"));
      },
      { once: true },
    );
  });
  aborted.catch(() => undefined);
  try {
    const result = await Promise.race([run.result, aborted]);
    return { ...result, isKnown: wasDone };
  } finally {
    run.followers.delete(follower);
    if (run.followers.size === 0 && !run.isDone) {
      if (runs.get(key) === run) runs.delete(key);
      run.controller.abort();
    }
  }
}

/** What is told of a job as it runs. */
export interface JobFollower {
  /** Told once, when the job has its share of what runs already, so that jobs before it can be let go. */
  readonly onPlan: (plan: Plan) => void;
  readonly onProgress: (progress: Progress) => void;
  /** Told once for each machine, in the order in which they end; not after the signal is aborted. */
  readonly onEnd: (machine: number, end: MachineEnd) => void;
}

/**
 * Runs a job, its machines side by side as far as there are workers, and ends when all of them have ended: the error of a
 * machine leaves the others alone. Throws as `ask` where there is no plan, and when the signal is aborted.
 */
export async function runJob(job: Job, { onPlan, onProgress, onEnd }: JobFollower, signal: AbortSignal): Promise<void> {
  const plan = await ask((engine) => engine.plan(job), signal, "first");
  const endOf = async (planned: PlannedMachine, machine: number): Promise<MachineEnd> => {
    if (planned.kind === "refused") return failed("input", planned.message);
    const follower: Follower = (done, total, detail) => {
      onProgress({ machine, done, total, ...(detail === undefined ? {} : { detail }) });
    };
    try {
      return { kind: "run", ...(await sharedRun(job, planned.choice, follower, signal)) } as const;
    } catch (error) {
      return failed(error instanceof EngineFault ? "input" : "failure", messageOf(error));
    }
  };
  // Where there are fewer workers than machines, the quick ones need not wait for the slow ones.
  const order = plan.machines.map((planned, machine) => ({ planned, machine }));
  order.sort((a, b) => Number(isSlow(a.planned)) - Number(isSlow(b.planned)));
  const all = order.map(({ planned, machine }) => ({ machine, end: endOf(planned, machine) }));
  onPlan(plan);
  await Promise.all(
    all.map(async ({ machine, end }) => {
      const known = await end;
      if (!signal.aborted) onEnd(machine, known);
    }),
  );
  signal.throwIfAborted();
}

const isSlow = (planned: PlannedMachine): boolean => planned.kind === "machine" && planned.isSearched;

const failed = (cause: "input" | "failure", message: string): MachineEnd => ({ kind: "failed", cause, message });
