// What the film of a grid says in words: what one sees, the program with the line of every cycle, captions where
// something begins, and the rows of the timeline.

import type { GridMapping } from "../../../mapping/grid-mapping.ts";
import type { TilePlace, Part } from "../../grid/piece.ts";
import type { RowState } from "../film.ts";
import { timelineRow } from "../film.ts";
import type { Replay, ReplayRow } from "../replay.ts";
import type { GridPicture, GridRoles } from "./picture.ts";
import type { GridMarks } from "./watch.ts";
import { stalls } from "./watch.ts";

/** What the words are about. */
export interface GridStory {
  readonly picture: GridPicture;
  readonly mapping: GridMapping;
  readonly place: TilePlace;
  /** Extents of the whole product. */
  readonly extents: Readonly<Record<"M" | "N" | "K", number>>;
  readonly marks: GridMarks;
  readonly skewCycles: number;
  readonly offChip: boolean;
}

type Phase = "wait" | "load" | "stream" | "drain" | "write";

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** "8 to 15", or "8". */
const range = ({ from, length }: Part): string => (length === 1 ? `${from}` : `${from} to ${from + length - 1}`);

/** What each index counts in this mapping. */
function axes({ roles: { stationary }, rows, columns }: GridPicture, place: TilePlace, story: GridStory) {
  const { M, N, K } = story.extents;
  const down =
    stationary === "outputs"
      ? { index: "n", part: place.n, extent: N, units: rows }
      : { index: "k", part: place.k, extent: K, units: rows };
  const across =
    stationary === "inputs"
      ? { index: "n", part: place.n, extent: N, units: columns }
      : { index: "m", part: place.m, extent: M, units: columns };
  const stream =
    stationary === "outputs"
      ? { index: "k", part: place.k, extent: K }
      : stationary === "weights"
        ? { index: "n", part: place.n, extent: N }
        : { index: "m", part: place.m, extent: M };
  return { down, across, stream };
}

/** An element by its indices. */
const element = { A: "A[m, k]", B: "B[k, n]", C: "C[m, n]" } as const;

const owners = { A: "weights (A)", B: "inputs (B)", C: "sums (C)" } as const;

/** Three sentences or so for someone who has never seen such an array. */
export function gridSentences(story: GridStory): readonly string[] {
  const { picture, mapping, skewCycles } = story;
  const { rows, columns, roles } = picture;
  const k = mapping.collapse;
  const flow =
    roles.stationary === "outputs"
      ? `Each unit keeps one sum of C. Weights (A) move down from the top and inputs (B) to the right, one unit a cycle; each unit multiplies the two that meet in it and adds the product to its sum.`
      : `${capital(owners[roles.top])} rest in the units, ${owners[roles.left]} move to the right, and partial sums of C move down: each unit adds its product and hands the sum on, so that finished sums leave at the bottom.`;
  const wave =
    k === 1
      ? `Every row starts a cycle after the one above it, so that a value and its sum meet: the work crosses the array as a diagonal wave, ${plural(skewCycles, "cycle")} from the first corner to the last.`
      : `${k} x ${k} units form one stage: the registers between them are transparent, so that a value crosses ${k} units in one cycle. The wave needs ${plural(skewCycles, "cycle")} from corner to corner instead of ${rows + columns - 2}, at a slower clock.`;
  const colour = `A unit that multiplies two non-zeros does useful work. Where an operand is zero it works all the same: the array moves in lockstep and cannot skip.`;
  return [flow, wave, colour];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const lastOf = (list: readonly number[]): number => list.findLastIndex((count) => count > 0);

/** What the machine is at in a cycle. */
function phaseAt({ marks }: GridStory, cycle: number, lastResult: number): Phase {
  const waiting = marks.waiting[cycle];
  if (waiting === undefined) return "stream";
  if (stalls(waiting)) return "wait";
  if (waiting === "resting operand") return "load";
  return cycle <= lastResult ? "drain" : "write";
}

/** The tile's loops in words and the line of each cycle. */
export function gridProgram(story: GridStory, cycles: number): Replay["program"] {
  const { picture, place } = story;
  const { roles } = picture;
  const { down, across, stream } = axes(picture, place, story);
  const outer = [across, down].map(
    ({ index, part, extent, units }, depth) =>
      `${"  ".repeat(depth)}for ${index} in steps of ${units}, 0 to ${extent - 1}: here ${index} = ${range(part)}`,
  );
  const inner: Record<Phase, string> = {
    wait: `wait until ${roles.top} and ${roles.left} of the tile are in their buffers`,
    load: `preload: ${element[roles.top]} shifts in from the top, the bottom row's values first`,
    stream:
      roles.stationary === "outputs"
        ? `for k = ${range(stream.part)}: A[m, k] enters at the top, B[k, n] from the left`
        : `for ${stream.index} = ${range(stream.part)}: ${element[roles.left]} enters from the left`,
    drain:
      roles.stationary === "outputs"
        ? "drain: the last sums leave their units"
        : "drain: the last sums leave at the bottom",
    write: "write C off chip",
  };
  const work =
    roles.stationary === "outputs"
      ? "  in each unit: C[m, n] += A[m, k] x B[k, n]; hand A down and B to the right"
      : `  in each unit: sum += A[m, k] x B[k, n]; hand the sum down and ${roles.left} to the right`;
  const order: Phase[] = ["wait", "load", "stream", "drain", "write"];
  const used = order.filter(
    (phase) => (phase !== "load" || roles.stationary !== "outputs") && (phase !== "write" || story.offChip),
  );
  const lines = [...outer];
  const lineOf = new Map<Phase, number>();
  for (const phase of used) {
    lineOf.set(phase, lines.length);
    lines.push(`    ${inner[phase]}`);
    if (phase === "stream") lines.push(`    ${work}`);
  }
  const lastResult = lastOf(story.marks.results);
  const line = new Uint16Array(cycles);
  for (let cycle = 0; cycle < cycles; cycle++) {
    line[cycle] = lineOf.get(phaseAt(story, cycle, lastResult)) ?? lineOf.get("drain") ?? 0;
  }
  return { lines, line };
}

/** A sentence wherever something begins. */
export function gridCaptions(story: GridStory, cycles: number): Replay["captions"] {
  const { picture, marks, place } = story;
  const { roles, rows, columns, collapse } = picture;
  const { stream, down, across } = axes(picture, place, story);
  const captions: { cycle: number; text: string }[] = [];
  const say = (cycle: number, text: string): void => {
    if (cycle >= 0 && cycle < cycles) captions.push({ cycle, text });
  };
  const all = marks.waiting.length;
  const firstEntry = marks.waiting.indexOf(undefined);
  const lastEntry = marks.waiting.lastIndexOf(undefined);
  const firstResult = marks.results.findIndex((count) => count > 0);
  const lastResult = lastOf(marks.results);
  const unitsUsed = down.part.length * across.part.length;
  const firstLoad = marks.loading.indexOf(true);
  const vectors = plural(stream.part.length, "vector");
  for (let cycle = 0; cycle < all; cycle++) {
    const waiting = marks.waiting[cycle];
    const before = cycle === 0 ? undefined : marks.waiting[cycle - 1];
    if (cycle > 0 && waiting === before) continue;
    // A narrow port makes every vector wait: it is said once, below.
    if (waiting === "operands") {
      say(
        cycle,
        cycle < firstEntry
          ? `The array waits: ${roles.top} and ${roles.left} of the tile are on their way from the memory off chip.`
          : `The array runs out of operands and waits for the memory off chip; what is inside goes on.`,
      );
    } else if (waiting === "output buffer") {
      say(cycle, "The array waits until results have been written off chip: their buffer has no room.");
    } else if (waiting === undefined && cycle > firstEntry && before !== "buffer port") {
      say(cycle, "Vectors enter again.");
    }
  }
  const port = marks.waiting.indexOf("buffer port");
  if (port >= 0) say(port, "The buffer's port is narrower than the array's edge: a vector enters in several cycles.");
  if (firstLoad >= 0) {
    say(
      firstLoad,
      `Preload: ${owners[roles.top]} shift in from the top, one row a cycle, ${plural(rows, "cycle")} in all; those of the bottom row come first.${
        collapse > 1 ? " Loading takes no notice of stages." : ""
      }`,
    );
  }
  if (firstEntry >= 0) {
    say(
      firstEntry,
      roles.stationary === "outputs"
        ? `The first of ${vectors} of A and B enter; registers delay each row and column by a cycle more than the one before.`
        : `The first of ${vectors} of ${owners[roles.left]} enters; registers delay each ${collapse > 1 ? `group of ${collapse} rows` : "row"} by a cycle more than the one above.`,
    );
  }
  const most = Math.max(0, ...marks.products);
  const full = marks.products.indexOf(most);
  if (most > 0 && full > firstEntry) {
    say(
      full,
      most === unitsUsed
        ? `The wave has reached the last corner: ${unitsUsed === rows * columns ? `all ${unitsUsed} units` : `all ${unitsUsed} units that the tile uses, of ${rows * columns},`} work at once.`
        : stream.part.length > story.skewCycles
          ? `No more than ${most} of ${unitsUsed} units work at once: vectors do not enter in every cycle.`
          : `No more than ${most} of ${unitsUsed} units work at once: ${vectors} are too few to fill the wave.`,
    );
  }
  if (firstResult > firstEntry) {
    say(
      firstResult,
      roles.stationary === "outputs"
        ? "The first sum is complete and leaves its unit."
        : `The first sum leaves at the bottom${place.rowFolds > 1 ? `; it holds ${down.part.length} of ${down.extent} products and joins those of the other folds in the buffer` : ""}.`,
    );
  }
  if (lastEntry >= 0 && lastResult > lastEntry) {
    say(lastEntry + 1, `The last vector has entered: the wave runs out, and units go idle behind it.`);
  }
  if (lastResult + 1 < all) say(lastResult + 1, "The last sum has left the array; results go to the memory off chip.");
  captions.sort((a, b) => a.cycle - b.cycle);
  return captions.filter(({ cycle }, at) => cycle !== captions[at + 1]?.cycle);
}

/** What is busy when: channel, preload, entry, units, results. */
export function gridTimeline(story: GridStory, cycles: number): readonly ReplayRow[] {
  const { marks, picture, place, offChip } = story;
  const { roles } = picture;
  const { stream } = axes(picture, place, story);
  const rows: ReplayRow[] = [];
  const channel = channelRow(story, cycles);
  // A memory off chip that is not timed has nothing to show.
  if (offChip && channel.segments.length > 0) rows.push(channel);
  if (roles.stationary !== "outputs") {
    rows.push(
      timelineRow(`preload ${roles.top}`, cycles, (cycle) =>
        marks.loading[cycle] === true ? { activity: "loading", label: "one row a cycle" } : undefined,
      ),
    );
  }
  const why = { operands: "waits for operands", "output buffer": "waits for room", "buffer port": "narrow port" };
  const streamed = roles.stationary === "outputs" ? "A and B" : roles.left;
  rows.push(
    timelineRow(`stream ${streamed}`, cycles, (cycle): RowState | undefined => {
      const waiting = marks.waiting[cycle];
      if (waiting === undefined) return { activity: "useful", label: plural(stream.part.length, "vector") };
      if (waiting === "operands" || waiting === "output buffer" || waiting === "buffer port") {
        return { activity: "stalled", label: why[waiting] };
      }
      return undefined;
    }),
    timelineRow("units", cycles, (cycle) =>
      (marks.products[cycle] ?? 0) > 0 ? { activity: "useful", label: "multiply" } : undefined,
    ),
    timelineRow("sums leave", cycles, (cycle) =>
      (marks.results[cycle] ?? 0) > 0 ? { activity: "passing", label: "C" } : undefined,
    ),
  );
  return rows;
}

/** The channel has one transfer at a time; one that takes no time is not drawn. */
function channelRow({ marks }: GridStory, cycles: number): ReplayRow {
  const segments = marks.transfers
    .filter(({ start, end }) => end > start && start < cycles)
    .flatMap(({ kind, step, start, end, arrives }): ReplayRow["segments"][number][] => {
      const what = [...(step.fetchA > 0 ? ["A"] : []), ...(step.fetchB > 0 ? ["B"] : [])].join(" and ");
      const [label, activity] =
        kind === "fetch"
          ? ([`fetch ${what}, ${step.channelFetch} B`, "loading"] as const)
          : kind === "sums"
            ? ([`fetch sums, ${step.channelSums} B`, "loading"] as const)
            : ([`write C, ${step.channelWrite} B`, "passing"] as const);
      const busy = { start, end: Math.min(end, cycles), activity, label };
      // Another transfer may pass while the last words of this one are on their way.
      const next = marks.transfers.find((other) => other.start >= end && other.end > other.start);
      const there = Math.min(arrives, next?.start ?? arrives, cycles);
      return there > busy.end ? [busy, { start: busy.end, end: there, activity: "stalled", label: "latency" }] : [busy];
    });
  return { name: "channel off chip", segments };
}

/** Title of a film. */
export const gridTitle = (name: string, machine: string, mapping: string, roles: GridRoles, tile: number, of: number) =>
  `${name} on ${machine}, ${mapping}: tile ${tile + 1} of ${of}, ${roles.stationary} rest`;
