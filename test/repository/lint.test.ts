// The house rules of the linter: each one fails on a bad sample and passes on a good one, in the real linter with the
// project's own configuration, on small repositories made for the purpose.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, describe, expect, test } from "vitest";

import { importFault, layers } from "../../scripts/lint/layers.ts";
import { machineNamed } from "../../scripts/lint/machine-names.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest = createRequire(import.meta.url).resolve("oxlint/package.json");
const oxlint = join(dirname(manifest), "bin", "oxlint");
const made: string[] = [];

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly message: string; readonly filename: string }[];
}

/** `rule in file` of every fault that the project's linter finds in a repository of these files. */
function lint(files: Readonly<Record<string, string>>, options: readonly string[] = []): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "heddle-lint-"));
  made.push(folder);
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  const configuration = readFileSync(join(root, ".oxlintrc.json"), "utf8").replace(
    "./scripts/lint/plugin.ts",
    join(root, "scripts/lint/plugin.ts"),
  );
  const all = {
    ".oxlintrc.json": configuration,
    "tsconfig.json": readFileSync(join(root, "tsconfig.json"), "utf8"),
    ...files,
  };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const folders = ["src", "studio", "bench"].filter((name) => existsSync(join(folder, name)));
  const run = spawnSync(process.execPath, [oxlint, "--format=json", ...options, ...folders], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter) },
    timeout: 20_000,
  });
  if (!run.stdout.trimStart().startsWith("{")) throw new Error(`the linter did not run:\n${run.stdout}${run.stderr}`);
  const report = JSON.parse(run.stdout) as Report;
  return report.diagnostics.map(({ code, filename }) => `${code} in ${filename}`);
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

const purpose = "// A sample that the linter's test wrote.\n";
const use = (path: string): string => `${purpose}import { x } from "${path}";\nexport const y = x;\n`;
const value = `${purpose}export const x = 1;\n`;

describe("the linter in a small repository", () => {
  test("the layer rule refuses each kind of upward, sideways and test import, and nothing else", () => {
    const found = lint({
      "src/base/a.ts": use("../tensor/b.ts"),
      "src/base/type.ts": `${purpose}export const f = (x: import("../report/table.ts").T): unknown => x;\n`,
      "src/base/again.ts": `${purpose}export * from "../report/table.ts";\n`,
      "src/base/late.ts": `${purpose}export const load = () => import("../report/table.ts");\n`,
      "src/base/worker.ts": `${purpose}export const at = new URL("../report/table.ts", import.meta.url);\n`,
      "src/tensor/b.ts": value,
      "src/tensor/good.ts": `${purpose}import { x } from "./b.ts";\nimport { join } from "node:path";\nexport const y = join(String(x));\n`,
      "src/tensor/outside.ts": use("../../bench/util.ts"),
      "src/report/table.ts": value,
      "src/report/index.ts": value,
      "src/report/down.ts": use("../tensor/b.ts"),
      "src/cli/main.ts": value,
      "src/cli/barrel.ts": use("../report/index.ts"),
      "src/cli/file.ts": use("../report/table.ts"),
      "src/tensor/fault.ts": use("./sample.test.ts"),
      "src/tensor/sample.test.ts": value,
      "src/util/a.ts": use("../base/c.ts"),
      "src/base/c.ts": value,
      "studio/app.ts": use("../src/report/table.ts"),
      "studio/bad.ts": use("../src/cli/main.ts"),
      "bench/util.ts": value,
    });
    const rule = found
      .filter((fault) => fault.startsWith("heddle(layers)"))
      .map((fault) => fault.replace(/^.* in /, ""));
    expect(rule.toSorted()).toEqual([
      "src/base/a.ts",
      "src/base/again.ts",
      "src/base/late.ts",
      "src/base/type.ts",
      "src/base/worker.ts",
      "src/cli/barrel.ts",
      "src/tensor/fault.ts",
      "src/tensor/outside.ts",
      "src/util/a.ts",
      "studio/bad.ts",
    ]);
    expect(found.filter((fault) => fault.startsWith("heddle") && !fault.startsWith("heddle(layers)"))).toEqual([]);
  });

  test("an accelerator file holds no loop, no typed array and nothing from the tensors", () => {
    const body = (text: string): string => `${purpose}export function f(xs: readonly number[]): number {\n${text}\n}\n`;
    const found = lint({
      "src/tensor/b.ts": value,
      "src/accelerator/for.ts": body("let s = 0;\nfor (let i = 0; i < xs.length; i++) s += xs.length;\nreturn s;"),
      "src/accelerator/of.ts": body("let s = 0;\nfor (const x of xs) s += x;\nreturn s;"),
      "src/accelerator/while.ts": body("let s = 0;\nwhile (s < xs.length) s++;\nreturn s;"),
      "src/accelerator/do.ts": body("let s = 0;\ndo s++;\nwhile (s < xs.length);\nreturn s;"),
      "src/accelerator/new.ts": body("return new Int32Array(xs).length;"),
      "src/accelerator/from.ts": body("return Float64Array.from(xs).length;"),
      "src/accelerator/tensor.ts": use("../tensor/b.ts"),
      "src/accelerator/good.ts": body("return xs.map((x) => x + 1).reduce((a, b) => a + b, 0);"),
      "src/accelerator/good.test.ts": body("let s = 0;\nfor (const x of xs) s += x;\nreturn s;"),
      "src/dataflow/good.ts": body("let s = 0;\nfor (const x of xs) s += x;\nreturn new Int8Array(s).length;"),
    });
    const bad = ["do", "for", "from", "new", "of", "tensor", "while"];
    expect(found.toSorted()).toEqual(
      bad.map((name) => `heddle(accelerator-is-description) in src/accelerator/${name}.ts`),
    );
  });

  test("a dataflow or component names no accelerator: those of the brief, and those that the folder describes", () => {
    const found = lint({
      "src/accelerator/loomtastic.ts": `${purpose}export const machine = { citation: { title: "A loom" } };\n`,
      "src/accelerator/accelerator.ts": `${purpose}export interface Described { citation: string }\n`,
      "src/accelerator/parameter.ts": value,
      "src/dataflow/comment.ts": `${value}// As SCNN does it.\n`,
      "src/dataflow/word.ts": `${value}// The same as in Sense, but wider.\n`,
      "src/component/identifier.ts": `${purpose}export const eyerissRows = 12;\n`,
      "src/component/text.ts": `${purpose}export const kind = "sigma";\n`,
      "src/component/template.ts": `${purpose}export const kind = (n: number) => \`tpu\${n}\`;\n`,
      "src/component/described.ts": `${value}/* Loomtastic's own FIFO. */\n`,
      "src/component/good.ts": `${purpose}// In a sense, sigma and gamma parameters of a systolic array. Sense lines sprint.\nexport const gamma = "systolic arrays";\n`,
      "src/report/good.ts": `${purpose}export const scnn = "SCNN";\n`,
    });
    expect(found.toSorted()).toEqual(
      [
        "src/component/described.ts",
        "src/component/identifier.ts",
        "src/component/template.ts",
        "src/component/text.ts",
        "src/dataflow/comment.ts",
        "src/dataflow/word.ts",
      ].map((file) => `heddle(mechanism-names-no-machine) in ${file}`),
    );
  });

  test("a file begins with its purpose, and a long one is only a warning", () => {
    const long = `${purpose}${"export {};\n".repeat(1)}${"\n".repeat(420)}`;
    const files = {
      "src/base/none.ts": "export const x = 1;\n",
      "src/base/block.ts": "/** Not this kind. */\nexport const x = 1;\n",
      "src/base/pragma.ts": "// oxlint-disable-next-line no-var because of this\nexport const x = 1;\n",
      "src/base/good.ts": value,
      "src/base/shebang.ts": `#!/usr/bin/env node\n${value}`,
      "src/base/long.ts": long,
    };
    const errors = lint(files, ["--quiet"]).filter((fault) => fault.startsWith("heddle"));
    expect(errors.toSorted()).toEqual(
      ["block", "none", "pragma"].map((name) => `heddle(file-purpose) in src/base/${name}.ts`),
    );
    expect(lint(files)).toContain("eslint(max-lines) in src/base/long.ts");
  });

  test("the type-aware and strict rules are on", () => {
    const found = lint({
      "src/base/any.ts": `${purpose}export const f = (x: any): unknown => x;\n`,
      "src/base/floating.ts": `${purpose}export function f(p: () => Promise<void>): void {\n  p();\n}\n`,
      "src/base/guard.ts": `${purpose}export const f = (x: string | undefined): number => x!.length;\n`,
      "src/base/cast.ts": `${purpose}export const f = (x: unknown): string => x as string;\n`,
    });
    expect(found).toContain("typescript(no-explicit-any) in src/base/any.ts");
    expect(found).toContain("typescript(no-floating-promises) in src/base/floating.ts");
    expect(found).toContain("typescript(no-non-null-assertion) in src/base/guard.ts");
    expect(found).toContain("typescript(no-unsafe-type-assertion) in src/base/cast.ts");
  });
});

describe("the layer order", () => {
  test("between any two layers, exactly the downward import is allowed", () => {
    for (const [i, from] of layers.entries()) {
      for (const [j, to] of layers.entries()) {
        const fault = importFault(`src/${from}/a.ts`, `../${to}/b.ts`);
        expect(fault === undefined, `${from} imports ${to}`).toBe(j <= i);
      }
    }
  });

  test("the entry gathers the layers but not the command line, and no layer imports the entry", () => {
    expect(importFault("src/index.ts", "./report/index.ts")).toBeUndefined();
    expect(importFault("src/index.ts", "./cli/main.ts")).toBeDefined();
    expect(importFault("src/report/a.ts", "../index.ts")).toBeDefined();
    expect(importFault("src/report/a.ts", "heddle/tensor")).toBeDefined();
  });

  test("tests share helpers, and nothing else imports them", () => {
    expect(importFault("src/base/a.test.ts", "../../test/support/models.ts")).toBeUndefined();
    expect(importFault("src/base/a.test.ts", "./test/fixture.ts")).toBeUndefined();
    expect(importFault("src/base/a.ts", "./test/fixture.ts")).toBeDefined();
    expect(importFault("src/base/a.ts", "../../test/support/models.ts")).toBeDefined();
    expect(importFault("src/base/a.test.ts", "../cli/main.ts")).toBeDefined();
  });

  test("a folder inside a layer belongs to it", () => {
    expect(importFault("src/interop/onnx/a.ts", "../../workload/layer.ts")).toBeUndefined();
    expect(importFault("src/interop/onnx/a.ts", "../../report/text/table.ts")).toBeDefined();
  });
});

describe("the names of machines", () => {
  test.each([
    ["scnnGrid", "identifier"],
    ["gridOfSCNN", "identifier"],
    ["TPUArray", "identifier"],
    ["tpuV1", "identifier"],
    ["EYERISS_ROWS", "identifier"],
    ["arrayFlex", "identifier"],
    ["awbGcn", "identifier"],
    ["the AWB-GCN queue", "string"],
    ["s2ta", "string"],
    ["Sense", "identifier"],
    ["gamma", "string"],
    ["merged as in GAMMA", "comment"],
    ["merged as in Gamma", "comment"],
    ["SIGMA routes it", "comment"],
  ] as const)("%s as %s is a name", (text, kind) => {
    expect(machineNamed(text, kind)).toBeDefined();
  });

  test.each([
    ["receiveTensor", "identifier"],
    ["outputUnit", "identifier"],
    ["sense", "identifier"],
    ["gamma", "identifier"],
    ["powerLawGamma", "identifier"],
    ["in that sense", "comment"],
    ["It ends. Sense lines follow", "comment"],
    ["a systolic array with a fixed-pipeline", "comment"],
    ["systolicGrid", "string"],
    ["sparse tensor", "string"],
  ] as const)("%s as %s is none", (text, kind) => {
    expect(machineNamed(text, kind)).toBeUndefined();
  });
});
