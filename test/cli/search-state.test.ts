// `--search-state`: a run that was interrupted goes on from its file and ends as one that never was; a file of other
// searches is refused. And searches leave no trace of threads.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseSearchFile, searchFileText } from "../../src/cli/search-state/file.ts";
import type { SearchFile } from "../../src/cli/search-state/file.ts";
import type { Outcome } from "./heddle.ts";
import { heddle, spawnHeddle } from "./heddle.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-search-state-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const file = join(folder, "searches.json");
const header = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";
const layer = "conv:C=12,H=14,K=16,R=3,pad=1";
const short = ["--set", "search=200"];
const quick = [...short, "--mapping", "flexnn:search"];
const run = ["run", layer, "--on", "flexnn", ...quick];
const state = ["--search-state", file];
const fileOf = (path = file): SearchFile => parseSearchFile(readFileSync(path, "utf8"), path);

/** Runs a command until something is in its file: it is interrupted later and later after its first note. */
async function interrupted(inputs: readonly string[], path: string): Promise<Outcome> {
  for (let wait = 0; ; wait = 2 * wait + 250) {
    let noted = false;
    const outcome = await spawnHeddle(inputs, {
      noted: (kill) => {
        if (!noted) setTimeout(() => kill("SIGINT"), wait);
        noted = true;
      },
    });
    if (existsSync(path) || outcome.code !== 130) return outcome;
  }
}

test("searches give the same bytes on any number of threads", async () => {
  const inputs = [
    "run",
    "alexnet",
    "--layers",
    "1-3",
    "--on",
    "flexnn,eyeriss",
    ...quick,
    "--objective",
    "edp",
    "--json",
  ];
  const one = await heddle(...inputs);
  expect(one.code, one.err).toBe(0);
  for (const threads of ["2", "4"]) expect((await heddle(...inputs, "--threads", threads)).out).toBe(one.out);
}, 120_000);

describe("an interruption", () => {
  const topology = join(folder, "layers.csv");
  const network = ["run", topology, "--on", "flexnn", "--set", "search=500", "--mapping", "search", "--json"];
  let whole = "";
  beforeAll(async () => {
    writeFileSync(
      topology,
      `${header}${Array.from({ length: 8 }, (_, i) => `conv${i}, 14, 14, 3, 3, ${12 + i}, 16, 1,\n`).join("")}`,
    );
    whole = (await heddle(...network)).out;
  }, 120_000);

  test.skipIf(process.platform === "win32").each(["1", "2"])(
    "on %s threads: the file is there, and the run that goes on from it prints the same bytes",
    async (threads) => {
      const path = join(folder, `interrupted-${threads}.json`);
      const inputs = [...network, "--threads", threads, "--search-state", path];
      const cut = await interrupted(inputs, path);
      expect(cut.code).toBe(130);
      expect(cut.out).toBe("");
      expect(cut.err).toContain(`wrote ${path}: the same command goes on from there\n`);
      const before = fileOf(path).runs[0]?.searches ?? [];
      expect(before.length).toBeGreaterThan(0);
      const resumed = await heddle(...inputs);
      expect(resumed.out).toBe(whole);
      const after = fileOf(path).runs[0]?.searches ?? [];
      expect(after).toHaveLength(8);
      expect(after.every((search) => search.state.phase === "done")).toBe(true);
      const sampledIn = (searches: typeof after): number =>
        searches
          .flatMap(({ state: { parts }, ahead }) => [...parts, ...ahead])
          .reduce((sum, part) => sum + (part?.sampled ?? 0), 0);
      expect(sampledIn(before)).toBeLessThan(sampledIn(after));
      expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    },
    240_000,
  );
});

describe("a file of searches that are done", () => {
  beforeAll(async () => {
    const { code, err } = await heddle(...run, ...state);
    expect(code, err).toBe(0);
    expect(err).toContain(`wrote ${file}\n`);
  });

  test("gives the same bytes, and is not written again", async () => {
    const text = readFileSync(file, "utf8");
    const [fresh, again] = [await heddle(...run, "--json"), await heddle(...run, "--json", ...state)];
    expect(again.out).toBe(fresh.out);
    expect(again.err).not.toContain("wrote");
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  const other = (inputs: readonly string[]): readonly string[] => [...inputs, ...state];
  test.each<[string, readonly string[], RegExp]>([
    ["seed", [...run, "--seed", "2"], /: runs\[0\]\.seed: searches with another seed; found "1"; expected 2$/],
    ["objective", [...run, "--objective", "edp"], /: runs\[0\]\.objective: .*; found "seconds"; expected edp$/],
    ["machine", ["run", layer, "--on", "eyeriss"], /: runs\[0\]\.accelerator: .*; found "flexnn"; expected eyeriss$/],
    [
      "parameter",
      ["run", layer, "--on", "flexnn", "--set", "search=300"],
      /: runs\[0\]\.parameters\.search: .*; found "200"; expected 300$/,
    ],
    ["number of machines", ["run", layer, "--on", "flexnn,eyeriss", ...quick], /: runs: .*; found "1"; expected 2$/],
    [
      "workload",
      ["run", "conv:C=12,H=14,K=17,R=3,pad=1", "--on", "flexnn", ...quick],
      /: workload: .*another workload;/,
    ],
    [
      "density",
      [...run, "--density", "0.5"],
      /: runs\[0\]\.searches\[0\]\.layer: the search of a layer that is not in/,
    ],
  ])("is refused with another %s", async (_, inputs, message) => {
    const text = readFileSync(file, "utf8");
    const { code, out, err } = await heddle(...other(inputs));
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err.trimEnd()).toMatch(message);
    expect(err.startsWith(`error: ${file}: `)).toBe(true);
    expect(err.trimEnd()).not.toContain("\n");
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  describe("broken", () => {
    const broken = join(folder, "broken.json");
    const change = (from: string | RegExp, to: string) => (text: string) => {
      expect(text).toMatch(from);
      return text.replace(from, to);
    };
    /** Changes what the file says, with the checksum of it. */
    const signed = (edit: (content: SearchFile) => object) => () => searchFileText({ ...fileOf(), ...edit(fileOf()) });
    test.each<[string, (text: string) => string, RegExp]>([
      ["cut short", (text) => text.slice(0, text.length / 2), /: broken: not valid JSON/],
      ["empty", () => "", /: broken: not valid JSON/],
      [
        "one digit changed",
        change(/"cycles":\d/, '"cycles":9999'),
        /: broken: its content is not that of its checksum;/,
      ],
      ["without its checksum", change(/,"checksum":"\w+"/, ""), /: broken: its content is not that of its checksum;/],
      [
        "of another version",
        change('"version":2', '"version":1'),
        /: version: another version; found "1"; expected 2$/,
      ],
      ["something else", () => '{"version":1,"runs":[]}', /: not the state of searches; expected a file that heddle/],
      ["a list", () => "[]", /: not the state of searches;/],
      ["of another form", signed(() => ({ runs: [{}] })), /: runs\[0\]\.\w+: not the state of searches;/],
      [
        "with a mapping that the machine has not",
        signed(({ runs }) => ({
          runs: runs.map((one) => ({
            ...one,
            searches: one.searches.map((search) => ({ ...search, mapping: "serch" })),
          })),
        })),
        /: runs\[0\]\.searches\[0\]\.mapping: no such mapping; found "serch"; did you mean "search"\?$/,
      ],
      [
        "with figures that are not those of its schedules",
        signed(({ runs }) => ({
          runs: runs.map((one) => ({
            ...one,
            searches: one.searches.map((search) => {
              const { best } = search.state;
              return { ...search, state: { ...search.state, best: best && { ...best, joules: 2 * best.joules } } };
            }),
          })),
        })),
        /: runs\[0\]\.searches\[0\]: a schedule that this machine and this version of Heddle evaluate otherwise;/,
      ],
    ])("%s", async (_, edit, message) => {
      const text = edit(readFileSync(file, "utf8"));
      writeFileSync(broken, text);
      const { code, out, err } = await heddle(...run, "--search-state", broken);
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(err.trimEnd()).toMatch(message);
      expect(err.startsWith(`error: ${broken}: `)).toBe(true);
      expect(err.trimEnd()).not.toContain("\n");
      expect(readFileSync(broken, "utf8")).toBe(text);
    });
  });
});

describe("where it is kept", () => {
  beforeEach(() => {
    rmSync(file, { force: true });
  });

  test("machines without searches have nothing to keep", async () => {
    const { code, err } = await heddle("run", layer, "--on", "systolic,arrayflex", ...state);
    expect(code).toBe(2);
    expect(err).toBe(
      'error: --search-state: nothing is searched on these machines; found "systolic,arrayflex"; expected machines of loop nests, such as flexnn or eyeriss\n',
    );
    expect(existsSync(file)).toBe(false);
  });

  test("machines that search among others keep theirs", async () => {
    const inputs = ["compare", layer, "--on", "flexnn,systolic,eyeriss", ...quick, "--json"];
    const plain = await heddle(...inputs);
    expect((await heddle(...inputs, ...state)).out).toBe(plain.out);
    expect(fileOf().runs.map(({ accelerator }) => accelerator)).toEqual(["flexnn", "eyeriss"]);
    expect((await heddle(...inputs, ...state)).out).toBe(plain.out);
  });

  test("more layers of the workload may join, fewer may not", async () => {
    const alexnet = (layers: string) => ["run", "alexnet", "--layers", layers, "--on", "eyeriss", ...short, "--json"];
    await heddle(...alexnet("2"), ...state);
    const more = await heddle(...alexnet("2-3"), ...state);
    expect(more.out).toBe((await heddle(...alexnet("2-3"))).out);
    expect(fileOf().runs[0]?.searches).toHaveLength(2);
    const fewer = await heddle(...alexnet("3"), ...state);
    expect(fewer.code).toBe(2);
    expect(fewer.err).toMatch(/searches\[0\]\.layer: the search of a layer that is not in this run/);
  });

  test("searches before a layer that cannot run are kept", async () => {
    const topology = join(folder, "net.csv");
    const header =
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";
    writeFileSync(topology, `${header}fits, 14, 14, 3, 3, 12, 16, 1,\ntall, 40, 40, 13, 13, 3, 4, 1,\n`);
    const { code, err } = await heddle("run", topology, "--on", "eyeriss", ...short, ...state);
    expect(code).toBe(2);
    expect(err).toMatch(/error: layer tall: /);
    expect(fileOf().runs[0]?.searches.map((search) => search.layer)).toContain("fits");
  });

  test("the file may not be another output, an input or out of reach", async () => {
    for (const inputs of [
      [...run, ...state, "--html", file],
      [...run, "--search-state", join(folder, "nowhere", "searches.json")],
      [...run, "--search-state", folder],
    ]) {
      const { code, err } = await heddle(...inputs);
      expect(code).toBe(2);
      expect(err).toMatch(/^error: .*(?:two results|cannot be written)/);
    }
    expect(existsSync(file)).toBe(false);
  });
});
