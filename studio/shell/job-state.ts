// A job as its machines end, one by one and in any order: what is known of each, and what that makes of the whole. Pure.

import type { Job, MachineEnd, Outcome, Plan } from "../engine/api.ts";
import type { RunResult } from "../../src/simulate/result.ts";

/** What has become of one machine. */
export type Part = MachineEnd | { readonly kind: "running" } | { readonly kind: "stopped" };

export interface JobState {
  readonly job: Job;
  /** By machine, as they were chosen. */
  readonly parts: readonly Part[];
  /** Names that tell the machines apart; undefined until the plan is there. */
  readonly labels?: readonly string[];
  readonly remarks: readonly string[];
}

/** A job whose machines all run, but for those whose runs `earlier`, a state of the same job, has. */
export function begun(job: Job, earlier?: JobState): JobState {
  if (earlier?.job === job) {
    return { ...earlier, parts: earlier.parts.map((part) => (part.kind === "run" ? part : { kind: "running" })) };
  }
  return { job, parts: job.machines.map(() => ({ kind: "running" })), remarks: [] };
}

/** The state with what is known before any machine has run. */
export const planned = (state: JobState, { machines, remarks }: Plan): JobState => ({
  ...state,
  labels: machines.map(({ label }) => label),
  remarks,
});

/** The state once the machine at `index` has ended. */
export const ended = (state: JobState, index: number, end: MachineEnd): JobState => ({
  ...state,
  parts: state.parts.map((part, place) => (place === index ? end : part)),
});

/** The state once nothing runs any more: what was done stays. The same object where nothing ran. */
export function stopped(state: JobState): JobState {
  if (are(state, "running") === 0) return state;
  return { ...state, parts: state.parts.map((part) => (part.kind === "running" ? { kind: "stopped" } : part)) };
}

/** A job whose machines have all run. */
export const wholeState = (job: Job, { runs, remarks, seconds }: Outcome): JobState => ({
  job,
  parts: runs.map((run) => ({ kind: "run", run, seconds, isKnown: false })),
  remarks,
});

/** By machine; undefined where there is no run. */
export const runsOf = ({ parts }: JobState): readonly (RunResult | undefined)[] =>
  parts.map((part) => (part.kind === "run" ? part.run : undefined));

const are = ({ parts }: JobState, kind: Part["kind"]): number => parts.filter((part) => part.kind === kind).length;

/** Numbers of machines by what has become of them. */
export const counts = (state: JobState): Readonly<Record<Part["kind"] | "all", number>> => ({
  all: state.parts.length,
  run: are(state, "run"),
  failed: are(state, "failed"),
  running: are(state, "running"),
  stopped: are(state, "stopped"),
});

/** Whether every machine has a run or an error, so that running on would change nothing. */
export const isSettled = ({ parts }: JobState): boolean =>
  parts.every(({ kind }) => kind === "run" || kind === "failed");

/** The outcome of a job whose machines have all run; undefined before that. */
export function outcomeOf({ parts, remarks }: JobState): Outcome | undefined {
  const runs = parts.flatMap((part) => (part.kind === "run" ? [part] : []));
  if (runs.length < parts.length) return undefined;
  return { runs: runs.map(({ run }) => run), remarks, ...effort(parts) };
}

/** Seconds of the slowest worker, and how many runs were known from a job before. */
export function effort(parts: readonly Part[]): Pick<Outcome, "seconds" | "known"> {
  const runs = parts.flatMap((part) => (part.kind === "run" ? [part] : []));
  const known = runs.filter(({ isKnown }) => isKnown).length;
  const seconds = Math.max(0, ...runs.map((part) => (part.isKnown ? 0 : part.seconds)));
  return { seconds, ...(known === 0 ? {} : { known }) };
}

/** The error of a job of which every machine failed by the same one, as by a workload that cannot be read. */
export function commonFailure({ parts }: JobState): Extract<Part, { kind: "failed" }> | undefined {
  const [first] = parts;
  if (first?.kind !== "failed") return undefined;
  return parts.every((part) => part.kind === "failed" && part.message === first.message) ? first : undefined;
}

/** What ended between two states of a job, in a sentence to be read aloud; empty for nothing. */
export function news(state: JobState, earlier: JobState | undefined): string {
  const { run, all } = counts(state);
  const old = earlier?.job === state.job ? earlier.parts : [];
  const fresh = state.parts.flatMap((part, index) => {
    if (part.kind === old[index]?.kind) return [];
    const name = state.labels?.[index] ?? state.job.machines[index]?.name ?? "";
    return part.kind === "failed"
      ? [`${name} failed: ${part.message}`]
      : part.kind === "run"
        ? [`${name} is done`]
        : [];
  });
  if (fresh.length === 0) return "";
  return `${all > 1 && fresh.length === all && run === all ? "" : `${fresh.join("; ")}; `}${run} of ${all} done`;
}
