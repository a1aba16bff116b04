// A schedule as a loop nest for a person to read: for each level what it holds and how large that is, its loops over
// tiles, and what lies side by side below it.

import type { OutlinedLevel, OutlinedLoop, OutlinedMemory } from "./outline.ts";
import { outline } from "./outline.ts";
import type { NestProblem } from "./problem.ts";
import type { Hierarchy, Schedule } from "./schedule.ts";

/**
 * The lines of a nest, outermost level first, aligned as they stand:
 *
 *     dram      for M in steps of 64 (4 x)
 *     buffer    holds A 4,096 words (4 KiB), C 3,136 words (12.25 KiB): 1.6 % of 1 MiB; passed by B
 *               for P in steps of 14 (4 x)
 *               in parallel on rows: C by 2 (16 units)
 *
 * Steps are those of a full piece; a shorter last one is given where there is one. Memories of a level have a line each.
 */
export function printNest(problem: NestProblem, hierarchy: Hierarchy, schedule: Schedule): readonly string[] {
  const levels = outline(problem, hierarchy, schedule);
  const width = Math.max(...levels.map(({ name }) => name.length)) + 2;
  return levels.flatMap((level, index) => {
    const holding = index === 0 ? [] : held(level);
    const lines = [...holding, ...level.temporal.map(temporalLine), ...spatialLines(level)];
    if (lines.length === 0) lines.push("holds everything");
    return lines.map((line, at) => (at === 0 ? level.name : "").padEnd(width) + line);
  });
}

const temporalLine = ({ dimension, tile, steps, last }: OutlinedLoop): string =>
  `for ${dimension} in steps of ${grouped(tile)} (${grouped(steps)} x${last === tile ? "" : `, the last of ${grouped(last)}`})`;

/** One line for each axis, in the order of their first loops. */
function spatialLines({ spatial }: OutlinedLevel): readonly string[] {
  const axes = [...new Set(spatial.map((loop) => loop.axis?.name ?? ""))];
  return axes.map((axis) => {
    const loops = spatial.filter((loop) => loop.axis?.name === axis);
    const used = loops.reduce((product, { steps }) => product * steps, 1);
    const units = loops[0]?.axis?.units ?? used;
    const cuts = loops.map(
      ({ dimension, tile, steps, last }) =>
        `${dimension} by ${grouped(tile)}${loops.length === 1 && last === tile ? "" : ` (${grouped(steps)} x${last === tile ? "" : `, the last of ${grouped(last)}`})`}`,
    );
    const share = used === units ? `${grouped(used)} units` : `${grouped(used)} of ${grouped(units)} units`;
    return `in parallel on ${axis}: ${cuts.join(", ")} (${share})`;
  });
}

/** What rests in a level's memories; a level that keeps nothing says so. */
function held({ name, memories, passing }: OutlinedLevel): readonly string[] {
  const lines = memories.filter(({ tiles }) => tiles.length > 0).map((memory) => memoryLine(memory, name));
  if (lines.length === 0) return ["holds nothing"];
  return lines.map((line, index) =>
    index === lines.length - 1 && passing.length > 0 ? `${line}; passed by ${passing.join(", ")}` : line,
  );
}

function memoryLine({ name, tiles, bytes, capacity }: OutlinedMemory, level: string): string {
  const parts = tiles.map((tile) => `${tile.operand} ${plural(tile.words, "word")} (${byteText(tile.bytes)})`);
  const share = capacity === undefined ? "" : `: ${percent(bytes / capacity)} of ${byteText(capacity)}`;
  return `${name === level ? "" : `${name} `}holds ${parts.join(", ")}${share}`;
}

/** Digits in groups of three. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

const plural = (count: number, word: string): string => `${grouped(count)} ${word}${count === 1 ? "" : "s"}`;

const percent = (fraction: number): string => `${Number((100 * fraction).toPrecision(fraction < 0.1 ? 2 : 3))} %`;

/** Bytes with a binary prefix, as memories are sized: 512 B, 12.25 KiB, 1 MiB. */
export function byteText(bytes: number): string {
  const prefixes = ["", "Ki", "Mi", "Gi", "Ti"];
  const power = Math.min(prefixes.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(4))} ${prefixes[power] ?? ""}B`;
}
