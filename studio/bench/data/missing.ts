// Why the runs of a job cannot be saved: files hold what the command line prints, and it prints nothing until every machine
// has run. Pure text.

import type { BenchResult } from "./prepare.ts";
import { plural } from "../../../src/report/units.ts";

/** A sentence; empty where the job is whole. */
export function missingText({ runs, done, notes, labels }: BenchResult): string {
  if (done.length === runs.length) return "";
  const failed = labels.filter((_, place) => notes[place] === "failed");
  if (failed.length > 0) return `JSON and CSV hold all machines: remove ${failed.join(" and ")} to save the others.`;
  const so = `${done.length} of ${plural(runs.length, "machine")} done`;
  return notes.includes("running")
    ? `JSON and CSV hold all machines: ${so}.`
    : `JSON and CSV hold all machines, and the run was stopped: ${so}.`;
}
