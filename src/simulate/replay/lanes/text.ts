// What a film of sparse lanes says: the loop nest with the line of each cycle, sentences before it begins, and captions
// where something happens for the first time.

import type { LaneProgram } from "../../../component/sparse-lanes/stepped.ts";
import type { LaneTile } from "../../../dataflow/nest/sparse/lane-tile.ts";
import type { Replay } from "../replay.ts";
import type { Said } from "../product/text.ts";
import { banksOf, pairsOf, rankOf } from "./fill.ts";
import type { LanePlan } from "./layout.ts";
import type { LaneCycle } from "./record.ts";

/** The printed nest and what a round does, with the line of each cycle. */
export function laneProgram(nest: readonly string[], tile: LaneTile, cycles: readonly LaneCycle[]): Replay["program"] {
  const first = nest.length;
  const lines = [
    ...nest,
    "round: a bank of each operand for every lane, the bitmaps are ANDed",
    "  while a bit is left: find the first, fetch both values by rank, multiply and add",
    "  wait for the slowest lane",
    "  before another place of C: the sum leaves",
  ];
  const lineOfLoop = linesOfLoops(nest, tile);
  let before = -1;
  const line = Uint16Array.from(cycles, ({ lanes, leaving }) => {
    const round = lanes[0]?.round ?? 0;
    const isNew = round !== before;
    before = round;
    if (leaving.length > 0) return first + 3;
    if (isNew) return lineOfLoop.get(tile.moved[round] ?? -1) ?? first;
    return lanes.some(({ isWorking }) => isWorking) ? first + 1 : first + 2;
  });
  return { lines, line };
}

/** The line of each loop over time, by its place in the nest: loops of one dimension are printed in the same order. */
function linesOfLoops(nest: readonly string[], { nest: { loops, problem } }: LaneTile): ReadonlyMap<number, number> {
  const printed = new Map<string, number[]>();
  for (const [line, text] of nest.entries()) {
    const name = /(?:^|\s)for (\S+) in steps of/.exec(text)?.[1];
    if (name === undefined) continue;
    const others = printed.get(name);
    if (others === undefined) printed.set(name, [line]);
    else others.push(line);
  }
  const found = new Map<number, number>();
  for (const [dimension, { name }] of problem.dimensions.entries()) {
    const own = [...loops.entries()].filter(([, loop]) => loop.dimension === dimension && loop.place === "time");
    for (const [i, [index]] of own.entries()) {
      const line = printed.get(name)?.[i];
      if (line !== undefined) found.set(index, line);
    }
  }
  return found;
}

/** What one sees, for someone who has never seen such a machine. */
export function laneSentences(plan: LanePlan, unitsInUse: number): readonly string[] {
  const { lanes, weights, inputs, mode, units } = plan;
  const both = weights && inputs;
  const others = unitsInUse - units;
  return [
    both
      ? "A bit for each element says whether it is not zero, and only the non-zeros are stored; where the bits of A and of B are both one there is something to multiply."
      : `A bit for each element of ${weights ? "A" : "B"} says whether it is not zero, and only its non-zeros are stored; where the bit is one there is something to multiply.`,
    `In each cycle every lane picks the first bit that is left: the number of ones before it says where its value lies among the packed ones. Positions without it take no time.`,
    `The ${lanes} lanes begin a round together, so one with few pairs waits for the slowest${mode === "VxV" ? "; when the unit goes on to another place of C, the sums of the lanes are added and leave" : "; each lane has a sum of its own"}.`,
    ...(others > 0 ? [`Shown ${units === 1 ? "is one unit" : `are ${units} units`} of the ${unitsInUse} in use.`] : []),
  ];
}

/** Captions by cycle. `lanes` are those of a unit. */
export function laneCaptions(
  { program, counted }: LaneTile,
  cycles: readonly LaneCycle[],
  lanes: number,
  total: number,
): readonly Said[] {
  const said: Said[] = [];
  const known = new Set<string>();
  const nameOf = (index: number): string =>
    program.units.length === 1 ? `Lane ${index}` : `Lane ${index % lanes} of unit ${Math.floor(index / lanes)}`;
  for (const [cycle, { lanes: frames, leaving }] of cycles.entries()) {
    const moments: { key: string; text: () => string }[] = [];
    const previous = cycles[cycle - 1]?.lanes;
    for (const [index, { round, isWorking, position, left }] of frames.entries()) {
      const now = program.units[Math.floor(index / lanes)]?.rounds[round];
      const lane = index % lanes;
      const pairs = pairsOf(now, lane);
      const count = pairs.filter(Boolean).length;
      const before = previous?.[index];
      if (isWorking && before?.round !== round) {
        moments.push(roundMoment(cycle, round, nameOf(index), count, pairs.length));
      }
      if (isWorking && position < 0) {
        const text = () => `${nameOf(index)} has no pair at all in this round; it takes a cycle to see that.`;
        moments.push({ key: "empty", text });
      }
      if (!isWorking && frames.some((other) => other.isWorking)) {
        const slowest = frames.findIndex((other) => other.isWorking);
        const text = () =>
          `${nameOf(index)} has done its ${pairText(count)} and waits at the barrier: ${nameOf(slowest).toLowerCase()} is not done yet.`;
        moments.push({ key: "wait", text });
      }
      if (position < 0 || now === undefined) continue;
      const last = before?.round === round ? before.position : -1;
      moments.push(...pickMoments(now, lane, nameOf(index), position, last, left));
    }
    const [sum] = leaving;
    if (sum !== undefined) {
      const text = () => leavingText(program.mode, frames.slice(sum.unit * lanes, (sum.unit + 1) * lanes), sum.sum);
      moments.unshift({ key: "leaves", text });
    }
    const moment = moments.find(({ key }) => !known.has(key));
    if (moment === undefined) continue;
    known.add(moment.key);
    said.push({ cycle, text: moment.text() });
  }
  const last = cycles.length - 1;
  if (cycles.length < total && last >= 0) {
    said.push({ cycle: last, text: `The film ends here: the tile takes ${total} cycles.` });
  }
  if (program.units.length === 1 && cycles.length === total && last > 0) {
    const text = `The tile took ${total} cycles instead of ${counted.denseCycles} without bitmaps.`;
    said.push({ cycle: last, text });
  }
  return said;
}

const pairText = (count: number): string => (count === 1 ? "1 pair" : `${count} pairs`);

function roundMoment(cycle: number, round: number, name: string, count: number, size: number) {
  const text = (): string =>
    `${cycle === 0 ? "" : `All are done, and round ${round} begins with new bitmaps. `}${name}: ${count} of ${size} positions have both bits, so the round takes it ${count <= 1 ? "1 cycle" : `${count} cycles`} instead of ${size}.`;
  return { key: cycle === 0 ? "begin" : "round", text };
}

/** What is worth saying of a pair that was picked, `before` being the position before it in the round. */
function pickMoments(
  round: NonNullable<LaneProgram["units"][number]["rounds"][number]>,
  lane: number,
  name: string,
  position: number,
  before: number,
  left: readonly boolean[],
) {
  const moments: { key: string; text: () => string }[] = [];
  const { A, B } = banksOf(round, lane);
  if (position - before > 1) {
    const passed = position - before - 1;
    const text = () =>
      `${name} jumps to position ${position}: ${passed === 1 ? "the position" : `the ${passed} positions`} before it ${passed === 1 ? "has" : "have"} a zero and ${passed === 1 ? "takes" : "take"} no time.`;
    moments.push({ key: "jump", text });
  }
  if (rankOf(A, position) !== position || rankOf(B, position) !== position) {
    const text = () =>
      `${name} picks position ${position}: ${onesText(rankOf(A, position))} of A and ${onesText(rankOf(B, position))} of B lie before it, which is where the two values are packed.`;
    moments.push({ key: "rank", text });
  }
  if (!left.includes(true)) {
    const text = () => `${name} has picked its last pair of this round.`;
    moments.push({ key: "last", text });
  }
  return moments;
}

const onesText = (count: number): string => (count === 1 ? "1 one" : `${count} ones`);

function leavingText(mode: LaneProgram["mode"], lanes: LaneCycle["lanes"], sum: number): string {
  if (mode === "MxM") return `The unit goes on to other places of C: each lane's sum leaves, the first is ${sum}.`;
  const terms = lanes.map(({ accumulator }) => (accumulator < 0 ? `(${accumulator})` : String(accumulator)));
  return `The unit goes on to another place of C: the sums of its lanes are added and leave, ${terms.join(" + ")} = ${sum}.`;
}
