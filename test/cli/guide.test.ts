// Every command of the guide, of the page on sparse products and of the page for users of SCALE-Sim works as written,
// and prints what the page shows.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeNpy } from "../../src/interop/npy.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { heddle } from "./heddle.ts";
import type { Outcome } from "./heddle.ts";

const root = new URL("../../", import.meta.url);
const guide = readFileSync(new URL("docs/guide.md", root), "utf8");
const sparseProducts = readFileSync(new URL("docs/sparse-products.md", root), "utf8");
const fromScalesim = readFileSync(new URL("docs/from-scalesim.md", root), "utf8");
const samples = new URL("../shared/data/onnx/", root);
const sample = (name: string): string => fileURLToPath(new URL(name, samples));
const noModel = !existsSync(sample("mnist.onnx"));

const folder = mkdtempSync(join(tmpdir(), "heddle-guide-"));
const home = process.cwd();

const blocksOf = (page: string, language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1] ?? "");
const commandsOf = (page: string): readonly string[] =>
  blocksOf(page, "sh")
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith("heddle "));
/** The studio's server runs until it is interrupted: studio.test.ts starts it. */
const commands = [...new Set([guide, sparseProducts].flatMap(commandsOf))].filter(
  (line) => !line.startsWith("heddle studio"),
);

/** Words of a command line up to a pipe or a redirection; single quotes are all that the pages use. */
function wordsOf(line: string): readonly string[] {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
  const end = words.findIndex((word) => word === "|" || word === ">");
  return words.slice(1, end < 0 ? undefined : end);
}

beforeAll(() => {
  const [configuration = ""] = blocksOf(guide, "yaml");
  writeFileSync(join(folder, "arrayflex.yaml"), configuration);
  copyFileSync(new URL("examples/edge-array.yaml", root), join(folder, "edge-array.yaml"));
  for (const examples of ["examples/scalesim/", "examples/sparse/"]) {
    const from = new URL(examples, root);
    for (const name of readdirSync(from)) copyFileSync(new URL(name, from), join(folder, name));
  }
  writeFileSync(
    join(folder, "weights.npy"),
    writeNpy(
      tensor(
        "int8",
        [16, 16],
        Array.from({ length: 256 }, (_, i) => (i % 5 === 0 ? 1 : 0)),
      ),
    ),
  );
  if (!noModel) {
    copyFileSync(sample("mnist.onnx"), join(folder, "model.onnx"));
    copyFileSync(sample("digit-7.jpg"), join(folder, "photo.jpg"));
    writeFileSync(join(folder, "input.npy"), writeNpy(tensor("float32", [1, 1, 28, 28])));
  }
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

describe("commands of the guide and of the page on sparse products", () => {
  const needsModel = (line: string): boolean => line.includes("model.onnx");

  test("there are many", () => {
    expect(commands.length).toBeGreaterThan(30);
  });

  test.each(commands.filter((line) => !needsModel(line)))("%s", async (line) => {
    const { code, out, err } = await heddle(...wordsOf(line));
    expect(code, err).toBe(0);
    expect(out + err).not.toBe("");
  });

  test.skipIf(noModel).each(commands.filter(needsModel))(
    "%s (skipped where the sample models are absent)",
    async (line) => {
      const { code, err } = await heddle(...wordsOf(line));
      expect(code, err).toBe(0);
    },
  );
});

describe("commands of the page for users of SCALE-Sim", () => {
  const lines = commandsOf(fromScalesim);
  const outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    for (const line of lines) outcomes.set(line, await heddle(...wordsOf(line)));
  }, 60_000);

  test("there are several", () => {
    expect(lines.length).toBeGreaterThan(10);
  });

  test.each(lines)("%s", (line) => {
    const { code, err } = outcomes.get(line) ?? {};
    expect(code, err).toBe(0);
  });

  test("what the page shows is what they print or write", () => {
    const printed = [...outcomes.values()].map(({ out }) => out);
    const texts = [...printed, readFileSync(join(folder, "machine.yaml"), "utf8")];
    const blocks = [...blocksOf(fromScalesim, "text"), ...blocksOf(fromScalesim, "yaml")];
    expect(blocks.length).toBeGreaterThan(3);
    for (const block of blocks) expect(texts.some((text) => text.includes(block)) ? "" : block).toBe("");
  });

  test("the cycles that the page names are those of the runs", () => {
    const [, sentence = ""] = /^(The [\d,]+ cycles of the file become .*)$/m.exec(fromScalesim) ?? [];
    const named = [...sentence.matchAll(/\d+,\d+/g)].map(([number]) => number);
    expect(named).toHaveLength(5);
    const after = lines.slice(lines.findIndex((line) => line.startsWith("heddle run")));
    const totals = after.map((line) => /^cycles +cycles (.*)$/m.exec(outcomes.get(line)?.out ?? "")?.[1] ?? "");
    expect(totals).toHaveLength(named.length);
    for (const [i, number] of named.entries()) expect(totals[i]).toMatch(new RegExp(` ${number}( |$)`));
  });
});

test("the guide names every flag of the commands that simulate, convert and serve", async () => {
  const help = (
    await Promise.all(
      ["run", "compare", "scalesim", "convert", "studio"].map(async (command) => (await heddle(command, "--help")).out),
    )
  ).join("");
  const flags = [...new Set([...help.matchAll(/\[--([a-z-]+)\]/g)].map((match) => match[1] ?? ""))];
  expect(flags.length).toBeGreaterThan(20);
  expect(flags.filter((flag) => !guide.includes(`--${flag}`))).toEqual([]);
});
