// Progress on standard error for whatever takes longer than a second: a line that is rewritten on a terminal, a line
// every ten seconds elsewhere.

import { engineering, grouped, printable } from "../../report/units.ts";
import type { Objective } from "../../simulate/machine.ts";
import type { SearchShare } from "../../workbench/search/search-watch.ts";
import type { CliContext } from "../context.ts";

export interface Progress {
  /** Tells how many of all steps are done. */
  readonly step: (done: number, total: number) => void;
  /** Tells how far the parts of a step are that is not done yet, each from 0 to 1. */
  readonly parts: (parts: readonly { readonly name: string; readonly share: number }[]) => void;
  /** Tells how far the searches of schedules for layers have come, with the best figures of the objective. */
  readonly searches: (searches: readonly SearchShare[], objective: Objective) => void;
  /** Clears the line. */
  readonly finish: () => void;
}

const patience = 1000;

/** Searches that a line names, so that it stays one. */
const mostSearches = 2;

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
  let [layers, of] = [0, 0];
  const show = (within: string): void => {
    const time = now();
    if (time - last < interval) return;
    last = time;
    shown = true;
    const place = of === 0 ? "" : `layer ${layers} of ${of}, `;
    const text = `${what}: ${place}${within}${((time - begin) / 1000).toFixed(0)} s`;
    context.note(context.liveNotes ? `\r\u001b[2K${text}` : `${text}\n`);
  };
  return {
    step: (done, total) => {
      [layers, of] = [done, total];
      if (done < total) show("");
    },
    parts: (parts) => {
      if (parts.length === 0) return;
      show(parts.map(({ name, share }) => `${name} ${Math.floor(100 * share)} %, `).join(""));
    },
    searches: (searches, objective) => {
      const [first] = searches;
      if (first === undefined) return;
      if (searches.length === 1) {
        show(`${searchText(first, objective, `, ${grouped(first.moves)} moves`)}, `);
        return;
      }
      const told = searches.slice(0, mostSearches).map((search) => `${searchText(search, objective)}, `);
      const more = searches.length - told.length;
      show(`${told.join("")}${more > 0 ? `${more} more, ` : ""}`);
    },
    finish: () => {
      if (shown && context.liveNotes) context.note("\r\u001b[2K");
    },
  };
}

function searchText({ layer, mapping, parts, of, best }: SearchShare, objective: Objective, moves = ""): string {
  const figure = best === undefined ? "" : `, best ${figureText(best, objective)}`;
  return `${printable(layer)}, ${mapping}: ${parts} of ${of} parts${moves}${figure}`;
}

function figureText(figure: number, objective: Objective): string {
  if (objective === "cycles") return `${grouped(Math.round(figure))} cycles`;
  return engineering(figure, { seconds: "s", energy: "J", edp: "J s" }[objective]);
}
