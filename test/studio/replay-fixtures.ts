// Films to test the tile view with: a systolic wave stepped by hand, and films of any shape.

import fc from "fast-check";
import type { Activity, Replay, ReplayLink, ReplayPart } from "../../src/simulate/replay/replay.ts";
import { activities } from "../../src/simulate/replay/replay.ts";

const place = (activity: Activity): number => activities.indexOf(activity);

/** Moves of a cycle each, as the contract packs them. */
function packed(moves: readonly (readonly { readonly link: number; readonly value: number }[])[]): Replay["moves"] {
  const start = new Uint32Array(moves.length + 1);
  moves.forEach((each, cycle) => {
    start[cycle + 1] = (start[cycle] ?? 0) + each.length;
  });
  return {
    start,
    link: Uint32Array.from(moves.flat().map(({ link }) => link)),
    value: Float64Array.from(moves.flat().map(({ value }) => value)),
  };
}

/** A weight-stationary wave: `size` rows are loaded, `vectors` input vectors stream from the left, sums leave below. */
export function waveReplay(size: number, vectors: number): Replay {
  const weight = (row: number, column: number): number => ((row * 3 + column * 5) % 4) - 1;
  const input = (vector: number, row: number): number => (vector * 7 + row * 2) % 5;
  const unit = (row: number, column: number): number => row * size + column;
  const [queue, memory] = [size * size, size * size + size];
  const parts: ReplayPart[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      parts.push({
        name: `unit ${row + 1}, ${column + 1}`,
        kind: "unit",
        x: 8 + column * 4,
        y: 4 + row * 4,
        width: 3,
        height: 3,
        slots: [
          { name: "weight", operand: "A" },
          { name: "input", operand: "B" },
          { name: "sum", operand: "C" },
        ],
      });
    }
  }
  for (let row = 0; row < size; row++) {
    parts.push({
      name: `row ${row + 1}`,
      kind: "queue",
      x: 1,
      y: 4 + row * 4,
      width: 5,
      height: 3,
      slots: [{ name: "held" }, { name: "next", operand: "B" }],
      capacity: vectors,
    });
  }
  const width = size * 4 - 1;
  parts.push({ name: "weight buffer", kind: "memory", x: 8, y: 0, width, height: 2.5, slots: [] });
  parts.push({
    name: "sum buffer",
    kind: "memory",
    x: 8,
    y: 5 + size * 4,
    width,
    height: 2.5,
    slots: [{ name: "held" }],
    capacity: vectors * size,
  });
  const links: ReplayLink[] = [];
  const linkOf = new Map<string, number>();
  const join = (from: number, to: number, operand: "A" | "B" | "C"): void => {
    linkOf.set(`${from}>${to}${operand}`, links.length);
    links.push({ from, to, operand });
  };
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const here = unit(row, column);
      join(column === 0 ? queue + row : unit(row, column - 1), here, "B");
      join(row === 0 ? memory : unit(row - 1, column), here, "A");
      join(here, row === size - 1 ? memory + 1 : unit(row + 1, column), "C");
    }
  }
  const cycles = size + vectors + 2 * size - 1;
  const slotStart = parts.map((_, index) => parts.slice(0, index).reduce((sum, { slots }) => sum + slots.length, 0));
  const slots = parts.reduce((sum, part) => sum + part.slots.length, 0);
  const activity = new Uint8Array(cycles * parts.length);
  const values = new Float64Array(cycles * slots).fill(NaN);
  const moves: { link: number; value: number }[][] = [];
  let left = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const moved: { link: number; value: number }[] = [];
    const show = (part: number, slot: number, value: number): void => {
      values[cycle * slots + (slotStart[part] ?? 0) + slot] = value;
    };
    const act = (part: number, what: Activity): void => {
      activity[cycle * parts.length + part] = place(what);
    };
    const move = (key: string, value: number): void => {
      const link = linkOf.get(key);
      if (link !== undefined) moved.push({ link, value });
    };
    for (let row = 0; row < size; row++) {
      const gone = Math.min(vectors, Math.max(0, cycle - size - row));
      show(queue + row, 0, vectors - gone);
      if (gone < vectors) show(queue + row, 1, input(gone, row));
      const entering = cycle + 1 - size - row;
      if (entering >= 0 && entering < vectors) move(`${queue + row}>${unit(row, 0)}B`, input(entering, row));
      for (let column = 0; column < size; column++) {
        const here = unit(row, column);
        // Row `source` of the weights is passing through this row while the array is loaded from above.
        const source = cycle < size ? size - 1 - (cycle - row) : row;
        if (cycle < size) {
          if (row <= cycle) {
            show(here, 0, weight(source, column));
            act(here, "loading");
            if (cycle < size - 1 && row < size - 1) move(`${here}>${unit(row + 1, column)}A`, weight(source, column));
          }
          if (row === 0 && cycle < size - 1) move(`${memory}>${here}A`, weight(size - 2 - cycle, column));
          continue;
        }
        show(here, 0, weight(row, column));
        const vector = cycle - size - row - column;
        if (vector < 0 || vector >= vectors) continue;
        const left = input(vector, row);
        let sum = 0;
        for (let k = 0; k <= row; k++) sum += weight(k, column) * input(vector, k);
        show(here, 1, left);
        show(here, 2, sum);
        act(here, left === 0 || weight(row, column) === 0 ? "zero" : "useful");
        if (column < size - 1) move(`${here}>${unit(row, column + 1)}B`, left);
        move(`${here}>${row === size - 1 ? memory + 1 : unit(row + 1, column)}C`, sum);
      }
    }
    show(memory + 1, 0, left);
    left += moved.filter(({ link }) => links[link]?.to === memory + 1).length;
    moves.push(moved);
  }
  const line = new Uint16Array(cycles);
  for (let cycle = size; cycle < cycles; cycle++) line[cycle] = 3;
  return {
    title: `A wave through ${size} × ${size} units`,
    sentences: [
      "Each box multiplies the input that comes from its left by the weight that rests in it, and adds the sum from above.",
      "Inputs enter row by row, one cycle later in each, so that the work crosses the array as a diagonal wave.",
      "Boxes ahead of the wave and behind it wait: filling and emptying is what a small tile loses.",
    ],
    cycles,
    parts,
    links,
    activity,
    values,
    moves: packed(moves),
    timeline: [
      {
        name: "weight buffer",
        segments: [{ start: 0, end: size, activity: "loading", label: "weights into the array" }],
      },
      {
        name: "array",
        segments: [
          { start: 0, end: size, activity: "stalled", label: "waits for weights" },
          { start: size, end: cycles, activity: "useful", label: "multiplies" },
        ],
      },
    ],
    program: {
      lines: [
        `for row in ${size} down to 1`,
        "  load weights of the row",
        `for vector in 1 to ${vectors}`,
        "  C[:, vector] = A × B[:, vector]",
      ],
      line,
    },
    captions: [
      { cycle: 0, text: "Weights sink into the array, the last row first." },
      { cycle: size, text: "The first inputs enter at the left; the wave begins in the corner." },
      { cycle: 2 * size - 1, text: "Sums leave the last row." },
      { cycle: size + vectors, text: "No more inputs: the wave runs out of the array." },
    ],
    agreement: [{ figure: "cycles", stepped: cycles, run: cycles }],
  };
}

/** Films of any shape that the contract allows, small. */
export const anyReplay: fc.Arbitrary<Replay> = fc
  .record({ parts: fc.integer({ min: 1, max: 12 }), cycles: fc.integer({ min: 1, max: 20 }), seed: fc.nat() })
  .map(({ parts: count, cycles, seed }) => {
    let state = seed + 1;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return Math.floor((state / 0x8000_0000) * limit);
    };
    const kinds = ["unit", "register", "bit", "queue", "adder", "memory", "network"] as const;
    const operands = ["A", "B", "C"] as const;
    const parts = Array.from({ length: count }, (_, index): ReplayPart => {
      const kind = kinds[below(kinds.length)] ?? "unit";
      const operand = operands[below(4)];
      return {
        name: `part ${index}`,
        kind,
        x: (index % 4) * 4,
        y: Math.floor(index / 4) * 4,
        width: 1 + below(4) * 0.5,
        height: 1 + below(4) * 0.5,
        slots: Array.from({ length: below(4) }, (_, slot) => ({
          name: `slot ${slot}`,
          ...(operand === undefined ? {} : { operand }),
        })),
        ...(below(2) === 0 ? { capacity: 1 + below(16) } : {}),
      };
    });
    const links = Array.from({ length: below(20) }, (): ReplayLink => ({ from: below(count), to: below(count) }));
    const slots = parts.reduce((sum, part) => sum + part.slots.length, 0);
    const rows = Array.from({ length: below(3) }, (_, row) => ({
      name: `row ${row}`,
      segments: [{ start: below(cycles), end: cycles, activity: activities[below(8)] ?? "idle", label: "busy" }],
    }));
    return {
      title: "any",
      sentences: ["One."],
      cycles,
      parts,
      links,
      activity: Uint8Array.from({ length: cycles * count }, () => below(activities.length)),
      values: Float64Array.from({ length: cycles * slots }, () => (below(3) === 0 ? NaN : below(200) - 100)),
      moves: packed(
        Array.from({ length: cycles }, () =>
          links.flatMap((_, link) => (below(3) === 0 ? [{ link, value: below(9) }] : [])),
        ),
      ),
      timeline: rows,
      program: { lines: ["one", "two"], line: Uint16Array.from({ length: cycles }, () => below(2)) },
      captions: [{ cycle: 0, text: "Something happens." }],
      agreement: [],
    };
  });
