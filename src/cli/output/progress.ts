// Progress on standard error for whatever takes longer than a second: a line that is rewritten on a terminal, a line
// every ten seconds elsewhere.

import type { CliContext } from "../context.ts";

export interface Progress {
  /** Tells how many of all steps are done. */
  readonly step: (done: number, total: number) => void;
  /** Clears the line. */
  readonly finish: () => void;
}

const patience = 1000;

/** Progress of one task; silent for its first second. `now` is in milliseconds. */
export function startProgress(
  context: Pick<CliContext, "note" | "liveNotes">,
  what: string,
  now: () => number = Date.now,
): Progress {
  const begin = now();
  const interval = context.liveNotes ? 200 : 10_000;
  let last = begin + patience - interval;
  let shown = false;
  return {
    step: (done, total) => {
      const time = now();
      if (time - last < interval || done >= total) return;
      last = time;
      shown = true;
      const text = `${what}: layer ${done} of ${total}, ${((time - begin) / 1000).toFixed(0)} s`;
      context.note(context.liveNotes ? `\r\u001b[2K${text}` : `${text}\n`);
    },
    finish: () => {
      if (shown && context.liveNotes) context.note("\r\u001b[2K");
    },
  };
}
