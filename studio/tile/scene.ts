// Where everything of a film's picture lies, in pixels of its natural size: boxes, the lines of text in them, and the ways
// between them. Computed once for a film; frames only change what the boxes say.

import type { Replay, ReplayLink, ReplayPart } from "../../src/simulate/replay/replay.ts";

/** A box: its rectangle, its title where there is room for one, and a line for each slot. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The part's name where the box has room for it. */
  readonly title: string;
  readonly titleSize: number;
  /** Height of the letters of the slots; 0 where they would not be readable. */
  readonly size: number;
  /** Middle of each slot's line, from the top of the box. */
  readonly lines: readonly number[];
  /** Whether the first slot, a level, stands at the end of the title's line. */
  readonly levelInTitle: boolean;
  /** The bar of a level, from the top of the box; undefined without a capacity. */
  readonly bar: { readonly y: number; readonly height: number } | undefined;
}

/** A straight way from one box's edge to another's. */
export interface Way {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly ways: readonly Way[];
  /** Place of a part's first slot among all slots; one more entry than parts. */
  readonly slotStart: Uint32Array;
}

/** Pixels that the shorter side of the smallest unit gets, and that a line of text gets at least. */
const unitSide = 50;
const lineHeight = 15;
const margin = 8;
/** Width of a letter over its size, in the fonts of the page. */
const letterWidth = 0.58;
/** Pixels that an activity's sign takes at the right of a box. */
export const signWidth = 11;
/** Pixels between ways that join the same two boxes. */
const wayGap = 12;

/** Lays a film out. Boxes keep their places; only the scale and the text are chosen. */
export function sceneOf(replay: Replay): Scene {
  const { parts, links, values } = replay;
  const slotStart = new Uint32Array(parts.length + 1);
  parts.forEach(({ slots }, part) => {
    slotStart[part + 1] = (slotStart[part] ?? 0) + slots.length;
  });
  const scale = scaleOf(parts);
  const left = Math.min(...parts.map(({ x }) => x));
  const top = Math.min(...parts.map(({ y }) => y));
  const right = Math.max(...parts.map(({ x, width }) => x + width));
  const bottom = Math.max(...parts.map(({ y, height }) => y + height));
  const letters = lettersOf(values, slotStart[parts.length] ?? 0, replay.cycles);
  // Boxes of one form write in one size, that of the longest number among them.
  const longest = new Map<string, number>();
  parts.forEach((part, index) => {
    const form = formOf(part);
    for (let slot = slotStart[index] ?? 0; slot < (slotStart[index + 1] ?? 0); slot++) {
      longest.set(form, Math.max(longest.get(form) ?? 1, letters[slot] ?? 1));
    }
  });
  const boxes = parts.map((part) =>
    boxOf(part, scale, margin - left * scale, margin - top * scale, longest.get(formOf(part)) ?? 1),
  );
  return {
    width: (right - left) * scale + 2 * margin,
    height: (bottom - top) * scale + 2 * margin,
    boxes,
    ways: waysOf(links, boxes),
    slotStart,
  };
}

const formOf = ({ kind, width, height, slots }: ReplayPart): string => `${kind} ${width} ${height} ${slots.length}`;

/** Pixels of a unit of the picture's own grid. */
function scaleOf(parts: readonly ReplayPart[]): number {
  const units = parts.filter(({ kind, slots }) => kind === "unit" && slots.length > 0);
  const chosen = units.length > 0 ? units : parts.filter(({ slots }) => slots.length > 0);
  const wanted = (chosen.length > 0 ? chosen : parts).map(({ width, height, slots }) =>
    Math.max(unitSide / Math.min(width, height), (slots.length * lineHeight) / height),
  );
  return Math.max(...wanted);
}

/** Letters of the longest number that each slot ever shows. */
function lettersOf(values: Float64Array, slots: number, cycles: number): Uint8Array {
  const most = new Float64Array(slots).fill(-Infinity);
  const least = new Float64Array(slots).fill(Infinity);
  const broken = new Uint8Array(slots);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let slot = 0; slot < slots; slot++) {
      const value = values[cycle * slots + slot] ?? NaN;
      if (Number.isNaN(value)) continue;
      if (value > (most[slot] ?? 0)) most[slot] = value;
      if (value < (least[slot] ?? 0)) least[slot] = value;
      if (!Number.isInteger(value)) broken[slot] = 1;
    }
  }
  return Uint8Array.from(most, (value, slot) =>
    broken[slot] === 1
      ? 5
      : Number.isFinite(value)
        ? Math.max(shortNumber(value).length, shortNumber(least[slot] ?? 0).length)
        : 1,
  );
}

function boxOf(part: ReplayPart, scale: number, dx: number, dy: number, letters: number): Box {
  const width = part.width * scale;
  const height = part.height * scale;
  const count = part.slots.length;
  const hasLevel = part.capacity !== undefined && count > 0;
  const levelLetters = part.capacity === undefined ? 0 : 2 * String(part.capacity).length + 1;
  const barHeight = hasLevel ? Math.max(5, Math.min(10, height * 0.14)) : 0;
  const names = part.kind !== "unit" && part.kind !== "bit";
  // A level stands at the end of the title's line.
  const titleLetters = part.name.length + (hasLevel ? levelLetters + 2 : 0);
  const titleSize = Math.min(13, (width - 10 - signWidth) / (titleLetters * letterWidth));
  const lower = hasLevel ? count - 1 : count;
  const titled = names && titleSize >= 8 && height >= titleSize + 5 + lower * 10 + barHeight;
  const above = titled ? titleSize + 5 : 2;
  const room = height - above - (hasLevel ? barHeight + 4 : 0) - 2;
  const first = titled && hasLevel ? 1 : 0;
  const line = Math.min(24, room / Math.max(1, count - first));
  const tag = part.slots.some(({ operand }) => operand !== undefined) ? 1.25 : 0;
  const most = Math.max(letters, 2, first === 0 ? levelLetters : 0);
  const size = Math.min(line * 0.82, 16, (width - 6 - (titled ? 0 : signWidth)) / (most * letterWidth + tag));
  const top = above + (room - line * (count - first)) / 2 + line / 2 + 1;
  return {
    x: part.x * scale + dx,
    y: part.y * scale + dy,
    width,
    height,
    title: titled ? part.name : "",
    titleSize,
    size: size < 4 ? 0 : size,
    lines: part.slots.map((_, slot) => (slot < first ? titleSize * 0.65 + 3 : top + (slot - first) * line)),
    levelInTitle: first === 1,
    bar: hasLevel ? { y: height - barHeight - 3, height: barHeight } : undefined,
  };
}

/** Ways side by side where several join the same two boxes. */
function waysOf(links: readonly ReplayLink[], boxes: readonly Box[]): readonly Way[] {
  const together = new Map<string, number>();
  const keyOf = ({ from, to }: ReplayLink): string => `${Math.min(from, to)} ${Math.max(from, to)}`;
  for (const link of links) together.set(keyOf(link), (together.get(keyOf(link)) ?? 0) + 1);
  const seen = new Map<string, number>();
  return links.map((link) => {
    const from = boxes[link.from];
    const to = boxes[link.to];
    if (from === undefined || to === undefined) return { x1: 0, y1: 0, x2: 0, y2: 0 };
    const key = keyOf(link);
    const index = seen.get(key) ?? 0;
    seen.set(key, index + 1);
    return wayOf(from, to, index - ((together.get(key) ?? 1) - 1) / 2);
  });
}

/** `lane` is 0 in the middle, and counts ways beside it. */
function wayOf(from: Box, to: Box, lane: number): Way {
  const xs = overlap(from.x, from.x + from.width, to.x, to.x + to.width);
  const ys = overlap(from.y, from.y + from.height, to.y, to.y + to.height);
  if (xs !== undefined && ys === undefined) {
    const x = xs.middle + lane * Math.min(wayGap, xs.length / 4);
    return from.y < to.y
      ? { x1: x, y1: from.y + from.height, x2: x, y2: to.y }
      : { x1: x, y1: from.y, x2: x, y2: to.y + to.height };
  }
  if (ys !== undefined && xs === undefined) {
    const y = ys.middle + lane * Math.min(wayGap, ys.length / 4);
    return from.x < to.x
      ? { x1: from.x + from.width, y1: y, x2: to.x, y2: y }
      : { x1: from.x, y1: y, x2: to.x + to.width, y2: y };
  }
  const a = { x: from.x + from.width / 2, y: from.y + from.height / 2 };
  const b = { x: to.x + to.width / 2, y: to.y + to.height / 2 };
  const start = edge(from, a, b);
  const end = edge(to, b, a);
  return { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
}

function overlap(
  a: number,
  b: number,
  c: number,
  d: number,
): { readonly middle: number; readonly length: number } | undefined {
  const start = Math.max(a, c);
  const end = Math.min(b, d);
  return end - start > 1 ? { middle: (start + end) / 2, length: end - start } : undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where the line from a box's middle to a point leaves the box. */
function edge(box: Box, middle: Point, towards: Point): Point {
  const dx = towards.x - middle.x;
  const dy = towards.y - middle.y;
  const share = Math.min(
    dx === 0 ? Infinity : box.width / 2 / Math.abs(dx),
    dy === 0 ? Infinity : box.height / 2 / Math.abs(dy),
    1,
  );
  return { x: middle.x + dx * share, y: middle.y + dy * share };
}

/** A number in five letters or so: 12345, 1.2M, 0.25, −3; an empty slot is empty. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return "";
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (!Number.isFinite(value)) return `${sign}∞`;
  if (Number.isInteger(value) && size < 100_000) return sign + String(size);
  if (size >= 1e12 || (size > 0 && size < 0.001)) return sign + size.toExponential(0).replace("e+", "e");
  for (const [factor, prefix] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (size >= factor * (factor === 1e3 ? 10 : 1)) {
      const scaled = size / factor;
      return `${sign}${scaled >= 10 ? String(Math.round(scaled)) : scaled.toFixed(1)}${prefix}`;
    }
  }
  return sign + String(Number(size.toPrecision(3)));
}
