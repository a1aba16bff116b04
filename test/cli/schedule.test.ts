// Schedules written by users: read as meant, written back the same, and explained with line and column when wrong.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/base/error.ts";
import { readSchedules } from "../../src/cli/input/yaml-files.ts";
import { parseSchedules, requireLayers, scheduleFor } from "../../src/workbench/request/schedule.ts";
import type { NestProblem } from "../../src/mapping/nest/problem.ts";
import { nestProblem, operandKeys } from "../../src/mapping/nest/problem.ts";
import { scheduleText } from "../../src/mapping/nest/schedule-text.ts";
import type { Hierarchy } from "../../src/mapping/nest/schedule.ts";
import { nestAxis, nestMemory } from "../support/nest-machines.ts";
import { nestCases } from "../support/random-nests.ts";
import { heddle } from "./heddle.ts";

const hierarchy: Hierarchy = {
  levels: [
    { name: "dram", memories: [nestMemory("dram", operandKeys, Infinity)], axes: [] },
    {
      name: "buffer",
      memories: [nestMemory("buffer", operandKeys, 2 ** 20)],
      axes: [nestAxis("rows", 16, "tree"), nestAxis("columns", 16, "none")],
    },
    {
      name: "registers",
      memories: [nestMemory("filterRegisters", ["A"], 64), nestMemory("outputRegisters", ["C"], 128)],
      axes: [nestAxis("lanes", 4, "tree")],
    },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

const problem: NestProblem = nestProblem({
  operator: "conv2d",
  batch: 1,
  inChannels: 64,
  height: 56,
  width: 56,
  outChannels: 128,
  kernelHeight: 3,
  kernelWidth: 3,
  stride: [1, 1],
  padding: [1, 1, 1, 1],
  dilation: [1, 1],
  groups: 1,
});
const [M, C, P, Q, R, S] = [2, 3, 4, 5, 6, 7];

const good = `# by hand
schedule:
  - at: dram
    loops: [M by 64, C by 32]
  - at: buffer
    loops: [P by 1, Q, M by 32]
    rows: [C by 2]
    columns: [M by 4, M by 2]
    bypass: []
  - at: registers
    loops:
      - R
      - S
      - M
    lanes: C
    bypass: [C]
layers:
  conv1: [{ at: dram, loops: M by 64 }]
  "layer?.*": []
`;
// Without the second part, whose lists are wrong.
const text = good.replace(/layers:[^]*/, "");

const read = (yaml: string, layer = "conv2") => scheduleFor(parseSchedules(yaml, "my.yaml"), layer, problem, hierarchy);

describe("a schedule in YAML", () => {
  test("means what it says", () => {
    expect(read(text)).toEqual({
      levels: [
        {
          temporal: [
            { dimension: M, tile: 64 },
            { dimension: C, tile: 32 },
          ],
          spatial: [],
        },
        {
          temporal: [
            { dimension: P, tile: 1 },
            { dimension: Q, tile: 1 },
            { dimension: M, tile: 32 },
          ],
          spatial: [
            { dimension: C, tile: 2, axis: "rows" },
            { dimension: M, tile: 4, axis: "columns" },
            { dimension: M, tile: 2, axis: "columns" },
          ],
        },
        {
          temporal: [
            { dimension: R, tile: 1 },
            { dimension: S, tile: 1 },
            { dimension: M, tile: 1 },
          ],
          spatial: [{ dimension: C, tile: 1, axis: "lanes" }],
        },
      ],
      bypass: [[], [], ["C"]],
    });
  });

  test("is for every layer but those that the file names, by name before pattern", () => {
    const two = `${text}layers:
  "conv*": [{ at: dram, loops: [M, C] }, { at: buffer, loops: [P, Q, R, S] }, { at: registers }]
  conv3: [{ at: dram, loops: [M, C, P, Q, R, S] }, { at: buffer }, { at: registers }]
`;
    const loops = (layer: string) => read(two, layer)?.levels.map(({ temporal }) => temporal.length);
    expect(loops("pool")).toEqual([2, 3, 3]);
    expect(loops("conv2")).toEqual([2, 4, 0]);
    expect(loops("conv3")).toEqual([6, 0, 0]);
    const only = parseSchedules(two.replace(/schedule:[^]*layers:/, "layers:"), "my.yaml");
    expect(scheduleFor(only, "pool", problem, hierarchy)).toBeUndefined();
    expect(() => requireLayers(only, ["conv2", "conv3"])).not.toThrow();
    expect(() => requireLayers(only, ["conv2", "convx", "conv33"])).toThrow(
      /my\.yaml:4:3: layers\.conv3: no such layer.*did you mean/,
    );
  });

  test("random schedules come back from their text as they were", () => {
    let said = 0;
    fc.assert(
      fc.property(nestCases(), (nest) => {
        const list = scheduleText(nest.problem, nest.hierarchy, nest.schedule);
        if (list === undefined) return;
        said++;
        const file = parseSchedules(`schedule:\n${list}`, "random.yaml");
        const back = scheduleFor(file, "layer", nest.problem, nest.hierarchy);
        // Loops of one axis come together; the order between axes of different dimensions means nothing.
        const sorted = (schedule: typeof back) =>
          schedule?.levels.map(({ temporal, spatial }) => [
            temporal,
            spatial.toSorted((a, b) => (a.axis < b.axis ? -1 : a.axis > b.axis ? 1 : 0)),
          ]);
        expect(sorted(back)).toEqual(sorted(nest.schedule));
        expect(back?.bypass).toEqual(nest.schedule.bypass);
      }),
    );
    expect(said).toBeGreaterThan(50);
  });
});

/** The fault of a file with `from` replaced by `to`. */
function fault(from: string, to: string): string {
  expect(text).toContain(from);
  try {
    read(text.replace(from, to));
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "nothing wrong";
}

describe("what is wrong is explained where it stands", () => {
  test.each([
    [
      "at: buffer",
      "at: bufer",
      /^my\.yaml:5:5: schedule\[1\]\.at: no such level; found "bufer"; .*did you mean "buffer"\?$/,
    ],
    [
      "at: buffer",
      "at: registers",
      /^my\.yaml:5:5: .*levels are missing or out of order; found "registers"; expected buffer here/,
    ],
    ["at: registers", "at: dram", /^my\.yaml:10:5: .*dram comes twice or too late/],
    [
      "- at: buffer\n    loops",
      "- loops",
      /^my\.yaml:5:5: schedule\[1\]: an entry without at:; expected one of dram, buffer, registers, far to near$/,
    ],
    [
      "rows:",
      "row:",
      /^my\.yaml:7:5: schedule\[1\]\.row: buffer has no such axis; found "row"; .*did you mean "rows"\?$/,
    ],
    [
      "  - at: dram\n",
      "  - at: dram\n    rows: [C by 2]\n",
      /^my\.yaml:4:5: schedule\[0\]\.rows: dram has no such key, and no axes/,
    ],
    [
      "[M by 64, C by 32]",
      "[M by 64, K by 32]",
      /^my\.yaml:4:22: schedule\[0\]\.loops\[1\]: conv2 has no such dimension; found "K"; expected one of N, G, M, C, P, Q, R, S/,
    ],
    [
      "[M by 64, C by 32]",
      "[M by sixty, C by 32]",
      /^my\.yaml:4:13: .*not a size of pieces of M; found "sixty"; expected a whole number/,
    ],
    ["[M by 64, C by 32]", "[M by 0, C by 32]", /^my\.yaml:4:13: .*not a size of pieces of M; found "0"/],
    ["[M by 64, C by 32]", "[64, C by 32]", /^my\.yaml:4:13: .*not a loop; found "64"; expected a dimension/],
    [
      "[M by 64, C by 32]",
      "[M by 256, C by 32]",
      /^my\.yaml:4:13: schedule\[0\]\.loops\[0\]: conv2: the loop's pieces of M are larger than what the loops around it leave; found "256"; expected 1 to 128$/,
    ],
    [
      "- R\n",
      "- R by 2\n",
      /^my\.yaml:12:9: schedule\[2\]\.loops\[0\]: conv2: the loops of R leave pieces of more than one; found "2"; expected loops that cut its 3 down to 1; the layer has M 128, C 64, /,
    ],
    [
      "      - S\n",
      "",
      /^my\.yaml:10:5: schedule\[2\]: conv2: the loops of S leave pieces of more than one; found "3"/,
    ],
    [
      "[C by 2]",
      "[C by 1]",
      /^my\.yaml:7:12: schedule\[1\]\.rows\[0\]: conv2: more steps side by side along rows than units; found "32"; expected at most 16$/,
    ],
    [
      "[M by 4, M by 2]",
      "[C by 1]",
      /^my\.yaml:8:15: schedule\[1\]\.columns\[0\]: conv2: units along columns do not add the results of one sum; found "C"; expected one of N, G, M, P, Q, or an axis that reduces$/,
    ],
    [
      "[M by 4, M by 2]",
      "[M by 16]",
      /^my\.yaml:5:5: schedule\[1\]: conv2: the tile is too large for filterRegisters; found "288 bytes \(A 288\)"; expected at most 64 bytes$/,
    ],
    [
      "[M by 64, C by 32]",
      "[C by 32]",
      /^my\.yaml:3:5: schedule\[0\]: conv2: the tile is too large for buffer; found "\d+ bytes \(A 36864, B 100352, C 1605632\)"; expected at most 1048576 bytes$/,
    ],
    [
      "loops: [M by 64, C by 32]",
      "loops: [M by 64, C by 32]\n    bypass: [A]",
      /^my\.yaml:5:14: schedule\[0\]\.bypass\[0\]: conv2: the first level keeps every operand; found "A"/,
    ],
    [
      "bypass: [C]",
      "bypass: [results]",
      /^my\.yaml:16:14: .*no such operand; found "results"; expected A \(weights\), B \(inputs\) or C \(results\)$/,
    ],
    ["schedule:", "shedule:", /^my\.yaml:2:1: shedule: unknown key; .*did you mean "schedule"\?$/],
    ["[P by 1, Q, M by 32]", "[P by 1, Q, M by 32", /^my\.yaml:\d+:\d+: not valid YAML/],
  ])("%j instead of %j", (from, to, expected) => {
    const message = fault(from, to);
    expect(message).toMatch(expected);
  });

  test("too few levels, no list, no file", () => {
    expect(() => read(text.replace(/ {2}- at: registers[^]*/, ""))).toThrow(
      /^my\.yaml:5:5: schedule\[1\]: no entry for registers; found "2 levels"; expected one entry for each of dram, buffer, registers$/,
    );
    expect(() => read("schedule: fast")).toThrow(/^my\.yaml:1:1: schedule: no list of levels; found "fast"/);
    expect(() => read("- at: dram")).toThrow(/not a schedule file; expected schedule: with a list, or layers:/);
    expect(() => read("layers: {}\nschedule: [3]")).toThrow(/schedule\[0\]: not an entry of a level; found "3"/);
    expect(() => read(good)).toThrow(/layers\.layer\?\.\*: no list of levels; found "\[\]"/);
    expect(() => read("")).toThrow(/not a schedule file/);
    expect(() => readSchedules("/nowhere/my.yaml")).toThrow(/my\.yaml: cannot be read/);
  });
});

describe("the page on loop nests", () => {
  const page = readFileSync(new URL("../../docs/loop-nests.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```/gm)].map(([, language, body = ""]) => ({ language, body }));
  const [printed = "", errors = ""] = blocks.filter(({ language }) => language === "text").map(({ body }) => body);
  const yaml = blocks.find(({ language }) => language === "yaml")?.body ?? "";
  const words = /^heddle (.*) my\.yaml$/m.exec(page)?.[1]?.split(" ") ?? [];
  const folder = mkdtempSync(join(tmpdir(), "heddle-schedule-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (schedule: string) => {
    const file = join(folder, "my.yaml");
    writeFileSync(file, schedule);
    const { code, out, err } = await heddle(...words, file, "--json");
    const result = code === 0 ? resultsOf(out) : undefined;
    return { loops: result?.loops, cycles: result?.cycles ?? 0, err: err.replaceAll(file, "my.yaml") };
  };

  test("shows the nest of its file, and what the other order gains", async () => {
    const first = await run(yaml);
    expect(first.loops?.join("\n")).toBe(printed.trimEnd());
    const other = await run(yaml.replace("[M by 32, P, Q, R]", "[M by 32, R, P, Q]"));
    expect(first.cycles / other.cycles).toBeGreaterThan(2.5);
    expect(first.cycles / other.cycles).toBeLessThan(3.5);
  });

  test("shows the errors that there are", async () => {
    const [capacity, units] = errors.trimEnd().split("\n");
    expect((await run(yaml.replace("[P by 8] ", "[P by 16]"))).err).toBe(`error: ${capacity}\n`);
    expect((await run(yaml.replace("[C by 4]", "[C by 1]").replace("lanes: [C]", "lanes: []"))).err).toBe(
      `error: ${units}\n`,
    );
  });
});

/** Loops and cycles of the only layer of a run's JSON. */
function resultsOf(json: string): { readonly loops: readonly string[]; readonly cycles: number } | undefined {
  const document: { layers: { loops: string[]; cycles: number }[] } = JSON.parse(json);
  return document.layers[0];
}
