// Reads schedules that users write in YAML: a list of levels with their loops for every layer, and others for layers by
// name. Whatever is wrong with one is told with line and column.

import type { InputError } from "../../base/error.ts";
import type { NestProblem, OperandKey } from "../../mapping/nest/problem.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import type { Hierarchy, HierarchyLevel, Loop, Schedule, SpatialLoop } from "../../mapping/nest/schedule.ts";
import type { Violation } from "../../mapping/nest/validate.ts";
import { checkSchedule } from "../../mapping/nest/validate.ts";
import { matchesPattern } from "./layers.ts";
import type { FieldPath, YamlSource } from "./yaml-source.ts";
import { faultAt, isRecord, parseYaml, plainValue, shown, unknownKey } from "./yaml-source.ts";

/** A schedule file whose form is right; whether a schedule suits a layer shows when it is asked for. */
export interface ScheduleFile {
  readonly source: YamlSource;
  /** The schedule for layers that `layers` does not name. */
  readonly schedule?: readonly unknown[];
  /** Schedules by name or pattern of layers, in the order of the file. */
  readonly layers: readonly { readonly pattern: string; readonly schedule: readonly unknown[] }[];
}

const entryForm = "a list with one entry for each level, such as - { at: dram, loops: [M by 64] }";

/**
 * The schedules in `text`; `file` names it in errors. Throws InputError, with line and column, for bad YAML and for
 * anything but `schedule:` and `layers:` with lists in them.
 */
export function parseSchedules(text: string, file: string): ScheduleFile {
  const source = parseYaml(text, file);
  const value = plainValue(source);
  if (!isRecord(value)) {
    throw faultAt(source, [], { message: "not a schedule file", expected: "schedule: with a list, or layers:" });
  }
  const known = ["schedule", "layers"];
  for (const key of Object.keys(value)) if (!known.includes(key)) throw unknownKey(source, [key], known);
  const { schedule, layers } = value;
  if (schedule === undefined && layers === undefined) {
    throw faultAt(source, [], { message: "no schedule", expected: "schedule: with a list, or layers:" });
  }
  if (layers !== undefined && !isRecord(layers)) {
    const expected = "names or patterns of layers, each with a list of levels";
    throw faultAt(source, ["layers"], { message: "not layers with schedules", found: shown(layers), expected });
  }
  return {
    source,
    ...(schedule === undefined ? {} : { schedule: listAt(source, ["schedule"], schedule) }),
    layers: Object.entries(layers ?? {}).map(([pattern, list]) => ({
      pattern,
      schedule: listAt(source, ["layers", pattern], list),
    })),
  };
}

function listAt(source: YamlSource, path: FieldPath, value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw faultAt(source, path, { message: "no list of levels", found: shown(value ?? "nothing"), expected: entryForm });
}

/**
 * The schedule of a layer: the one under its name, else under the first pattern that covers it, else the one for all;
 * undefined where the file has none for it. Throws InputError, with line and column, for what is not a schedule of this
 * problem on this hierarchy: unknown levels, axes and dimensions, and everything that `checkSchedule` finds.
 */
export function scheduleFor(
  file: ScheduleFile,
  layer: string,
  problem: NestProblem,
  hierarchy: Hierarchy,
): Schedule | undefined {
  const own =
    file.layers.find(({ pattern }) => pattern === layer) ??
    file.layers.find(({ pattern }) => matchesPattern(layer, pattern));
  const list = own?.schedule ?? file.schedule;
  if (list === undefined) return undefined;
  const path: FieldPath = own === undefined ? ["schedule"] : ["layers", own.pattern];
  return readLevels({ source: file.source, layer, problem, hierarchy }, list, path);
}

/** Throws InputError for the first entry of `layers:` that covers none of these layers. */
export function requireLayers({ source, layers }: ScheduleFile, names: readonly string[]): void {
  for (const { pattern } of layers) {
    if (names.some((name) => matchesPattern(name, pattern))) continue;
    const expected = "the name of a layer, or a pattern with * and ?";
    throw faultAt(source, ["layers", pattern], { message: "no such layer", found: pattern, expected, known: names });
  }
}

interface Reading {
  readonly source: YamlSource;
  readonly layer: string;
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
}

/** An entry with the place of each of its loops in the file. */
interface ReadLevel {
  readonly temporal: readonly Loop[];
  readonly spatial: readonly SpatialLoop[];
  readonly bypass: readonly OperandKey[];
  readonly places: { readonly temporal: readonly FieldPath[]; readonly spatial: readonly FieldPath[] };
}

function readLevels(reading: Reading, list: readonly unknown[], path: FieldPath): Schedule {
  const { source, hierarchy } = reading;
  const levels = list.map((entry, index) => readLevel(reading, entry, [...path, index], index));
  const missing = hierarchy.levels.slice(levels.length).map(({ name }) => name);
  if (missing.length > 0) {
    throw faultAt(source, [...path, levels.length - 1], {
      message: `no entry for ${missing.join(", ")}`,
      found: `${levels.length} levels`,
      expected: `one entry for each of ${hierarchy.levels.map(({ name }) => name).join(", ")}`,
    });
  }
  const schedule: Schedule = {
    levels: levels.map(({ temporal, spatial }) => ({ temporal, spatial })),
    bypass: levels.map(({ bypass }) => bypass),
  };
  const [violation] = checkSchedule(reading.problem, hierarchy, schedule);
  if (violation === undefined) return schedule;
  throw explained(reading, violation, levels, path);
}

function readLevel(reading: Reading, entry: unknown, path: FieldPath, index: number): ReadLevel {
  const { source, hierarchy } = reading;
  const names = hierarchy.levels.map(({ name }) => name);
  if (!isRecord(entry)) {
    const expected = `at: with one of ${names.join(", ")}, and loops:`;
    throw faultAt(source, path, { message: "not an entry of a level", found: shown(entry), expected });
  }
  const level = levelAt(reading, entry["at"], path, index);
  const axes = level.axes.map(({ name }) => name);
  const known = ["at", "loops", ...axes, "bypass"];
  const places: { temporal: FieldPath[]; spatial: FieldPath[] } = { temporal: [], spatial: [] };
  const temporal: Loop[] = [];
  const spatial: SpatialLoop[] = [];
  let bypass: readonly OperandKey[] = [];
  for (const [key, value] of Object.entries(entry)) {
    if (key === "at") continue;
    if (!known.includes(key)) {
      throw faultAt(source, [...path, key], {
        message: axes.length === 0 ? `${level.name} has no such key, and no axes` : `${level.name} has no such axis`,
        found: key,
        expected: `one of ${known.slice(1).join(", ")}`,
        known: known.slice(1),
      });
    }
    if (key === "bypass") {
      bypass = itemsOf(value).map((word, at) => operandAt(source, word, itemPath([...path, key], value, at)));
      continue;
    }
    // A dimension without `by` is cut to single positions; whether the pieces exist is checked with the whole nest.
    for (const [at, text] of itemsOf(value).entries()) {
      const place = itemPath([...path, key], value, at);
      const loop = loopAt(reading, text, place);
      if (key === "loops") {
        temporal.push(loop);
        places.temporal.push(place);
      } else {
        spatial.push({ ...loop, axis: key });
        places.spatial.push(place);
      }
    }
  }
  return { temporal, spatial, bypass, places };
}

/** The level of an entry: levels come in the order of the hierarchy, each once. */
function levelAt({ source, hierarchy }: Reading, name: unknown, path: FieldPath, index: number): HierarchyLevel {
  const names = hierarchy.levels.map((level) => level.name);
  const found = hierarchy.levels.findIndex((level) => level.name === name);
  const level = hierarchy.levels[found];
  const order = `${names.join(", ")}, far to near`;
  if (level === undefined) {
    const place = name === undefined ? path : [...path, "at"];
    const message = name === undefined ? "an entry without at:" : "no such level";
    throw faultAt(source, place, {
      message,
      ...(name === undefined ? {} : { found: shown(name), known: names }),
      expected: `one of ${order}`,
    });
  }
  if (found === index) return level;
  throw faultAt(source, [...path, "at"], {
    message: found < index ? `${level.name} comes twice or too late` : "levels are missing or out of order",
    found: level.name,
    expected: `${names[index] === undefined ? "nothing more" : `${names[index]} here`}: one entry for each of ${order}`,
  });
}

/** The entries of a list; a single word stands for a list of one, nothing for none. */
const itemsOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

const itemPath = (path: FieldPath, value: unknown, index: number): FieldPath =>
  Array.isArray(value) ? [...path, index] : path;

function loopAt({ source, layer, problem }: Reading, text: unknown, path: FieldPath): Loop {
  const match = typeof text === "string" ? /^\s*(\S+?)(?:\s+by\s+(\S+))?\s*$/.exec(text) : null;
  if (match === null) {
    const expected = "a dimension, or a dimension by a size, such as M by 64";
    throw faultAt(source, path, { message: "not a loop", found: shown(text), expected });
  }
  const [, name = "", size] = match;
  const names = problem.dimensions.map((dimension) => dimension.name);
  const dimension = names.indexOf(name);
  if (dimension < 0) {
    const expected = `one of ${names.join(", ")}`;
    throw faultAt(source, path, { message: `${layer} has no such dimension`, found: name, expected, known: names });
  }
  if (size !== undefined && !/^[1-9]\d{0,15}$/.test(size)) {
    throw faultAt(source, path, {
      message: `not a size of pieces of ${name}`,
      found: size,
      expected: "a whole number of positions, at least 1",
    });
  }
  return { dimension, tile: Number(size ?? 1) };
}

function operandAt(source: YamlSource, word: unknown, path: FieldPath): OperandKey {
  const operand = operandKeys.find((key) => key === word);
  if (operand !== undefined) return operand;
  const expected = "A (weights), B (inputs) or C (results)";
  throw faultAt(source, path, { message: "no such operand", found: shown(word), expected });
}

/** A violation at the place of the file that it is about. */
function explained(
  { source, layer, problem }: Reading,
  violation: Violation,
  levels: readonly ReadLevel[],
  path: FieldPath,
): InputError {
  const { message, found, expected } = violation;
  return faultAt(source, placeOf(violation, levels, path), {
    message: `${layer}: ${message}`,
    found,
    expected: violation.kind === "unfinished" ? `${expected}${sizesOf(problem)}` : expected,
  });
}

const sizesOf = ({ dimensions }: NestProblem): string =>
  `; the layer has ${dimensions
    .filter(({ size }) => size > 1)
    .map(({ name, size }) => `${name} ${size}`)
    .join(", ")}`;

function placeOf(violation: Violation, levels: readonly ReadLevel[], path: FieldPath): FieldPath {
  const { kind, level, dimension } = violation;
  if (kind === "unfinished") {
    // The last loop that cuts the dimension; where none does, the last level, which could.
    const loops = levels.flatMap(({ temporal, spatial, places }) => [
      ...temporal.map((loop, at) => ({ loop, place: places.temporal[at] })),
      ...spatial.map((loop, at) => ({ loop, place: places.spatial[at] })),
    ]);
    return loops.findLast(({ loop }) => loop.dimension === dimension)?.place ?? [...path, level];
  }
  const field = /^(levels|bypass)\[(\d+)\](?:\.(temporal|spatial))?(?:\[(\d+)\])?/.exec(violation.path);
  if (field === null) return [...path, level];
  const [, part, at, list, index] = field;
  const entry: FieldPath = [...path, Number(at)];
  if (part === "bypass") return [...entry, "bypass", ...(index === undefined ? [] : [Number(index)])];
  if (list !== "temporal" && list !== "spatial") return entry;
  return levels[Number(at)]?.places[list][Number(index)] ?? entry;
}
