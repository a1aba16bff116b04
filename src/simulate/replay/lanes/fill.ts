// The film of sparse lanes from what was written down: bitmaps and what is left of their AND, the pair that each lane
// multiplies, who waits at the barrier, and the sums that leave.

import type { LaneBank, LaneProgram, UnitRound } from "../../../component/sparse-lanes/stepped.ts";
import type { Reel } from "../draft.ts";
import type { BankParts, LaneParts, UnitParts } from "./layout.ts";
import { findSlots, multiplySlots, resultSlots } from "./layout.ts";
import type { LaneCycle, LaneFrame } from "./record.ts";

/** A lane's banks in a round: all lanes read one bank of inputs where the round selects it. */
export function banksOf(
  { weights, inputs, select }: UnitRound,
  lane: number,
): { readonly A: LaneBank | undefined; readonly B: LaneBank | undefined } {
  return { A: weights[lane], B: inputs[select ?? lane] };
}

const sizeOf = (bank: LaneBank | undefined): number => bank?.bits?.length ?? bank?.values.length ?? 0;

/** Positions of a round of a lane, and which of them have a one in both bitmaps. */
export function pairsOf(round: UnitRound | undefined, lane: number): readonly boolean[] {
  if (round === undefined) return [];
  const { A, B } = banksOf(round, lane);
  return Array.from(
    { length: Math.min(sizeOf(A), sizeOf(B)) },
    (_, position) => (A?.bits?.[position] ?? true) && (B?.bits?.[position] ?? true),
  );
}

/** Ones before a position, which is where its value lies among the packed ones. */
export const rankOf = (bank: LaneBank | undefined, position: number): number =>
  bank?.bits === undefined ? position : bank.bits.slice(0, position).filter(Boolean).length;

/** Fills all cycles. */
export function fillLanes(
  film: Reel,
  units: readonly UnitParts[],
  lanes: number,
  program: LaneProgram,
  cycles: readonly LaneCycle[],
): void {
  for (const [cycle, { lanes: frames, leaving }] of cycles.entries()) {
    for (const [unit, parts] of units.entries()) {
      let finished = 0;
      for (const [lane, own] of parts.lanes.entries()) {
        const frame = frames[unit * lanes + lane];
        if (frame === undefined) continue;
        const round = program.units[unit]?.rounds[frame.round];
        fillLane(film, own, frame, round, lane, cycle);
        if (!frame.isWorking) finished++;
      }
      film.set(cycle, parts.barrier, 0, finished);
      film.act(cycle, parts.barrier, finished > 0 ? "stalled" : "idle");
      const own = leaving.filter((sum) => sum.unit === unit);
      if (program.mode === "MxM") leaveByLane(film, parts, own, cycle);
      else leaveByUnit(film, parts, own, cycle);
    }
  }
  countResults(film, units, cycles, program.mode);
}

function fillLane(
  film: Reel,
  parts: LaneParts,
  frame: LaneFrame,
  round: UnitRound | undefined,
  lane: number,
  cycle: number,
): void {
  const { position } = frame;
  const { A, B } = round === undefined ? { A: undefined, B: undefined } : banksOf(round, lane);
  fillBank(film, parts.A, A, position, cycle);
  fillBank(film, parts.B, B, position, cycle);
  for (const [at, isPair] of pairsOf(round, lane).entries()) {
    const part = parts.both[at] ?? 0;
    const isLeft = frame.left[at] === true || at === position;
    film.set(cycle, part, 0, isLeft ? 1 : 0);
    film.act(cycle, part, at === position ? "useful" : isPair ? "idle" : "skipped");
  }
  film.set(cycle, parts.multiply, multiplySlots.sum, frame.accumulator);
  if (position < 0) {
    film.act(cycle, parts.find, frame.isWorking ? "passing" : "idle");
    film.act(cycle, parts.multiply, frame.isWorking ? "idle" : "stalled");
    return;
  }
  const ranks = { A: rankOf(A, position), B: rankOf(B, position) };
  const a = A?.values[ranks.A] ?? NaN;
  const b = B?.values[ranks.B] ?? NaN;
  film.set(cycle, parts.find, findSlots.position, position);
  film.set(cycle, parts.find, findSlots.rankA, ranks.A);
  film.set(cycle, parts.find, findSlots.rankB, ranks.B);
  film.set(cycle, parts.multiply, multiplySlots.a, a);
  film.set(cycle, parts.multiply, multiplySlots.b, b);
  film.set(cycle, parts.multiply, multiplySlots.product, a * b);
  film.act(cycle, parts.find, "passing");
  film.act(cycle, parts.multiply, "useful");
  film.move(cycle, parts.link.picked[position] ?? -1, 0);
  film.move(cycle, parts.link.rankA[ranks.A] ?? -1, findSlots.rankA);
  film.move(cycle, parts.link.rankB[ranks.B] ?? -1, findSlots.rankB);
  film.move(cycle, parts.link.a[ranks.A] ?? -1, 0);
  film.move(cycle, parts.link.b[ranks.B] ?? -1, 0);
  film.act(cycle, parts.A.values[ranks.A] ?? -1, "passing");
  film.act(cycle, parts.B.values[ranks.B] ?? -1, "passing");
}

function fillBank(
  film: Reel,
  { bits, values }: BankParts,
  bank: LaneBank | undefined,
  position: number,
  cycle: number,
) {
  for (const [at, one] of (bank?.bits ?? []).entries()) film.set(cycle, bits[at] ?? 0, 0, one ? 1 : 0);
  for (const [rank, value] of (bank?.values ?? []).entries()) film.set(cycle, values[rank] ?? 0, 0, value);
  film.act(cycle, bits[position] ?? -1, "passing");
}

/** All lanes' sums are added and leave. */
function leaveByUnit(
  film: Reel,
  { lanes, adder, leave }: UnitParts,
  leaving: LaneCycle["leaving"],
  cycle: number,
): void {
  const last = leaving.at(-1);
  if (last === undefined) return;
  for (const { link } of lanes) film.move(cycle, link.sum, multiplySlots.sum);
  film.set(cycle, adder, 0, last.sum);
  film.act(cycle, adder, "useful");
  film.move(cycle, leave, 0, last.output);
}

/** Every lane's sum leaves by itself. */
function leaveByLane(film: Reel, { lanes }: UnitParts, leaving: LaneCycle["leaving"], cycle: number): void {
  for (const [lane, { output }] of leaving.entries()) {
    const parts = lanes[lane];
    if (parts !== undefined) film.move(cycle, parts.link.sum, multiplySlots.sum, output);
  }
}

/** What has left, from the cycle after on. */
function countResults(
  film: Reel,
  units: readonly UnitParts[],
  cycles: readonly LaneCycle[],
  mode: LaneProgram["mode"],
) {
  for (const [unit, { lanes, result }] of units.entries()) {
    const parts = mode === "MxM" ? lanes.map((lane) => lane.result) : [result];
    const counts = parts.map(() => 0);
    const last = parts.map((): { output: number; sum: number } => ({ output: NaN, sum: NaN }));
    for (const [cycle, { leaving }] of cycles.entries()) {
      for (const [i, part] of parts.entries()) {
        film.set(cycle, part, resultSlots.count, counts[i] ?? 0);
        film.set(cycle, part, resultSlots.output, last[i]?.output ?? NaN);
        film.set(cycle, part, resultSlots.sum, last[i]?.sum ?? NaN);
      }
      for (const [i, { output, sum }] of leaving.filter((one) => one.unit === unit).entries()) {
        const at = mode === "MxM" ? i : 0;
        const part = parts[at];
        if (part === undefined) continue;
        counts[at] = (counts[at] ?? 0) + 1;
        last[at] = { output, sum };
        film.act(cycle, part, "loading");
      }
    }
  }
}
