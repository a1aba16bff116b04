// The answer in words: which machine is faster and by how much, and where its time goes.

import type { RunResult } from "../../simulate/result.ts";
import { bestOf, stackCauses } from "../runs.ts";
import { engineering, grouped, percent, plural, significant } from "../units.ts";

export interface Summary {
  readonly headline: string;
  readonly sentences: readonly string[];
}

/** Headline and the sentences below it, for one run or several of the same workload. */
export function summarise(runs: readonly RunResult[], labels: readonly string[]): Summary {
  const [first] = runs;
  if (first === undefined) return { headline: "Nothing was run", sentences: [] };
  if (runs.length === 1) {
    const speed =
      first.total.seconds > 0 ? ` at ${engineering(first.total.macs.dense / first.total.seconds, "MAC/s")}` : "";
    return {
      headline: `${first.workload} takes ${engineering(first.total.seconds, "s")} on ${labels[0] ?? ""}`,
      sentences: [
        `${plural(first.layers.length, "layer")} and ${engineering(first.total.macs.dense, "MAC")} in ${grouped(first.total.cycles)} cycles${speed}, for ${engineering(first.total.energy, "J")}.`,
        destination(first, labels[0] ?? ""),
      ],
    };
  }
  const [winner] = bestOf(runs.map((run) => run.total.seconds));
  // With many machines only the reference and the fastest are put into words; the plots show all of them.
  const told = runs.length <= 3 ? runs.map((_, index) => index) : [...new Set([0, winner ?? 0])];
  return {
    headline: comparison(runs, labels),
    sentences: [
      figures(runs, labels),
      ...told.flatMap((index) => {
        const run = runs[index];
        return run === undefined ? [] : [destination(run, labels[index] ?? "")];
      }),
    ],
  };
}

function comparison(runs: readonly RunResult[], labels: readonly string[]): string {
  const seconds = runs.map((run) => run.total.seconds);
  const [winner] = bestOf(seconds);
  const workload = runs[0]?.workload ?? "";
  if (winner === undefined) return `${labels.join(" and ")} run ${workload} equally fast`;
  // Two machines are compared with each other; of several, the fastest with the first, which the ratios refer to.
  const rival = runs.length === 2 ? 1 - winner : 0;
  const fastest = labels[winner] ?? "";
  if (winner === rival) {
    const second = Math.min(...seconds.filter((_, index) => index !== winner));
    return `${fastest} runs ${workload} ${factor(second / (seconds[winner] ?? 1))} faster than the next of ${plural(runs.length, "machine")}`;
  }
  const lead = factor((seconds[rival] ?? 0) / (seconds[winner] ?? 1));
  return `${fastest} runs ${workload} ${lead} faster than ${labels[rival] ?? ""}`;
}

function factor(ratio: number): string {
  return Number.isFinite(ratio) ? `${significant(ratio, 3)}×` : "infinitely";
}

function figures(runs: readonly RunResult[], labels: readonly string[]): string {
  const parts = runs.map(
    (run, index) =>
      `${labels[index] ?? ""} takes ${engineering(run.total.seconds, "s")} and ${engineering(run.total.energy, "J")}`,
  );
  return `${parts.join("; ")}.`;
}

/** "On x, 26 % of the cycles are useful; most of the rest goes to fill and drain (42 %)." */
function destination(run: RunResult, label: string): string {
  const causes = stackCauses([run]);
  const cycles = run.total.cycles;
  if (!(cycles > 0)) return `${label} spends no cycles.`;
  const share = (cause: string): number => (run.total.stack[cause] ?? 0) / cycles;
  const losses = causes.filter((cause) => cause !== "useful" && share(cause) > 0).sort((a, b) => share(b) - share(a));
  const named = losses.slice(0, 2).map((cause) => `${cause} (${percent(share(cause))})`);
  const useful = `On ${label}, ${percent(share("useful"))} of the cycles are useful`;
  return named.length === 0
    ? `${useful}.`
    : `${useful}; the largest loss${named.length === 1 ? " is" : "es are"} ${named.join(" and ")}.`;
}
