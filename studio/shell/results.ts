// What is known of the runs of the job that is chosen, machine by machine, and of those before it; `run-job.ts` runs them.

import { computed, signal } from "@preact/signals";
import type { Job, Progress } from "../engine/api.ts";
import type { JobState } from "./job-state.ts";
import { job } from "./state.ts";

/** What went wrong with a whole job, in the words of the command line; `input` where the reader can mend it. */
export interface Problem {
  readonly job: Job;
  readonly kind: "input" | "failure";
  readonly message: string;
}

/** What is known of the job that is chosen or, until one of its machines is done, of one before it. */
export const shown = signal<JobState | undefined>(undefined);
/** The last job before that of `shown` whose machines had all ended, for what a change made of them. */
export const before = signal<JobState | undefined>(undefined);
export const problem = signal<Problem | undefined>(undefined);
/** By machine of the job that is running; undefined when nothing runs. */
export const progress = signal<readonly Progress[] | undefined>(undefined);
/** Which machines ended last, for those who hear the page. */
export const spoken = signal("");

/** Whether what is shown belongs to the job that is chosen. */
export const upToDate = computed(() => shown.value?.job === job.value);

/** Ends what runs; the machines that are done stay, or what was shown before when there are none. */
export const cancel = async (): Promise<void> => (await import("./run-job.ts")).stopJob();

/** Runs what has not run of the job, such as after a failure or a stop. */
export const runNow = async (): Promise<void> => (await import("./run-job.ts")).runJobNow();
