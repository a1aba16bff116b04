// The example of a first visit: what the build writes is what a run gives, the command line's figures included, and every
// sentence about it holds by figures computed another way.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { runsJson } from "../../src/report/json.ts";
import { benchResult } from "../../studio/bench/data/prepare.ts";
import { commandOf } from "../../studio/bench/data/command.ts";
import { story } from "../../studio/bench/data/story.ts";
import { computeExample } from "../../studio/example/example.ts";
import type { Outcome } from "../../studio/engine/api.ts";
import { firstVisit } from "../../studio/shell/state.ts";
import { heddle, nodeFlags } from "../cli/heddle.ts";
import { configText } from "../../src/workbench/request/config-text.ts";

const job = { ...firstVisit, files: [] };
let outcome: Outcome;
beforeAll(async () => {
  outcome = await computeExample();
});

test("what the build writes equals a fresh run, and is small", () => {
  const script = fileURLToPath(new URL("../../scripts/studio-example.ts", import.meta.url));
  const text = execFileSync(process.execPath, [...nodeFlags, script], { encoding: "utf8" });
  expect(JSON.parse(text)).toEqual(outcome);
  expect(gzipSync(text, { level: 9 }).length).toBeLessThan(60_000);
});

test("the command line that the page offers prints the same bytes", async () => {
  const { lines, config } = commandOf(job);
  const [line = ""] = lines;
  const folder = mkdtempSync(join(tmpdir(), "heddle-example-"));
  const words = line.split(" ").slice(1);
  if (config !== undefined) {
    const path = join(folder, config);
    writeFileSync(path, configText(job.machines.map(({ name, set }) => ({ accelerator: name, parameters: set }))));
    words[words.indexOf(config)] = path;
  }
  const { code, out, err } = await heddle(...words, "--json");
  rmSync(folder, { recursive: true });
  expect(code, err).toBe(0);
  expect(runsJson(outcome.runs, { ratios: true })).toBe(out);
});

test("three sentences, each with figures of these runs", () => {
  const sentences = story(benchResult(job, outcome.runs));
  expect(sentences).toHaveLength(3);
  const [shares = "", size = "", winners = ""] = sentences;
  const [tpu, , , small] = outcome.runs;
  if (tpu === undefined || small === undefined) throw new Error("the example has four machines");
  const depthwise = (run: typeof tpu): number =>
    run.layers.filter(({ name }) => name.startsWith("depthwise")).reduce((sum, { seconds }) => sum + seconds, 0) /
    run.total.seconds;
  const worst = Math.max(...outcome.runs.map(depthwise));
  expect(shares).toContain("13 depthwise layers");
  expect(shares).toContain(`${(100 * worst).toFixed(1)} %`);
  expect(shares).toContain("65,536");
  expect(small.total.seconds).toBe(Math.min(...outcome.runs.map(({ total }) => total.seconds)));
  expect(size).toContain(`${(tpu.total.seconds / small.total.seconds).toPrecision(3)}×`);
  expect(size).toContain("With 1,024 multipliers, the fewest here");
  const wins = tpu.layers.filter((_, layer) => {
    const mine = small.layers[layer]?.seconds ?? Infinity;
    return outcome.runs.every((run) => run === small || (run.layers[layer]?.seconds ?? 0) > mine * 1.0006);
  });
  expect(winners).toContain(`systolic rows=32 is fastest in ${wins.length} of 28 layers`);
});

test("a sentence whose claim does not hold is not said", () => {
  const alone = outcome.runs.slice(0, 1);
  expect(story(benchResult(job, alone))).toHaveLength(1);
  const pointwise = outcome.runs.map((run) => ({
    ...run,
    layers: run.layers.filter(({ name }) => name.startsWith("pointwise")),
  }));
  expect(story(benchResult(job, pointwise)).join(" ")).not.toContain("depthwise");
});
