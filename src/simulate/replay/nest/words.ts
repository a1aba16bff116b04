// What the film of a loop nest says in words: what one sees, the printed schedule with the loop that turns in every step,
// captions where words move, and a row of the timeline for each way between memories.

import type { Walk } from "../../../dataflow/nest/stepped/walk.ts";
import { printNest } from "../../../mapping/nest/print.ts";
import type { Hierarchy } from "../../../mapping/nest/schedule.ts";
import type { ZeroHandling } from "../../machine.ts";
import { timelineRow } from "../film.ts";
import type { Replay, ReplayRow } from "../replay.ts";
import type { NestMark, NestStory } from "./watch.ts";

/** Temporal loops of more than one step, by their place among all loops. */
export const turningLoops = ({ loops }: Walk): readonly number[] =>
  loops.flatMap(({ multicast, steps }, index) => (multicast === undefined && steps > 1 ? [index] : []));

/** "buffer: M in 4 steps of 8". */
export function loopName({ loops, problem }: Walk, { levels }: Hierarchy, index: number): string {
  const loop = loops[index];
  if (loop === undefined) return "";
  const name = problem.dimensions[loop.dimension]?.name ?? "";
  return `${levels[loop.level]?.name ?? ""}: ${name} in ${loop.steps} steps of ${loop.tile}`;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

const listed = (items: readonly string[]): string =>
  items.length <= 1 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;

/** A few sentences for someone who has never seen a loop nest run. */
export function nestSentences(
  { hierarchy, run, tile, picture }: NestStory,
  zeros: ZeroHandling | undefined,
): readonly string[] {
  const names = hierarchy.levels.map(({ name }) => name);
  const near = names.slice(picture.mergedFrom);
  const inside = near.length > 0 ? `; each unit's box shows its own ${listed(near)} too` : "";
  const slice = tile.still.some((loop) => loop.inside);
  const alone =
    tile.still.length === 0
      ? []
      : [
          `${slice ? "Some loops stand still, so that the film is a slice of the turns of those around them" : "The outermost loops stand still"}, and the tile stands alone: in the layer, words that are left from before are not fetched again.`,
        ];
  const time = Object.entries(run.stack).filter(([, cycles]) => cycles > 0);
  const where = time.map(([cause, cycles]) => `${Number(cycles.toPrecision(4))} ${cause}`);
  const gated = zeros?.gated ?? [];
  const skips = zeros?.skipping !== undefined || zeros?.skipped !== undefined;
  return [
    `Words of A, B and C move down from ${names[0] ?? "memory"} towards the units and rest at each level for as long as the loops below it need them${inside}.`,
    `The film's time is steps, not cycles: in each step every unit in use multiplies once. The ${run.steps} steps take ${plural(run.cycles, "cycle")} (${where.join(", ")}), because memories may need longer than the units.`,
    `${tile.units} of ${picture.units.length} units are in use; a box on the left counts the turns of each loop.`,
    ...alone,
    ...(skips
      ? ["The machine passes over zeros; this film shows the loop nest with every multiplication, as if it did not."]
      : gated.length > 0
        ? [`A unit waits through a multiplication by a zero of ${listed(gated)} without switching: gated, not faster.`]
        : []),
  ];
}

/** The outer loops that stand still, the printed schedule, and for each step the line of the outermost loop that turned. */
export function nestProgram({ tile, hierarchy, walk, loops }: NestStory, cycles: number): Replay["program"] {
  const names = walk.problem.dimensions.map(({ name }) => name);
  const outer = tile.still.map(
    ({ dimension, tile: covered, steps, index, from, length }) =>
      `for ${names[dimension] ?? ""} in steps of ${covered} (${steps} x): stands at turn ${index + 1}, ${names[dimension] ?? ""} = ${length === 1 ? from : `${from} to ${from + length - 1}`}`,
  );
  const printed = printNest(tile.problem, hierarchy, tile.schedule);
  const lines = [...outer, ...printed, "in every unit: C += A x B"];
  const lineOf = printed.flatMap((text, at) => (/(^|\s)for \S+ in steps of /.test(text) ? [outer.length + at] : []));
  const temporal = walk.loops.flatMap(({ multicast }, index) => (multicast === undefined ? [index] : []));
  const steps = walk.steps[walk.levels] ?? [];
  const line = new Uint16Array(cycles);
  for (let step = 0; step < cycles; step++) {
    const now = steps[step]?.temporal;
    const before = steps[step - 1]?.temporal;
    const turned = loops.findIndex((loop) => {
      const at = temporal.indexOf(loop);
      return now !== undefined && (before === undefined || now[at] !== before[at]);
    });
    // When all loops are done, results leave for the first level.
    line[step] = now === undefined ? outer.length : (lineOf[turned] ?? lines.length - 1);
  }
  return { lines, line };
}

/** What moves, as a sentence, wherever words move between memories; and that units work on where none do. */
export function nestCaptions(
  { hierarchy, run }: NestStory,
  marks: readonly NestMark[],
  cycles: number,
): Replay["captions"] {
  const name = (level: number): string => hierarchy.levels[level]?.name ?? "";
  const captions: { cycle: number; text: string }[] = [];
  let working = false;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const here = marks.filter(({ step }) => step === cycle);
    if (here.length === 0) {
      if (!working) captions.push({ cycle, text: "Units work on the words that are there." });
      working = true;
      continue;
    }
    working = false;
    const ways = new Map<string, string[]>();
    for (const { operand, parent, child, upwards, words } of here) {
      const way = upwards ? `${name(child)} to ${name(parent)}` : `${name(parent)} to ${name(child)}`;
      ways.set(way, [...(ways.get(way) ?? []), `${plural(words, "word")} of ${operand}`]);
    }
    const text = [...ways].map(([way, words]) => `${way}: ${listed(words)}`).join("; ");
    const start = cycle === run.steps ? "The tile is done. " : "";
    captions.push({ cycle, text: `${start}From ${text}.` });
  }
  return captions;
}

/** A row for each way between memories, and one for the units. */
export function nestTimeline(
  { hierarchy, run }: NestStory,
  marks: readonly NestMark[],
  cycles: number,
): readonly ReplayRow[] {
  const name = (level: number): string => hierarchy.levels[level]?.name ?? "";
  const ways = new Map<string, Map<number, number>>();
  const rising = new Set<string>();
  for (const { step, operand, parent, child, upwards, words } of marks) {
    const way = upwards
      ? `${operand}: ${name(child)} to ${name(parent)}`
      : `${operand}: ${name(parent)} to ${name(child)}`;
    if (upwards) rising.add(way);
    ways.set(way, (ways.get(way) ?? new Map<number, number>()).set(step, words));
  }
  const { trace = [] } = run;
  return [
    ...[...ways].map(([way, steps]) =>
      timelineRow(way, cycles, (step) => {
        const words = steps.get(step);
        if (words === undefined) return undefined;
        return { activity: rising.has(way) ? "passing" : "loading", label: plural(words, "word") };
      }),
    ),
    timelineRow("units", cycles, (step) => {
      const working = new Set(trace[step]?.products.map(({ unit }) => unit)).size;
      return working === 0 ? undefined : { activity: "useful", label: `${working} of ${run.units} units` };
    }),
  ];
}
