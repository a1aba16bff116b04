// A picture while it is drawn, and a recording of it that moves only what its sender shows; captions by their cycles.

import type { OperandName } from "../result.ts";
import type { Picture } from "./film.ts";
import { record } from "./film.ts";
import type { Activity, Replay, ReplayLink, ReplayPart } from "./replay.ts";

/** How values go along a link, where that is not through a register and one by one. */
type Way = Pick<ReplayLink, "through" | "counts">;

/** A picture to which parts and links are added; they are named by their places. */
export interface Drawing extends Picture {
  readonly part: (part: ReplayPart) => number;
  readonly link: (from: number, to: number, operand?: OperandName, way?: Way) => number;
}

export function drawing(): Drawing {
  const parts: ReplayPart[] = [];
  const links: ReplayLink[] = [];
  return {
    parts,
    links,
    part: (part) => parts.push(part) - 1,
    link: (from, to, operand, way = {}) =>
      links.push({ from, to, ...(operand === undefined ? {} : { operand }), ...way }) - 1,
  };
}

/** Straight through, and how many rather than which. */
export const through: Way = { through: true };
export const counting: Way = { counts: true };

/** What happens in a picture. Cycles may be filled in any order; slots are empty and parts idle until something is said. */
export interface Reel {
  readonly act: (cycle: number, part: number, activity: Activity) => void;
  readonly set: (cycle: number, part: number, slot: number, value: number) => void;
  readonly get: (cycle: number, part: number, slot: number) => number;
  /** The value in a slot of the part at the beginning of the link moves along it, with its coordinate if it has one. */
  readonly move: (cycle: number, link: number, slot: number, coordinate?: number) => void;
  readonly finish: () => Pick<Replay, "cycles" | "parts" | "links" | "activity" | "values" | "moves">;
}

export function reel({ parts, links }: Picture, cycles: number): Reel {
  const recording = record({ parts, links }, cycles);
  return {
    act: (cycle, part, activity) => recording.act(cycle, part, activity),
    set: (cycle, part, slot, value) => recording.show(cycle, part, slot, value),
    get: (cycle, part, slot) => recording.shown(cycle, part, slot),
    move: (cycle, link, slot, coordinate) => {
      recording.move(cycle, link, recording.shown(cycle, links[link]?.from ?? -1, slot), coordinate);
    },
    finish: () => ({ cycles, parts, links, ...recording.frames(cycles) }),
  };
}

/** Sentences by the cycle that they are said in: those of one cycle are one caption. */
export function captionsOf(said: readonly { readonly cycle: number; readonly text: string }[], cycles: number) {
  const byCycle = new Map<number, string[]>();
  for (const { cycle, text } of said) {
    if (cycle >= cycles) continue;
    const texts = byCycle.get(cycle);
    if (texts === undefined) byCycle.set(cycle, [text]);
    else texts.push(text);
  }
  return [...byCycle].sort(([a], [b]) => a - b).map(([cycle, texts]) => ({ cycle, text: texts.join(" ") }));
}
