// The page's side of the workers: hands questions to a few of them, and cancels by ending those that are busy, whatever
// they are in the middle of.

import { releaseProxy, wrap } from "comlink";
import type { Remote } from "comlink";
import type { Fault } from "../../src/base/error.ts";
import type { Answer, Engine } from "./api.ts";

/** Bad input, as the engine said it. */
export class EngineFault extends Error {
  readonly fault: Fault;

  constructor(message: string, fault: Fault) {
    super(message);
    this.name = "EngineFault";
    this.fault = fault;
  }
}

/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

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
