// The picture of a machine of loop nests: memories from far to near above the array, the units in the places that the
// levels' axes give them, blocks inside blocks. Memories that belong to one unit each are part of its box.

import type { OperandKey } from "../../../mapping/nest/problem.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, NestMemory } from "../../../mapping/nest/schedule.ts";
import type { Picture } from "../film.ts";
import type { ReplayLink, ReplayPart } from "../replay.ts";

/** A memory of a level in the picture: one box for each place of the level. */
export interface NestBox {
  readonly level: number;
  readonly operands: readonly OperandKey[];
  /** Parts by place of the level. */
  readonly parts: readonly number[];
  /** Slot of the words that it holds of each operand, and of all; -1 for none. Boxes of units have no slot for all. */
  readonly slots: Readonly<Record<OperandKey | "all", number>>;
}

export interface NestPicture extends Picture {
  readonly boxes: readonly NestBox[];
  /** Units by place. */
  readonly units: readonly number[];
  /** Places below each level, and in all: instances in a place of the level have this many places inside. */
  readonly places: readonly number[];
  readonly counters: readonly number[];
  /** The level from which on memories are part of the units' boxes. */
  readonly mergedFrom: number;
  /** The link between a part and one of another level for an operand; made when it is asked for first. */
  readonly link: (from: number, to: number, operand: OperandKey, counts: boolean) => number;
}

/** Slots of a unit: its operands and their product. */
export const unitSlots = { A: 0, B: 1, C: 2 } as const;

const unitsOf = ({ levels }: Hierarchy, level: number): number =>
  (levels[level]?.axes ?? []).reduce((product, { units }) => product * units, 1);

/** The first level below which nothing is side by side any more. */
function firstMerged(hierarchy: Hierarchy): number {
  const last = hierarchy.levels.findLastIndex((_, level) => unitsOf(hierarchy, level) > 1);
  return Math.max(1, last + 1);
}

/** Places of each level: how many instances the machine has, in use or not; the last entry is that of the units. */
export function nestPlaces(hierarchy: Hierarchy): readonly number[] {
  const places = [1];
  for (let level = 0; level < hierarchy.levels.length; level++) {
    places.push((places[level] ?? 1) * unitsOf(hierarchy, level));
  }
  return places;
}

/** A level in one place has a box for each memory; in many places one box for all of them. */
const boxesOf = ({ memories }: { readonly memories: readonly NestMemory[] }, places: number): number =>
  places === 1 ? memories.length : 1;

/** Boxes of the picture, without drawing it and without those of loops. */
export function nestBoxes(hierarchy: Hierarchy): number {
  const places = nestPlaces(hierarchy);
  const merged = firstMerged(hierarchy);
  const memories = hierarchy.levels
    .slice(0, merged)
    .reduce((sum, level, at) => sum + (places[at] ?? 1) * boxesOf(level, places[at] ?? 1), 0);
  return memories + (places[merged] ?? 1);
}

/** Units of an axis or two as rows and columns: one axis of many units folds to a square. */
function shapeOf(axes: Hierarchy["levels"][number]["axes"]): readonly [rows: number, columns: number] {
  const units = axes.map((axis) => axis.units).filter((count) => count > 1);
  const [first = 1, ...others] = units;
  if (others.length > 0) return [first, others.reduce((product, count) => product * count, 1)];
  const columns = first <= 4 ? first : Math.ceil(Math.sqrt(first));
  return [Math.ceil(first / columns), columns];
}

const gap = 0.4;
const unitWidth = 1.6;
const memoryHeight = 1.2;
/** A line for each slot of a unit. */
const slotHeight = 0.3;

/** Draws a hierarchy, with a box for each of the loops. */
export function drawNest(hierarchy: Hierarchy, loops: readonly string[]): NestPicture {
  const { levels } = hierarchy;
  const merged = firstMerged(hierarchy);
  const places = nestPlaces(hierarchy);
  const parts: ReplayPart[] = [];
  const links: ReplayLink[] = [];
  const add = (part: ReplayPart): number => parts.push(part) - 1;

  /** What the memories inside a unit's box hold. */
  const near = levels
    .slice(merged)
    .flatMap(({ memories }, index) =>
      operandKeys.flatMap((operand) =>
        memories.some((memory) => memory.operands.includes(operand)) ? [{ operand, level: merged + index }] : [],
      ),
    );
  /** Width and height of what stands in one place of a level. */
  const sizes: (readonly [width: number, height: number])[] = [];
  const unitHeight = slotHeight * (4 + near.length);
  sizes[merged] = [unitWidth, unitHeight];
  for (let level = merged - 1; level >= 0; level--) {
    const [rows, columns] = shapeOf(levels[level]?.axes ?? []);
    const [width, height] = sizes[level + 1] ?? [1, 1];
    sizes[level] = [Math.max(columns * (width + gap) - gap, 2), memoryHeight + gap + rows * (height + gap) - gap];
  }
  const boxes: { level: number; operands: OperandKey[]; parts: number[]; slots: Record<OperandKey | "all", number> }[] =
    [];
  const units: number[] = [];
  const counterWidth = loops.length === 0 ? 0 : 2.4 + gap;
  const heldSlots = (operands: readonly OperandKey[], first: number, all: boolean) => ({
    A: operands.includes("A") ? first + operands.indexOf("A") : -1,
    B: operands.includes("B") ? first + operands.indexOf("B") : -1,
    C: operands.includes("C") ? first + operands.indexOf("C") : -1,
    all: all ? 0 : -1,
  });

  /** Draws what stands in place `place` of a level, its upper left corner at (x, y). */
  const draw = (level: number, place: number, x: number, y: number): void => {
    if (level === merged) {
      units.push(unit(place, x, y));
      return;
    }
    const here = levels[level];
    if (here === undefined) return;
    const [width = 1] = sizes[level] ?? [];
    const several = (places[level] ?? 1) > 1;
    const groups = several ? [here.memories] : here.memories.map((memory) => [memory]);
    groups.forEach((memories, index) => {
      const operands = operandKeys.filter((key) => memories.some((memory) => memory.operands.includes(key)));
      const known = boxes.find((box) => box.level === level && box.operands.join() === operands.join());
      const box = known ?? { level, operands, parts: [], slots: heldSlots(operands, 1, true) };
      if (known === undefined) boxes.push(box);
      const share = (width - gap * (groups.length - 1)) / groups.length;
      const name = memories.length === 1 ? (memories[0]?.name ?? here.name) : here.name;
      box.parts.push(
        add({
          name: several ? `${name} ${place}` : name,
          kind: "memory",
          x: x + index * (share + gap),
          y,
          width: share,
          height: memoryHeight,
          slots: [
            { name: "words held", role: "count" },
            ...operands.map((operand) => ({ name: `words of ${operand}`, operand, role: "count" as const })),
          ],
          ...capacityOf(memories, hierarchy),
        }),
      );
    });
    const [, columns] = shapeOf(here.axes);
    const [stepX = 1, stepY = 1] = sizes[level + 1] ?? [];
    const inside = unitsOf(hierarchy, level);
    const top = y + memoryHeight + gap;
    for (let at = 0; at < inside; at++) {
      const column = at % columns;
      const row = Math.floor(at / columns);
      draw(level + 1, place * inside + at, x + column * (stepX + gap), top + row * (stepY + gap));
    }
  };

  const unit = (place: number, x: number, y: number): number =>
    add({
      name: `unit ${place}`,
      kind: "unit",
      x,
      y,
      width: unitWidth,
      height: unitHeight,
      slots: [
        { name: "A", operand: "A" },
        { name: "B", operand: "B" },
        { name: "product for C", operand: "C" },
        ...near.map(({ operand, level }) => ({
          name: `words of ${operand} in ${levels[level]?.name ?? ""}`,
          operand,
          role: "count" as const,
        })),
      ],
    });
  const counters = loops.map((name, index) =>
    add({
      name,
      kind: "register",
      x: 0,
      y: index * (memoryHeight + gap / 2),
      width: 2.4,
      height: memoryHeight,
      slots: [{ name: "turn", role: "count" }],
    }),
  );
  draw(0, 0, counterWidth, 0);
  for (let level = merged; level < levels.length; level++) {
    const slots = { A: -1, B: -1, C: -1, all: -1 };
    near.forEach((one, index) => {
      if (one.level === level) slots[one.operand] = 3 + index;
    });
    const operands = near.filter((one) => one.level === level).map(({ operand }) => operand);
    boxes.push({ level, operands, parts: units, slots });
  }
  const known = new Map<string, number>();
  return {
    parts,
    links,
    boxes,
    units,
    places,
    counters,
    mergedFrom: merged,
    link: (from, to, operand, counts) => {
      const key = `${from} ${to} ${operand}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const made = links.push({ from, to, operand, through: true, ...(counts ? { counts } : {}) }) - 1;
      known.set(key, made);
      return made;
    },
  };
}

/** Words that a box holds at most, where all of them are equally wide. */
function capacityOf(memories: readonly NestMemory[], { wordBytes }: Hierarchy): Pick<ReplayPart, "capacity"> {
  const widths = new Set(
    memories.flatMap(({ operands }) => operands.map((operand) => wordBytes[operand === "C" ? "partial" : operand])),
  );
  const [width = 1] = widths;
  const bytes = memories.reduce((sum, memory) => sum + memory.bytes, 0);
  return widths.size > 1 || bytes === Infinity ? {} : { capacity: Math.floor(bytes / width) };
}
