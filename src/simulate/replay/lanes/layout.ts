// The picture of units of sparse lanes: for each lane the bitmaps of both operands, their AND, the packed values, the
// find-first that picks one pair a cycle and the multiplier; behind the lanes of a unit a barrier and its sums.

import type { LaneMode } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { Drawing } from "../draft.ts";
import { counting, drawing, through } from "../draft.ts";

/** What is drawn. */
export interface LanePlan {
  readonly units: number;
  readonly lanes: number;
  readonly bankBits: number;
  readonly mode: LaneMode;
  /** All lanes read one bank of B. */
  readonly isShared: boolean;
  /** Which operands have bitmaps. */
  readonly weights: boolean;
  readonly inputs: boolean;
}

/** A bank of an operand. */
export interface BankParts {
  /** Empty where the operand has no bitmap. */
  readonly bits: readonly number[];
  /** A box for each value that is stored, packed ones where there is a bitmap. */
  readonly values: readonly number[];
}

export interface LaneParts {
  readonly A: BankParts;
  readonly B: BankParts;
  readonly both: readonly number[];
  readonly find: number;
  readonly multiply: number;
  readonly link: {
    /** From each bit of the AND to the find-first. */
    readonly picked: readonly number[];
    /** From the find-first to each value, and from there to the multiplier. */
    readonly rankA: readonly number[];
    readonly rankB: readonly number[];
    readonly a: readonly number[];
    readonly b: readonly number[];
    /** To the sum of the lanes, or to the lane's own result. */
    readonly sum: number;
  };
  /** The lane's own result, in mode MxM. */
  readonly result: number;
}

export interface UnitParts {
  readonly lanes: readonly LaneParts[];
  readonly barrier: number;
  /** The sum of the lanes and what leaves, in mode VxV. */
  readonly adder: number;
  readonly result: number;
  readonly leave: number;
}

export interface LaneLayout {
  readonly drawing: Drawing;
  readonly units: readonly UnitParts[];
}

/** Slots of the parts. */
export const findSlots = { position: 0, rankA: 1, rankB: 2 } as const;
export const multiplySlots = { a: 0, b: 1, product: 2, sum: 3 } as const;
export const resultSlots = { count: 0, output: 1, sum: 2 } as const;

/** A bit that is picked, and the number of ones before it, which is an address: at once. */
const pick = { ...through, ...counting };

const pitch = 2;
const bit = 1.8;
const row = 2;
const gap = 1;

/** Boxes that a picture of so many units takes. */
export function lanePartCount({ units, lanes, bankBits, mode, isShared, weights, inputs }: LanePlan): number {
  const bankOfB = bankBits + (inputs ? bankBits : 0);
  const bankOfA = bankBits + (weights ? bankBits : 0);
  const ofLane = bankOfA + (isShared ? 0 : bankOfB) + bankBits + 2 + (mode === "MxM" ? 1 : 0);
  return units * (lanes * ofLane + (isShared ? bankOfB : 0) + 1 + (mode === "MxM" ? 0 : 2));
}

export function laneLayout(plan: LanePlan): LaneLayout {
  const drawn = drawing();
  const { lanes, bankBits, mode, isShared } = plan;
  const banks = bankBits * pitch;
  const aside = banks + gap;
  const unitWidth = aside + 8 + gap + 9 + gap + 2 + gap + 9 + 4;
  const units = Array.from({ length: plan.units }, (_, unit): UnitParts => {
    const left = unit * unitWidth;
    const of = (name: string): string => (plan.units === 1 ? name : `${name} of unit ${unit}`);
    const bank = (which: "A" | "B", y: number, name: string, hasBitmap: boolean): BankParts => ({
      bits: hasBitmap
        ? Array.from({ length: bankBits }, (_, position) =>
            drawn.part({
              name: of(`bit ${position} of ${which}, ${name}`),
              kind: "bit",
              x: left + position * pitch,
              y,
              width: bit,
              height: bit,
              slots: [{ name: `${which} is not zero`, operand: which }],
            }),
          )
        : [],
      values: Array.from({ length: bankBits }, (_, rank) =>
        drawn.part({
          name: of(`${hasBitmap ? "packed value" : "value"} ${rank} of ${which}, ${name}`),
          kind: "register",
          x: left + rank * pitch,
          y: y + row,
          width: bit,
          height: bit,
          slots: [{ name: `value of ${which}`, operand: which }],
        }),
      ),
    });
    const shared = isShared ? bank("B", 0, "all lanes", plan.inputs) : undefined;
    const top = isShared ? 2 * row + gap : 0;
    const height = (isShared ? 3 : 5) * row + gap;
    const bottom = top + lanes * height - gap;
    const barrier = drawn.part({
      name: of("barrier"),
      kind: "network",
      x: left + aside + 8 + gap + 9 + gap,
      y: top,
      width: 2,
      height: bottom - top,
      slots: [{ name: "lanes that have finished the round", role: "count" }],
    });
    const resultX = left + aside + 8 + gap + 9 + gap + 2 + gap;
    const sumOf = (name: string, y: number) =>
      drawn.part({
        name: of(name),
        kind: "register",
        x: resultX,
        y,
        width: 9,
        height: 3,
        slots: [
          { name: "sums", role: "count" },
          { name: "place in C", role: "coordinate", operand: "C" },
          { name: "last sum", operand: "C" },
        ],
      });
    const middle = (top + bottom) / 2;
    const adder =
      mode === "MxM"
        ? -1
        : drawn.part({
            name: of("sum of the lanes"),
            kind: "adder",
            x: resultX,
            y: middle - 4,
            width: 9,
            height: 2,
            slots: [{ name: "sum", operand: "C" }],
          });
    const result = mode === "MxM" ? -1 : sumOf("sums that have left", middle);
    const leave = mode === "MxM" ? -1 : drawn.link(adder, result, "C");
    return {
      barrier,
      adder,
      result,
      leave,
      lanes: Array.from({ length: lanes }, (_, lane): LaneParts => {
        const y = top + lane * height;
        const name = `lane ${lane}`;
        const A = bank("A", y, name, plan.weights);
        const B = shared ?? bank("B", y + 2 * row, name, plan.inputs);
        const bothY = y + (isShared ? 2 : 4) * row;
        const both = Array.from({ length: bankBits }, (_, position) =>
          drawn.part({
            name: of(`bit ${position} of both, ${name}`),
            kind: "bit",
            x: left + position * pitch,
            y: bothY,
            width: bit,
            height: bit,
            slots: [{ name: "still to be multiplied" }],
          }),
        );
        const find = drawn.part({
          name: of(`find-first, ${name}`),
          kind: "register",
          x: left + aside,
          y: y + 1,
          width: 8,
          height: 3,
          slots: [{ name: "position" }, { name: "ones of A before it" }, { name: "ones of B before it" }],
        });
        const multiply = drawn.part({
          name: of(`multiply-accumulate, ${name}`),
          kind: "unit",
          x: left + aside + 8 + gap,
          y: y + 1,
          width: 9,
          height: 4,
          slots: [
            { name: "a", operand: "A" },
            { name: "b", operand: "B" },
            { name: "product", operand: "C" },
            { name: "sum", operand: "C" },
          ],
        });
        const own = mode === "MxM" ? sumOf(`sums that have left, ${name}`, y + 1) : -1;
        return {
          A,
          B,
          both,
          find,
          multiply,
          result: own,
          link: {
            picked: both.map((part) => drawn.link(part, find, undefined, pick)),
            rankA: A.values.map((part) => drawn.link(find, part, undefined, pick)),
            rankB: B.values.map((part) => drawn.link(find, part, undefined, pick)),
            a: A.values.map((part) => drawn.link(part, multiply, "A", through)),
            b: B.values.map((part) => drawn.link(part, multiply, "B", through)),
            sum: mode === "MxM" ? drawn.link(multiply, own, "C") : drawn.link(multiply, adder, "C", through),
          },
        };
      }),
    };
  });
  return { drawing: drawn, units };
}
