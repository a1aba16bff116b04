// Where everything of a film's picture lies, in pixels of its natural size: boxes, the lines of text in them, and the ways
// between them. Computed once for a film; frames only change what the boxes say.

import type { OperandName } from "../../src/simulate/result.ts";
import type { Replay, ReplayLink, ReplayPart } from "../../src/simulate/replay/replay.ts";

/** A line of text in a box: a value, with its coordinate before it where it has one, or a level of a capacity. */
export interface Line {
  /** Place of the value among the part's slots, and of the coordinate that belongs to it. */
  readonly slot: number;
  readonly coordinate?: number;
  readonly operand?: OperandName;
  /** Said before the value where there is room for it. */
  readonly label: string;
  /** Middle of the value, from the box's corner, and the left edge of the operand's tag. */
  readonly x: number;
  readonly y: number;
  readonly tagX: number;
  /** Height of the letters; 0 where they would not be readable. */
  readonly size: number;
}

/** A part's name in its box: at the left, its middle at `y`, or along the side of a tall one. */
export interface Title {
  readonly text: string;
  readonly size: number;
  readonly y: number;
  readonly upright: boolean;
}

/** A box: its rectangle, its title where there is room for one, and its lines. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: Title | undefined;
  readonly lines: readonly Line[];
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
const signWidth = 11;
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
    part.slots.forEach((_, slot) => {
      const key = `${formOf(part)} ${slot}`;
      longest.set(key, Math.max(longest.get(key) ?? 1, letters[(slotStart[index] ?? 0) + slot] ?? 1));
    });
  });
  const boxes = parts.map((part) => {
    const most = part.slots.map((_, slot) => longest.get(`${formOf(part)} ${slot}`) ?? 1);
    const rectangle = {
      x: margin + (part.x - left) * scale,
      y: margin + (part.y - top) * scale,
      width: part.width * scale,
      height: part.height * scale,
    };
    return { ...rectangle, ...contentsOf(part, rectangle.width, rectangle.height, most) };
  });
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
  // Of what a film is about; memories and networks are flat, and would make all the rest large.
  const candidates = [
    parts.filter(({ kind, slots }) => kind === "unit" && slots.length > 0),
    parts.filter(({ kind, slots }) => kind === "adder" && slots.length > 0),
    parts.filter(({ kind }) => kind !== "memory" && kind !== "network"),
  ];
  const chosen = candidates.find(({ length }) => length > 0) ?? parts;
  const wanted = chosen.map((part) =>
    Math.max(
      unitSide / Math.min(part.width, part.height),
      (rowsOf(part).length * lineHeight + (part.kind === "unit" ? 0 : lineHeight)) / part.height,
    ),
  );
  return Math.max(...wanted);
}

interface Row {
  readonly slot: number;
  readonly coordinate?: number;
}

/** Slots that are written in one line: a coordinate with the value after it. */
function rowsOf({ slots }: ReplayPart): readonly Row[] {
  return slots.flatMap(({ role }, slot): readonly Row[] => {
    if (role === "coordinate" && slot + 1 < slots.length) return [];
    return [slots[slot - 1]?.role === "coordinate" ? { slot, coordinate: slot - 1 } : { slot }];
  });
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

/** Title, lines and bar of a box of this size; `letters` of the longest number of each slot. */
function contentsOf(
  part: ReplayPart,
  width: number,
  height: number,
  letters: readonly number[],
): Pick<Box, "title" | "lines" | "bar"> {
  const rows = rowsOf(part);
  const hasLevel = part.capacity !== undefined && rows.length > 0;
  const barHeight = hasLevel ? Math.max(5, Math.min(10, height * 0.14)) : 0;
  const bar = hasLevel ? { y: height - barHeight - 3, height: barHeight } : undefined;
  const body = height - (hasLevel ? barHeight + 4 : 0);
  const wide = rows.map((row) => lettersIn(part, row, letters));
  const titled = part.kind !== "unit" && part.kind !== "bit";
  const title = (size: number, y: number, upright = false): Title | undefined =>
    size >= 7.5 ? { text: part.name, size, y, upright } : undefined;
  const across = part.name.length * letterWidth;

  if (titled && width >= 3.2 * height) {
    // In a flat box everything stands in one row, the title first.
    const size = Math.min(15, body * 0.55);
    const titleWidth = across * size + 16;
    const each = (width - titleWidth - signWidth) / Math.max(1, rows.length);
    const labels = rows.map((row) => part.slots[row.slot]?.name ?? "");
    const roomFor = (extra: readonly string[]): number =>
      Math.min(
        size,
        ...rows.map((_, index) => each / (((wide[index] ?? 1) + (extra[index] ?? "").length + 3) * letterWidth)),
      );
    const labelled = roomFor(labels) >= 8;
    const lineSize = roomFor(labelled ? labels : []);
    const lines = rows.map((row, index): Line => {
      const x = titleWidth + (index + 0.5) * each;
      return lineOf(part, row, x, body / 2, lineSize, labelled ? `${labels[index] ?? ""} ` : "", 0);
    });
    return { title: title(Math.min(size, (width - 10) / across), body / 2), lines, bar };
  }
  if (titled && height >= 2.5 * width && (width - 8) / across < 8) {
    // A tall box has its title along its side.
    const size = Math.min(15, width * 0.4, (height * 0.6) / across);
    const room = (width - 6) / (Math.max(2, ...wide) * letterWidth);
    const lines = rows.map((row, index) =>
      lineOf(part, row, width / 2, body - (rows.length - index) * 13, Math.min(11, room), "", 0),
    );
    return { title: title(size, height / 2, true), lines, bar };
  }

  const titleSize = Math.min(14, height * 0.3, (width - 8 - signWidth) / across);
  const withTitle = titled && titleSize >= 7.5 && body - titleSize - 4 >= (rows.length - (hasLevel ? 1 : 0)) * 12;
  // A level stands at the end of the title's line where both fit.
  const beside =
    withTitle && hasLevel && (width - 12 - signWidth) / (across + (wide[0] ?? 1) * letterWidth) >= titleSize;
  const top = withTitle ? titleSize + 4 : 1;
  const below = rows.length - (beside ? 1 : 0);
  const line = Math.min(24, (body - top - 1) / Math.max(1, below));
  const first = top + (body - top - line * below) / 2 + line / 2;
  const tag = part.slots.some(({ operand }) => operand !== undefined) ? 1.2 : 0;
  const size = Math.min(
    line * 0.84,
    16,
    ...rows.map((_, index) => {
      const room = width - 6 - (!withTitle && index === 0 && below > 1 ? signWidth : 0);
      return beside && index === 0 ? 16 : room / (Math.max(2, wide[index] ?? 1) * letterWidth + tag);
    }),
  );
  const lines = rows.map((row, index): Line => {
    if (beside && index === 0) {
      const half = ((wide[0] ?? 1) * letterWidth * titleSize) / 2;
      return lineOf(part, row, width - signWidth - 2 - half, titleSize * 0.62 + 3, titleSize, "", 0);
    }
    const label = part.slots[row.slot]?.name ?? "";
    const isCount = part.slots[row.slot]?.role === "count";
    const labelled =
      (isCount || (titled && tag === 0)) && (label.length + 1 + (wide[index] ?? 1)) * letterWidth * size < width - 8;
    const end = width - (!withTitle && index === 0 && below > 1 ? signWidth : 3);
    const start = part.slots[row.slot]?.operand === undefined ? 3 : 3 + tag * size;
    return lineOf(
      part,
      row,
      (start + end) / 2,
      first + (index - (beside ? 1 : 0)) * line,
      size,
      labelled ? `${label} ` : "",
      3,
    );
  });
  return { title: withTitle ? title(titleSize, titleSize * 0.65 + 3) : undefined, lines, bar };
}

/** Letters of a line at most. */
function lettersIn(part: ReplayPart, { slot, coordinate }: Row, letters: readonly number[]): number {
  if (slot === 0 && part.capacity !== undefined) return 2 * shortNumber(part.capacity).length + 1;
  return (letters[slot] ?? 1) + (coordinate === undefined ? 0 : (letters[coordinate] ?? 1) + 1.5);
}

function lineOf(part: ReplayPart, row: Row, x: number, y: number, size: number, label: string, tagX: number): Line {
  const operand = part.slots[row.slot]?.operand;
  return { ...row, ...(operand === undefined ? {} : { operand }), label, x, y, tagX, size: size < 4 ? 0 : size };
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
    const count = together.get(key) ?? 1;
    return wayOf(from, to, index - (count - 1) / 2, count);
  });
}

/** `lane` is 0 in the middle, and counts ways beside it, of which there are `lanes`. */
function wayOf(from: Box, to: Box, lane: number, lanes: number): Way {
  const xs = overlap(from.x, from.x + from.width, to.x, to.x + to.width);
  const ys = overlap(from.y, from.y + from.height, to.y, to.y + to.height);
  if (xs !== undefined && ys === undefined) {
    const x = xs.middle + lane * Math.min(wayGap, xs.length / (lanes + 1));
    return from.y < to.y
      ? { x1: x, y1: from.y + from.height, x2: x, y2: to.y }
      : { x1: x, y1: from.y, x2: x, y2: to.y + to.height };
  }
  if (ys !== undefined && xs === undefined) {
    const y = ys.middle + lane * Math.min(wayGap, ys.length / (lanes + 1));
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
  return sign + String(Number(size.toPrecision(size < 0.01 ? 2 : 3)));
}
