// `heddle scalesim`: SCALE-Sim's reports and traces, byte for byte, and that files appear complete or not at all.

import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { heddle, spawnHeddle } from "./heddle.ts";

const base = mkdtempSync(join(tmpdir(), "heddle-scalesim-"));
let folder = base;
const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), "utf8");
/** Files below `name`, by their paths from it. */
const filesBelow = (name: string): readonly string[] =>
  existsSync(at(name))
    ? readdirSync(at(name), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(at(name).length + 1))
        .toSorted()
    : [];

/** A configuration of v3 with other values for some keys. */
function configuration(changes: Readonly<Record<string, string | number>> = {}): string {
  const sections: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
    general: { run_name: "run" },
    architecture_presets: {
      ArrayHeight: 4,
      ArrayWidth: 4,
      IfmapSramSzkB: 1,
      FilterSramSzkB: 1,
      OfmapSramSzkB: 1,
      IfmapOffset: 0,
      FilterOffset: 10_000_000,
      OfmapOffset: 20_000_000,
      Bandwidth: 10,
      Dataflow: "os",
      ReadRequestBuffer: 32,
      WriteRequestBuffer: 32,
    },
    layout: {
      IfmapCustomLayout: "False",
      IfmapSRAMBankBandwidth: 10,
      IfmapSRAMBankNum: 10,
      IfmapSRAMBankPort: 2,
      FilterCustomLayout: "False",
      FilterSRAMBankBandwidth: 10,
      FilterSRAMBankNum: 10,
      FilterSRAMBankPort: 2,
    },
    sparsity: {
      SparsitySupport: "false",
      SparseRep: "ellpack_block",
      OptimizedMapping: "false",
      BlockSize: 8,
      RandomNumberGeneratorSeed: 40,
    },
    run_presets: { InterfaceBandwidth: "CALC", UseRamulatorTrace: "False" },
  };
  return Object.entries(sections)
    .map(([section, keys]) => {
      const lines = Object.entries(keys).map(([key, value]) => `${key}: ${changes[key] ?? value}`);
      return `[${section}]\n${lines.join("\n")}\n`;
    })
    .join("\n");
}

const gemmHeader = "Layer, M, N, K,\n";
const convHeader =
  "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";

let runs = 0;
beforeEach(() => {
  folder = join(base, String(runs++));
  mkdirSync(folder);
  writeFileSync(at("scale.cfg"), configuration());
  writeFileSync(at("one.csv"), `${gemmHeader}fc, 4, 4, 4,\n`);
  writeFileSync(at("several.csv"), `${gemmHeader}a, 9, 5, 7,\nb, 30, 21, 33,\nc, 9, 5, 7,\nd, 2, 40, 3,\n`);
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

const run = (topology: string, ...flags: readonly string[]) => runInto("out", topology, ...flags);
const runInto = (output: string, topology: string, ...flags: readonly string[]) =>
  heddle("scalesim", "-c", at("scale.cfg"), "-t", at(topology), "-p", at(output), ...flags);

/*
 * 4 x 4 x 4 on a 4 x 4 output-stationary array: one fold of T + R + C - 2 = 10 cycles, of which SCALE-Sim reports the
 * last index, 9. 64 multiplications of 9 * 16 are 44.4 %, of 10 * 16 are 40 %. Every lane of either operand reads its 4
 * words once; lane 3 reads its last in cycle 6 and is answered in cycle 7. 4 * 4 results leave in cycles 3 to 9, and
 * SCALE-Sim adds R + C = 8 to their count. A 1 kB memory is fetched in sets of 10 words at 10 words a cycle: two sets of
 * each operand, in cycles -2 and -1. The results are drained 4 words a cycle from cycle 9 on.
 */
describe("a layer that can be checked by hand", () => {
  test("reports", async () => {
    const { code, out, err } = await run("one.csv");
    expect({ code, err }).toEqual({ code: 0, err: "note: read as gemm, which the titles are of\n" });
    expect(filesBelow("out")).toEqual([
      "run/BANDWIDTH_REPORT.csv",
      "run/COMPUTE_REPORT.csv",
      "run/DETAILED_ACCESS_REPORT.csv",
    ]);
    expect(text("out/run/COMPUTE_REPORT.csv")).toBe(
      "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n" +
        "0, 14, 9, 0, 44.44444444444444, 100.0, 40.0,\n",
    );
    expect(text("out/run/BANDWIDTH_REPORT.csv").split("\n")[1]).toBe(
      "0, 1.7777777777777777, 1.7777777777777777, 2.6666666666666665, 8.0, 8.0, 4.0,",
    );
    expect(text("out/run/DETAILED_ACCESS_REPORT.csv").split("\n")[1]).toBe(
      "0, 1.0, 7.0, 16, 1.0, 7.0, 16, 3.0, 9.0, 24, -2.0, -1.0, 16, -2.0, -1.0, 16, 9.0, 12.0, 16,",
    );
    expect(out).toMatch(/one on run: 4 x 4 os, CALC, SCALE-Sim v3/);
    expect(out).toMatch(/\n0 +fc +14 +9 +0 +44\.4 % +100\.0 % +16 +16 +16\n/);
    expect(out).toContain(`Reports in ${at("out/run")}: COMPUTE_REPORT.csv, BANDWIDTH_REPORT.csv`);
    for (const line of out.split("\n")) if (!line.includes(folder)) expect(line.length).toBeLessThanOrEqual(120);
  });

  test("reports of v2", async () => {
    expect((await run("one.csv", "--compat", "v2")).code).toBe(0);
    expect(text("out/run/COMPUTE_REPORT.csv")).toBe(
      "LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n" +
        "0, 9, 0, 44.44444444444444, 100.0, 40.0,\n",
    );
  });

  test("traces", async () => {
    const { code, err } = await run("one.csv", "-s", "Y", "-i", "gemm");
    expect({ code, err }).toEqual({ code: 0, err: `wrote the traces of 1 layer below ${at("out/run")}\n` });
    expect(filesBelow("out/run/layer0")).toEqual(
      ["FILTER_DRAM", "FILTER_SRAM", "IFMAP_DRAM", "IFMAP_SRAM", "OFMAP_DRAM", "OFMAP_SRAM"].map(
        (name) => `${name}_TRACE.csv`,
      ),
    );
    // Lane r reads element e of its row in cycle e + r, answered a cycle later.
    const reads = Array.from({ length: 10 }, (_, cycle) => {
      const lanes = [0, 1, 2, 3].map((lane) => (cycle < lane || cycle - lane > 3 ? -1 : 4 * lane + cycle - lane));
      return `${[cycle + 1, ...lanes].join(",")}\n`;
    });
    expect(text("out/run/layer0/IFMAP_SRAM_TRACE.csv")).toBe(reads.join(""));
    // Column c writes from cycle T - 1 + c on, the bottom row first.
    const writes = Array.from({ length: 10 }, (_, cycle) => {
      const lanes = [0, 1, 2, 3].map((column) => {
        const element = cycle - 3 - column;
        return element < 0 || element > 3 ? -1 : 20_000_000 + 4 * (3 - element) + column;
      });
      return `${[cycle, ...lanes].join(",")}\n`;
    });
    expect(text("out/run/layer0/OFMAP_SRAM_TRACE.csv")).toBe(writes.join(""));
    const dram = text("out/run/layer0/FILTER_DRAM_TRACE.csv");
    expect(dram).toMatch(/^-2\.0,10000000\.0,/);
    expect(dram).toMatch(/^(?:-?\d+\.0(?:,-?\d+\.0)*\n)+$/);
  });
});

describe("files", () => {
  test("any number of threads writes the same bytes, with traces of layers that repeat", async () => {
    const outputs = await Promise.all(
      ["1", "2"].map(async (threads) => {
        const { code, out } = await runInto(`out${threads}`, "several.csv", "-s", "Y", "--threads", threads);
        expect(code).toBe(0);
        return out.replaceAll(`out${threads}`, "out");
      }),
    );
    expect(outputs[0]).toBe(outputs[1]);
    const files = filesBelow("out1/run");
    expect(files).toHaveLength(3 + 4 * 6);
    expect(filesBelow("out2/run")).toEqual(files);
    for (const file of files) expect(text(`out2/run/${file}`)).toBe(text(`out1/run/${file}`));
    expect(text("out1/run/layer2/IFMAP_DRAM_TRACE.csv")).toBe(text("out1/run/layer0/IFMAP_DRAM_TRACE.csv"));
    expect(text("out1/run/COMPUTE_REPORT.csv").split("\n")).toHaveLength(1 + 4 + 1);
  });

  test("a run replaces the reports of the one before, and leaves other files", async () => {
    mkdirSync(at("out/run/layer0"), { recursive: true });
    writeFileSync(at("out/run/COMPUTE_REPORT.csv"), "old");
    writeFileSync(at("out/run/notes.txt"), "mine");
    const { code, err } = await run("one.csv", "-i", "gemm");
    expect({ code, err }).toEqual({
      code: 0,
      err: `note: ${at("out/run")} still has files of an earlier run: layer0\n`,
    });
    expect(text("out/run/COMPUTE_REPORT.csv")).toMatch(/^LayerID/);
    expect(text("out/run/notes.txt")).toBe("mine");
    expect(readdirSync(at("out"))).toEqual(["run"]);
  });

  test("sparsity adds its report", async () => {
    writeFileSync(at("scale.cfg"), configuration({ SparsitySupport: "true", Dataflow: "ws" }));
    writeFileSync(at("sparse.csv"), `Layer, M, N, K, Sparsity,\nfc, 8, 8, 16, 2:4,\n`);
    expect((await run("sparse.csv")).code).toBe(0);
    // 8 of 16 rows of 8 filters stay; their places in blocks of 4 take 2 bits each.
    expect(text("out/run/SPARSE_REPORT.csv").split("\n")[1]).toMatch(/^0, ellpack_block, 128, 68\.0, 4\.0, \d/);
    expect(text("out/run/DETAILED_ACCESS_REPORT.csv").split("\n")[1]).toMatch(/^0, \d+\.0, \d+\.0, \d+\.\d+, /);
  });

  test("a topology is conv or gemm by its header, or as it is told", async () => {
    writeFileSync(at("conv.csv"), `${convHeader}conv, 6, 6, 3, 3, 2, 4, 1,\n`);
    for (const flags of [[], ["-i", "conv"]]) {
      expect((await run("conv.csv", ...flags)).code).toBe(0);
      // 16 windows of 18 words by 4 filters: 4 folds of 18 + 6 cycles.
      expect(text("out/run/COMPUTE_REPORT.csv").split("\n")[1]).toMatch(/^0, \d+, 95, 0, /);
    }
    expect((await run("one.csv", "-i", "gemm")).code).toBe(0);
  });
});

describe("other outputs", () => {
  const access = z.object({
    startCycle: z.number(),
    stopCycle: z.number(),
    words: z.number(),
    wordsPerCycle: z.number(),
  });
  const accesses = z.object({ ifmap: access, filter: access, ofmap: access });
  const document = z.object({
    version: z.literal(1),
    compat: z.enum(["v2", "v3"]),
    topology: z.object({ name: z.string(), input: z.enum(["conv", "gemm"]) }),
    configuration: z.object({ runName: z.string(), arrayHeight: z.number() }),
    layers: z.array(
      z.object({
        index: z.number(),
        name: z.string(),
        filters: z.number(),
        totalCyclesWithPrefetch: z.number(),
        totalCycles: z.number(),
        stallCycles: z.number(),
        overallUtilisationPercent: z.number(),
        mappingEfficiencyPercent: z.number(),
        computeUtilisationPercent: z.number(),
        sram: accesses,
        dram: accesses,
      }),
    ),
    files: z.array(z.string()),
    notes: z.array(z.string()),
    quirks: z
      .array(z.object({ quirk: z.string(), where: z.string(), compat: z.string(), right: z.string(), why: z.string() }))
      .optional(),
  });

  test("--json says everything that the reports do", async () => {
    const { out } = await run("several.csv", "--json");
    const result = document.parse(JSON.parse(out));
    expect(result).toMatchObject({ compat: "v3", topology: { name: "several", input: "gemm" } });
    expect(result.layers.map(({ index, name }) => [index, name])).toEqual([
      [0, "a"],
      [1, "b"],
      [2, "c"],
      [3, "d"],
    ]);
    const rows = text("out/run/DETAILED_ACCESS_REPORT.csv").trimEnd().split("\n").slice(1);
    for (const [index, { sram, dram }] of result.layers.entries()) {
      const numbers = [sram, dram].flatMap(({ ifmap, filter, ofmap }) =>
        [ifmap, filter, ofmap].flatMap(({ startCycle, stopCycle, words }) => [startCycle, stopCycle, words]),
      );
      expect(rows[index]?.split(",").map(Number).slice(1, -1)).toEqual(numbers);
    }
    expect(result.files.map((file) => existsSync(file))).toEqual([true, true, true]);
  });

  test("--explain names the quirks of the run, as text and as JSON", async () => {
    const { out } = await run("one.csv", "--explain");
    const { quirks } = document.parse(JSON.parse((await run("one.csv", "--explain", "--json")).out));
    expect(quirks?.length).toBeGreaterThan(0);
    for (const { quirk, where, compat, right } of quirks ?? []) {
      expect(out).toContain(`\n${quirk} (${where})\n  SCALE-Sim v3: ${compat}\n  right: ${right}\n`);
    }
    expect(out).toContain("SCALE-Sim v3: 9 cycles\n  right: 10 cycles\n");
  });

  test("the command line that it points to runs", async () => {
    const { out } = await run("several.csv");
    const pointer = /(heddle convert .*) && (heddle run .*)/.exec(out);
    const words = (line = ""): readonly string[] =>
      line.replace("machine.yaml", at("machine.yaml")).replace("report.html", at("report.html")).split(" ").slice(1);
    const converted = await heddle(...words(pointer?.[1]));
    expect({ code: converted.code, out: converted.out }).toEqual({ code: 0, out: "" });
    expect(converted.err).toContain(`wrote ${at("machine.yaml")}\n`);
    const ran = await heddle(...words(pointer?.[2]));
    expect(ran.code).toBe(0);
    expect(text("report.html")).toMatch(/^<!doctype html>/i);
    const printed = await heddle("convert", at("scale.cfg"), "--to", "heddle");
    expect(printed.out).toBe(text("machine.yaml"));
    writeFileSync(at("untitled.csv"), "a, b, c, d,\nfc, 4, 4, 4,\n");
    expect((await run("untitled.csv", "-i", "gemm")).out).not.toContain("heddle run");
  });
});

describe("errors", () => {
  const one = (pattern: RegExp) => ({ code: 2, out: "", err: expect.stringMatching(pattern) });

  test("files and flags that are missing", async () => {
    expect(await heddle("scalesim", "-t", at("one.csv"))).toEqual(
      one(/^error: --config is missing or has no value; see heddle --help\n$/),
    );
    expect(await heddle("scalesim", "-c", at("none.cfg"), "-t", at("one.csv"))).toEqual(
      one(/^error: .*none\.cfg: cannot be read: no such file or folder\n$/),
    );
    expect(await run("none.csv")).toEqual(one(/^error: .*none\.csv: cannot be read: no such file or folder\n$/));
    expect(await run("one.csv", "-l", at("none.csv"))).toEqual(one(/^error: .*none\.csv: cannot be read/));
    expect(await run("one.csv", "-i", "conf")).toEqual(one(/^error: --input-type: .*did you mean "conv"\?\n$/));
    expect(await run("one.csv", "--compat", "v4")).toEqual(one(/^error: --compat: /));
    expect(existsSync(at("out"))).toBe(false);
  });

  test("a layer too large to be addressed is refused before those above it run", async () => {
    writeFileSync(at("large.csv"), `${gemmHeader}a, 4, 4, 4,\nb, 65536, 65536, 1,\n`);
    const { code, err } = await run("large.csv", "-s", "Y");
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(
        /^error: .*large\.csv: layer b: the ofmap is too large; found "4294967296 words"; .*\n$/,
      ),
    });
    expect(existsSync(at("out"))).toBe(false);
  });

  test("files that say something else", async () => {
    writeFileSync(at("short.csv"), `${gemmHeader}fc, 4, 4,\n`);
    expect(await run("short.csv")).toEqual(one(/^error: .*short\.csv:2.*\n$/));
    writeFileSync(at("scale.cfg"), configuration({ Dataflow: "rs" }));
    expect(await run("one.csv")).toEqual(one(/^error: .*scale\.cfg.*"rs".*\n$/));
    writeFileSync(at("scale.cfg"), configuration({ UseRamulatorTrace: "True" }));
    expect(await run("one.csv", "-s", "Y")).toEqual(one(/^error: .*Ramulator.*\n$/));
    for (const name of ["../outside", "a/b", ".."]) {
      writeFileSync(at("scale.cfg"), configuration({ run_name: name }));
      expect(await run("one.csv")).toEqual(one(/^error: .*run_name: .*\n$/));
    }
    expect(existsSync(at("out"))).toBe(false);
  });

  test("results that have no place", async () => {
    mkdirSync(at("out"));
    writeFileSync(at("out/run"), "");
    expect(await run("one.csv")).toEqual(one(/^error: .*run: cannot be written: it is a file, not a folder\n$/));
    expect(await runInto("one.csv", "one.csv")).toEqual(one(/one\.csv: cannot be written: it is a file/));
    rmSync(at("out/run"));
    mkdirSync(at("out/run/layer0"), { recursive: true });
    writeFileSync(at("out/run/layer0/IFMAP_SRAM_TRACE.csv"), `${gemmHeader}fc, 4, 4, 4,\n`);
    expect(await run("out/run/layer0/IFMAP_SRAM_TRACE.csv", "-s", "Y")).toEqual(
      one(/IFMAP_SRAM_TRACE\.csv: an input of this command would be overwritten\n$/),
    );
    expect(filesBelow("out")).toEqual(["run/layer0/IFMAP_SRAM_TRACE.csv"]);
  });

  test("conversions that make no sense", async () => {
    expect(await heddle("convert", at("scale.cfg"))).toEqual(one(/expected --to heddle\n$/));
    expect(await heddle("convert", at("scale.cfg"), "--to", "json")).toEqual(one(/^error: --to: /));
    expect(await heddle("convert", at("scale.cfg"), at("x.yaml"), "--batch", "2")).toEqual(one(/^error: --batch: /));
    expect(await heddle("convert", "resnet50", "--to", "heddle")).toEqual(one(/expected a file that ends in \.cfg\n$/));
    expect(existsSync(at("x.yaml"))).toBe(false);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk (skipped without /dev/full) leaves no file", async () => {
    const full = openSync("/dev/full", "w");
    try {
      const inputs = ["scalesim", "-c", at("scale.cfg"), "-t", at("one.csv"), "-p", at("new/out"), "-s", "Y"];
      const { code, err } = await spawnHeddle(inputs, { stdout: full });
      expect(err).toMatch(/\nerror: standard output: cannot be written: no space left on the device\n$/);
      expect(code).toBe(2);
      expect(existsSync(at("new"))).toBe(false);
    } finally {
      closeSync(full);
    }
  });

  test.skipIf(process.platform === "win32")("an interruption ends with 130 and leaves no file", async () => {
    writeFileSync(at("scale.cfg"), configuration({ ArrayHeight: 32, ArrayWidth: 32 }));
    writeFileSync(at("large.csv"), `${gemmHeader}a, 4000, 512, 1024,\nb, 512, 4000, 1024,\nc, 4000, 500, 1024,\n`);
    const inputs = ["scalesim", "-c", at("scale.cfg"), "-t", at("large.csv"), "-p", at("new/out"), "-s", "Y"];
    let watch: NodeJS.Timeout | undefined;
    const { code } = await spawnHeddle([...inputs, "--threads", "2"], {
      started: (kill) => {
        watch = setInterval(() => {
          if (filesBelow("new/out").length === 0) return;
          clearInterval(watch);
          kill("SIGINT");
        }, 20);
      },
    });
    clearInterval(watch);
    expect(code).toBe(130);
    expect(existsSync(at("new"))).toBe(false);
  });
});
