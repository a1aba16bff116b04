// The picture of a grid machine: units in their pipeline stages, the registers that delay the edges, buffers around the
// array and the memory off chip. Stages stand apart; the units inside one touch, as no register stands between them.

import type { OperandName } from "../../result.ts";
import type { PreparedGrid } from "../../prepared.ts";
import { formatBits } from "../../../component/component.ts";
import type { GridMapping } from "../../../mapping/grid-mapping.ts";
import type { Picture } from "../film.ts";
import type { ReplayLink, ReplayPart } from "../replay.ts";

/** Slots of a unit. */
export const topSlot = 0;
export const leftSlot = 1;
export const sumSlot = 2;
export const nextSlot = 3;

/** Which operand is where. */
export interface GridRoles {
  /** Comes in at the top: rests there, or streams downwards where results rest. */
  readonly top: OperandName;
  /** Streams to the right. */
  readonly left: OperandName;
  readonly stationary: GridMapping["stationary"];
}

/** Parts and links of the picture by where they are; -1 for none. Units are numbered row by row. */
export interface GridPicture extends Picture {
  readonly rows: number;
  readonly columns: number;
  readonly collapse: number;
  readonly roles: GridRoles;
  readonly units: number;
  /** Registers before row `r`, nearest to the array first. */
  readonly leftDelay: readonly (readonly number[])[];
  readonly topDelay: readonly (readonly number[])[];
  readonly buffers: Readonly<Record<OperandName, number>>;
  readonly dram: number;
  /** Where the sums of a column join those of earlier tiles; none where results rest. */
  readonly adders: readonly number[];
  /** Bars of registers to the right of a column group, and below a row group. */
  readonly columnBars: readonly number[];
  readonly rowBars: readonly number[];
  readonly link: {
    /** Into a unit, from the left and from the top. */
    readonly left: Int32Array;
    readonly top: Int32Array;
    /** Into a unit, the sum of the unit above. */
    readonly sum: Int32Array;
    /** From a unit: its finished sum. */
    readonly result: Int32Array;
    /** Into the registers of `leftDelay` and `topDelay`. */
    readonly leftDelay: readonly (readonly number[])[];
    readonly topDelay: readonly (readonly number[])[];
    readonly adder: readonly number[];
    /** Between a buffer and the memory off chip. */
    readonly dram: Readonly<Record<OperandName, number>>;
  };
}

/** Lengths of the picture: a unit is 1 by 1. */
const inside = 0.1;
const between = 0.5;
const delaySize = 0.5;
const delayPitch = 0.65;
const margin = 0.5;
const memory = 1.3;

/** Registers that delay the edges of a grid: one for each stage that the wave takes to the group. */
const delays = (extent: number, collapse: number): number[] =>
  Array.from({ length: extent }, (_, index) => Math.floor(index / collapse));

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Boxes of a grid's picture, without drawing it. */
export function gridParts(rows: number, columns: number, mapping: GridMapping): number {
  const { collapse, stationary } = mapping;
  const bars = Math.ceil(rows / collapse) + Math.ceil(columns / collapse) - 2;
  const adders = stationary === "outputs" ? 0 : columns;
  return rows * columns + total(delays(rows, collapse)) + total(delays(columns, collapse)) + bars + adders + 4;
}

/** Draws the machine in a mapping. */
export function gridPicture(prepared: PreparedGrid, mapping: GridMapping): GridPicture {
  const { grid, routes } = prepared.gridMachine;
  const { rows: R, columns: C } = grid;
  const { collapse, stationary } = mapping;
  const roles: GridRoles =
    stationary === "inputs" ? { top: "B", left: "A", stationary } : { top: "A", left: "B", stationary };
  const parts: ReplayPart[] = [];
  const links: ReplayLink[] = [];
  const part = (one: ReplayPart): number => parts.push(one) - 1;
  const link = (from: number, to: number, operand: OperandName, more: Omit<ReplayLink, "from" | "to"> = {}): number =>
    links.push({ from, to, operand, ...more }) - 1;

  const leftDelays = delays(R, collapse);
  const topDelays = delays(C, collapse);
  const along = (index: number): number => index * (1 + inside) + Math.floor(index / collapse) * (between - inside);
  const width = along(C - 1) + 1;
  const height = along(R - 1) + 1;
  const dramWidth = prepared.dramName === undefined ? 0 : memory + 2 * margin;
  const bufferLeft = dramWidth;
  const leftEdge = bufferLeft + memory + margin + Math.max(...leftDelays) * delayPitch + margin;
  const topEdge = memory + margin + Math.max(...topDelays) * delayPitch + margin;
  const bottom = topEdge + height;
  const adderHeight = stationary === "outputs" ? 0 : 0.6 + margin;
  const sumTop = bottom + margin + adderHeight;

  const held = { name: "words held", role: "count" as const };
  const bufferOf = (operand: OperandName, box: Pick<ReplayPart, "x" | "y" | "width" | "height">): number =>
    part({
      name: `${routes[operand].buffer} (${operand})`,
      kind: "memory",
      ...box,
      slots: [{ ...held, operand }],
      capacity: Math.floor(routes[operand].bufferMemory.bytes / wordBytes(prepared, mapping, operand)),
    });
  const dram =
    prepared.dramName === undefined
      ? -1
      : part({
          name: `${prepared.dramName}, off chip`,
          kind: "memory",
          x: 0,
          y: 0,
          width: memory,
          height: sumTop + memory,
          slots: [{ name: "words in this cycle", role: "count" }],
        });
  const topBuffer = bufferOf(roles.top, { x: leftEdge, y: 0, width, height: memory });
  const leftBuffer = bufferOf(roles.left, { x: bufferLeft, y: topEdge, width: memory, height });
  const sumBuffer = bufferOf("C", { x: leftEdge, y: sumTop, width, height: memory });
  const buffers = { A: -1, B: -1, C: sumBuffer, [roles.top]: topBuffer, [roles.left]: leftBuffer };

  const delay = (name: string, operand: OperandName, x: number, y: number): number =>
    part({ name, kind: "register", x, y, width: delaySize, height: delaySize, slots: [{ name: operand, operand }] });
  const off = (1 - delaySize) / 2;
  const leftDelay = leftDelays.map((count, r) =>
    Array.from({ length: count }, (_, near) =>
      delay(
        `delay ${near + 1} of row ${r}`,
        roles.left,
        leftEdge - margin - near * delayPitch - delaySize,
        topEdge + along(r) + off,
      ),
    ),
  );
  const topDelay = topDelays.map((count, c) =>
    Array.from({ length: count }, (_, near) =>
      delay(
        `delay ${near + 1} of column ${c}`,
        roles.top,
        leftEdge + along(c) + off,
        topEdge - margin - near * delayPitch - delaySize,
      ),
    ),
  );

  const units = parts.length;
  const hidden = grid.preload === "hidden" && stationary !== "outputs";
  const slots =
    stationary === "outputs"
      ? [
          { name: `${roles.top}, from above`, operand: roles.top },
          { name: `${roles.left}, from the left`, operand: roles.left },
          { name: "sum of C, rests", operand: "C" as const },
        ]
      : [
          { name: `${roles.top}, rests`, operand: roles.top },
          { name: `${roles.left}, from the left`, operand: roles.left },
          { name: "partial sum of C", operand: "C" as const },
          ...(hidden ? [{ name: `${roles.top} of the next tile`, operand: roles.top }] : []),
        ];
  for (let r = 0; r < R; r++) {
    for (let c = 0; c < C; c++) {
      part({
        name: `unit in row ${r}, column ${c}`,
        kind: "unit",
        x: leftEdge + along(c),
        y: topEdge + along(r),
        width: 1,
        height: 1,
        slots,
      });
    }
  }
  const bar = (name: string, x: number, y: number, barWidth: number, barHeight: number): number =>
    part({ name, kind: "register", x, y, width: barWidth, height: barHeight, slots: [] });
  const thin = 0.12;
  const groups = (extent: number): number[] =>
    Array.from({ length: Math.ceil(extent / collapse) - 1 }, (_, group) => (group + 1) * collapse);
  const columnBars = groups(C).map((c) =>
    bar(
      `registers between columns ${c - 1} and ${c}`,
      leftEdge + along(c) - (between + thin) / 2,
      topEdge,
      thin,
      height,
    ),
  );
  const rowBars = groups(R).map((r) =>
    bar(`registers between rows ${r - 1} and ${r}`, leftEdge, topEdge + along(r) - (between + thin) / 2, width, thin),
  );
  const adders =
    stationary === "outputs"
      ? []
      : Array.from({ length: C }, (_, c) =>
          part({
            name: `adder below column ${c}`,
            kind: "adder",
            x: leftEdge + along(c) + 0.1,
            y: bottom + margin,
            width: 0.8,
            height: 0.6,
            slots: [{ name: "sum in the buffer", operand: "C" }],
          }),
        );

  const left = new Int32Array(R * C);
  const top = new Int32Array(R * C);
  const sum = new Int32Array(R * C).fill(-1);
  const result = new Int32Array(R * C).fill(-1);
  const through = { through: true };
  const same = (index: number): { through?: boolean } => (index % collapse === 0 ? {} : through);
  for (let r = 0; r < R; r++) {
    for (let c = 0; c < C; c++) {
      const at = r * C + c;
      const unit = units + at;
      const nearest = leftDelay[r]?.[0];
      left[at] =
        c > 0
          ? link(unit - 1, unit, roles.left, same(c))
          : link(nearest ?? leftBuffer, unit, roles.left, nearest === undefined ? through : {});
      const above = topDelay[c]?.[0];
      top[at] =
        r > 0
          ? link(unit - C, unit, roles.top)
          : link(above ?? topBuffer, unit, roles.top, above === undefined ? through : {});
      if (stationary === "outputs") result[at] = link(unit, sumBuffer, "C", through);
      else if (r > 0) sum[at] = link(unit - C, unit, "C", same(r));
      if (stationary !== "outputs" && r === R - 1) result[at] = link(unit, adders[c] ?? sumBuffer, "C", through);
    }
  }
  const chain = (delaysOf: readonly (readonly number[])[], buffer: number, operand: OperandName) =>
    delaysOf.map((registers) =>
      registers.map((register, near) => {
        const before = registers[near + 1];
        return link(before ?? buffer, register, operand, before === undefined ? through : {});
      }),
    );
  const counted = { counts: true, through: true };
  const toBuffer = (operand: OperandName): number =>
    dram < 0 || routes[operand].homeMemory !== undefined
      ? -1
      : operand === "C"
        ? link(buffers.C, dram, operand, counted)
        : link(dram, buffers[operand], operand, counted);
  return {
    parts,
    links,
    rows: R,
    columns: C,
    collapse,
    roles,
    units,
    leftDelay,
    topDelay,
    buffers,
    dram,
    adders,
    columnBars,
    rowBars,
    link: {
      left,
      top,
      sum,
      result,
      leftDelay: chain(leftDelay, leftBuffer, roles.left),
      topDelay: chain(topDelay, topBuffer, roles.top),
      adder: adders.map((adder) => link(adder, sumBuffer, "C", through)),
      dram: { A: toBuffer("A"), B: toBuffer("B"), C: toBuffer("C") },
    },
  };
}

/** Bytes of a word in an operand's buffer: sums that are still to be added to are kept there at full width. */
function wordBytes({ gridMachine }: PreparedGrid, { stationary }: GridMapping, operand: OperandName): number {
  const { grid, output } = gridMachine;
  const format = operand !== "C" ? grid.operand : stationary === "outputs" ? output : grid.accumulator;
  return formatBits[format] / 8;
}
