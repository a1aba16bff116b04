// Brings the picture to a cycle: changes only what differs from the cycle that it shows, because a frame of sixty a second
// leaves no time to compare a thousand drawn parts.

import { activities } from "../../src/simulate/replay/replay.ts";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { looks, patternName } from "./activities.ts";
import type { Scene } from "./scene.ts";
import { shortNumber } from "./scene.ts";

export interface Painter {
  /** `fast`: the film runs too fast for numbers to be read; they are hidden, and only levels follow. */
  readonly paint: (cycle: number, fast: boolean) => void;
}

const ofClass = (root: Element, name: string): SVGElement | undefined => {
  const found = root.querySelector(`.${name}`);
  return found instanceof SVGElement ? found : undefined;
};

/** Where a line's value is written, and its operand's tag. */
function drawnLine(part: Element | undefined, slot: number) {
  const line = part?.querySelector(`.line[data-slot="${slot}"]`);
  const value = line?.querySelector(".value");
  const text = value === null || value === undefined ? undefined : document.createTextNode("");
  if (text !== undefined) value?.replaceChildren(text);
  return { text, tag: line?.querySelector(".tag") ?? undefined };
}

/** The painter of a picture whose parts and ways `Picture` has drawn in `svg`. */
export function painterOf(
  svg: SVGSVGElement,
  { parts, links, activity, values, moves }: Replay,
  scene: Scene,
  prefix: string,
): Painter {
  const slots = scene.slotStart[parts.length] ?? 0;
  const drawn = [...svg.querySelectorAll<SVGGElement>(".part")];
  const shades = drawn.map((part) => ofClass(part, "shade"));
  const rims = drawn.map((part) => ofClass(part, "rim"));
  const marks = drawn.map((part) => ofClass(part, "mark"));
  const levels = drawn.map((part) => ofClass(part, "level"));
  // Every line once, and which line each slot stands in.
  const lines = parts.flatMap((_, part) =>
    (scene.boxes[part]?.lines ?? []).map((line) => ({ part, line, ...drawnLine(drawn[part], line.slot) })),
  );
  const lineOf = new Int32Array(slots).fill(-1);
  lines.forEach(({ part, line: { slot, coordinate } }, index) => {
    const first = scene.slotStart[part] ?? 0;
    lineOf[first + slot] = index;
    if (coordinate !== undefined) lineOf[first + coordinate] = index;
  });
  const filled = parts.flatMap((_, part) => (levels[part] === undefined ? [] : [{ part }]));
  const ways = [...svg.querySelectorAll<SVGElement>(".way")];
  const fills = activities.map((each) => (each === "idle" ? "none" : `url(#${patternName(prefix, each)})`));
  const strokes = activities.map((each) => (each === "idle" ? "" : looks[each].colour));
  const signs = activities.map((each) => looks[each].mark);

  // What the picture says now; nothing yet.
  const acts = new Uint8Array(parts.length).fill(255);
  const said = new Float64Array(slots).fill(Infinity);
  const lit = new Uint8Array(links.length);
  const lights = new Uint8Array(links.length);

  function paintActivities(cycle: number): void {
    const from = cycle * parts.length;
    for (let part = 0; part < parts.length; part++) {
      const act = activity[from + part] ?? 0;
      if (act === acts[part]) continue;
      acts[part] = act;
      shades[part]?.setAttribute("fill", fills[act] ?? "none");
      const mark = marks[part];
      if (mark !== undefined) mark.textContent = signs[act] ?? "";
      const rim = rims[part];
      if (rim !== undefined) rim.style.stroke = strokes[act] ?? "";
    }
  }

  function paintLevels(cycle: number): void {
    for (const { part } of filled) {
      const value = values[cycle * slots + (scene.slotStart[part] ?? 0)] ?? NaN;
      paintLevel(part, Number.isNaN(value) ? 0 : value);
      // The number is written when numbers are shown again.
      said[scene.slotStart[part] ?? 0] = Infinity;
    }
  }

  function paintValues(cycle: number): void {
    const from = cycle * slots;
    let last = -1;
    for (let slot = 0; slot < slots; slot++) {
      const value = values[from + slot] ?? NaN;
      if (Object.is(value, said[slot])) continue;
      said[slot] = value;
      const line = lineOf[slot] ?? -1;
      // A coordinate and its value are neighbours.
      if (line < 0 || line === last) continue;
      last = line;
      paintLine(line, from);
    }
  }

  function paintLevel(part: number, held: number): void {
    const bar = levels[part];
    if (bar === undefined) return;
    const share = Math.min(1, held / Math.max(1, parts[part]?.capacity ?? 1));
    bar.setAttribute("width", String(Number(bar.dataset["most"]) * share));
    bar.classList.toggle("full", share >= 1);
  }

  function paintLine(index: number, from: number): void {
    const entry = lines[index];
    const part = parts[entry?.part ?? -1];
    if (entry === undefined || part === undefined) return;
    const { slot, coordinate, label } = entry.line;
    const first = from + (scene.slotStart[entry.part] ?? 0);
    const value = values[first + slot] ?? NaN;
    if (slot === 0 && part.capacity !== undefined) {
      const held = Number.isNaN(value) ? 0 : value;
      if (entry.text !== undefined) entry.text.data = `${label}${shortNumber(held)}/${shortNumber(part.capacity)}`;
      paintLevel(entry.part, held);
      return;
    }
    const at = coordinate === undefined ? NaN : (values[first + coordinate] ?? NaN);
    const isEmpty = Number.isNaN(value) && Number.isNaN(at);
    if (entry.text !== undefined) {
      entry.text.data = isEmpty ? "" : `${label}${Number.isNaN(at) ? "" : `${shortNumber(at)}: `}${shortNumber(value)}`;
    }
    entry.tag?.setAttribute("visibility", isEmpty ? "hidden" : "visible");
    if (part.kind === "bit" && slot === 0) drawn[entry.part]?.classList.toggle("set", value === 1);
  }

  function paintWays(cycle: number): void {
    lights.fill(0);
    for (let move = moves.start[cycle] ?? 0; move < (moves.start[cycle + 1] ?? 0); move++) {
      lights[moves.link[move] ?? 0] = 1;
    }
    for (let link = 0; link < links.length; link++) {
      if (lights[link] === lit[link]) continue;
      lit[link] = lights[link] ?? 0;
      ways[link]?.classList.toggle("lit", lights[link] === 1);
    }
  }

  return {
    paint(cycle, fast) {
      svg.classList.toggle("fast", fast);
      paintActivities(cycle);
      if (fast) paintLevels(cycle);
      else paintValues(cycle);
      paintWays(cycle);
    },
  };
}
