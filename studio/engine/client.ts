// The page's side of the workers: hands machines of a job to a few of them, follows their progress, and cancels by
// ending those that are busy, whatever they are in the middle of.

import { proxy, releaseProxy, wrap } from "comlink";
import type { Remote } from "comlink";
import type { Fault } from "../../src/base/error.ts";
import type { Answer, Engine, Job, Outcome, Progress } from "./api.ts";

/** Bad input, as the engine said it. */
export class EngineFault extends Error {
  readonly fault: Fault;

  constructor(message: string, fault: Fault) {
    super(message);
    this.name = "EngineFault";
    this.fault = fault;
  }
}

interface Hand {
  readonly engine: Remote<Engine>;
  readonly worker: Worker;
  /** Ends when the worker breaks, as from a script that does not load or a lack of memory. */
  readonly broken: Promise<never>;
}

/** Workers that things of one kind wait for. */
interface Pool {
  readonly most: number;
  readonly free: Hand[];
  readonly waiting: ((hand: Hand) => void)[];
  hired: number;
}

/** `first`: something short that a reader looks at and that must not wait for long runs: it has a worker of its own. */
export type Turn = "first" | "in order";

const pools: Readonly<Record<Turn, Pool>> = {
  first: { most: 1, free: [], waiting: [], hired: 0 },
  // One core stays with the page.
  "in order": { most: Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)), free: [], waiting: [], hired: 0 },
};

function hire(): Hand {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "engine" });
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener("error", (event) => {
      reject(new Error(event.message === "" ? "a worker could not be started" : event.message));
    });
  });
  broken.catch(() => undefined);
  return { engine: wrap<Engine>(worker), worker, broken };
}

function take(pool: Pool): Promise<Hand> {
  const hand = pool.free.pop();
  if (hand !== undefined) return Promise.resolve(hand);
  if (pool.hired < pool.most) {
    pool.hired++;
    return Promise.resolve(hire());
  }
  return new Promise((resolve) => {
    pool.waiting.push(resolve);
  });
}

function giveBack(pool: Pool, hand: Hand): void {
  const next = pool.waiting.shift();
  if (next === undefined) pool.free.push(hand);
  else next(hand);
}

function dismiss(pool: Pool, hand: Hand): void {
  hand.engine[releaseProxy]();
  hand.worker.terminate();
  const next = pool.waiting.shift();
  if (next === undefined) pool.hired--;
  else next(hire());
}

/**
 * Has a worker do something. Throws EngineFault for bad input, the signal's reason when it is aborted (the worker is
 * ended at once), and an error when the worker breaks.
 */
export async function ask<Value>(
  work: (engine: Remote<Engine>) => Promise<Answer<Value>>,
  signal?: AbortSignal,
  turn: Turn = "in order",
): Promise<Value> {
  signal?.throwIfAborted();
  const pool = pools[turn];
  const hand = await take(pool);
  let idle = false;
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener(
      "abort",
      () => {
        reject(signal.reason instanceof Error ? signal.reason : new Error("cancelled"));
      },
      { once: true },
    );
  });
  aborted.catch(() => undefined);
  try {
    if (signal?.aborted === true) {
      idle = true;
      signal.throwIfAborted();
    }
    const answer = await Promise.race([work(hand.engine), hand.broken, aborted]);
    idle = true;
    if (answer.kind === "fault") throw new EngineFault(answer.message, answer.fault);
    return answer.value;
  } finally {
    if (idle) giveBack(pool, hand);
    else dismiss(pool, hand);
  }
}

/** Runs a job, its machines side by side as far as there are workers. Throws as `ask`. */
export async function runJob(
  job: Job,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<Outcome> {
  const plan = await ask((engine) => engine.plan(job), signal, "first");
  const parts = await Promise.all(
    plan.machines.map((machine, index) =>
      ask(
        (engine) =>
          engine.run(
            job,
            machine,
            proxy((done, total, detail) => {
              onProgress({ machine: index, done, total, ...(detail === undefined ? {} : { detail }) });
            }),
          ),
        signal,
      ),
    ),
  );
  return {
    runs: parts.map(({ run }) => run),
    remarks: plan.remarks,
    seconds: Math.max(...parts.map(({ seconds }) => seconds)),
  };
}
