// Every command of the guide works as written.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeNpy } from "../../src/interop/npy.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { heddle } from "./heddle.ts";

const root = new URL("../../", import.meta.url);
const guide = readFileSync(new URL("docs/guide.md", root), "utf8");
const samples = new URL("../shared/data/onnx/", root);
const sample = (name: string): string => fileURLToPath(new URL(name, samples));
const noModel = !existsSync(sample("mnist.onnx"));

const folder = mkdtempSync(join(tmpdir(), "heddle-guide-"));
const home = process.cwd();

const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1] ?? "");
const commands = blocks("sh")
  .flatMap((block) => block.split("\n"))
  .filter((line) => line.startsWith("heddle "));

/** Words of a command line up to a pipe or a redirection; single quotes are all that the guide uses. */
function wordsOf(line: string): readonly string[] {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
  const end = words.findIndex((word) => word === "|" || word === ">");
  return words.slice(1, end < 0 ? undefined : end);
}

beforeAll(() => {
  const [configuration = ""] = blocks("yaml");
  writeFileSync(join(folder, "arrayflex.yaml"), configuration);
  copyFileSync(new URL("examples/edge-array.yaml", root), join(folder, "edge-array.yaml"));
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

describe("commands of the guide", () => {
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

test("the guide names every flag of the commands that simulate and convert", async () => {
  const help = (
    await Promise.all(["run", "compare", "convert"].map(async (command) => (await heddle(command, "--help")).out))
  ).join("");
  const flags = [...new Set([...help.matchAll(/\[--([a-z-]+)\]/g)].map((match) => match[1] ?? ""))];
  expect(flags.length).toBeGreaterThan(20);
  expect(flags.filter((flag) => !guide.includes(`--${flag}`))).toEqual([]);
});
