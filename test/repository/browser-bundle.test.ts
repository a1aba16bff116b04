// What a page needs of the sources is there without Node: bundled for browsers it imports none of Node's modules, and run
// where Node's globals, shared memory and eval are missing it gives the bytes of the command line.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import type { InputOptions } from "rolldown";
import { afterAll, expect, test } from "vitest";
import { heddle } from "../cli/heddle.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heddle-bundle-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What the studio's worker may import of the engine. */
const engine = [
  "src/interop/workload/blob-files.ts",
  "src/interop/workload/workload.ts",
  "src/report/csv.ts",
  "src/report/json.ts",
  "src/report/machine.ts",
  "src/report/trace.ts",
  "src/workbench/intervals.ts",
  "src/workbench/reproduce.ts",
  "src/workbench/request/config.ts",
  "src/workbench/request/density.ts",
  "src/workbench/request/equalise.ts",
  "src/workbench/request/layers.ts",
  "src/workbench/request/run-request.ts",
  "src/workbench/request/schedule.ts",
  "src/workbench/request/settings.ts",
  "src/workbench/run.ts",
];

const options: InputOptions = {
  cwd: root,
  platform: "browser",
  // Threads of Node, which a run on one thread never asks for.
  external: ["piscina"],
  checks: { ineffectiveDynamicImport: false },
};

test("no module of Node's is reached from what a page needs", async () => {
  const bundle = await rolldown({ ...options, input: engine });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const chunks = output.filter((part) => part.type === "chunk");
  const own = new Set(chunks.map(({ fileName }) => fileName));
  const outside = chunks.flatMap(({ imports, dynamicImports }) => [
    ...imports.filter((name) => !own.has(name)),
    ...dynamicImports.filter((name) => !own.has(name)).map((name) => `import(${name})`),
  ]);
  expect(chunks.length).toBeGreaterThan(engine.length);
  expect(outside).toEqual(["import(piscina)"]);
});

/** A worker of a page in short: answers with a run from defaults, tells how far it has come, reads a configuration. */
const worker = `
  import { blobFiles } from "./src/interop/workload/blob-files.ts";
  import { networkOf } from "./src/interop/workload/workload.ts";
  import { runsJson } from "./src/report/json.ts";
  import { parseConfig } from "./src/workbench/request/config.ts";
  import { runRequest } from "./src/workbench/request/run-request.ts";
  import { machineRequests } from "./src/workbench/request/settings.ts";
  import { runWorkload } from "./src/workbench/run.ts";
  export async function run(workload, on, files) {
    const network = await networkOf(workload, blobFiles(new Map(files)));
    const [request] = machineRequests({ on });
    const asked = { ...(await runRequest(network, request)), onLayer() {}, onMappings() {} };
    return runsJson([await runWorkload(network, asked)], { ratios: false });
  }
  export const configured = (text) => parseConfig(text, "page.yaml").machines;
`;

/** Calls the bundled worker without what pages lack; prints one JSON document. */
const page = `
  import { writeSync } from "node:fs";
  const [questions, configuration] = JSON.parse(process.argv[2]);
  for (const name of ["process", "Buffer", "global", "setImmediate", "clearImmediate", "SharedArrayBuffer"]) {
    delete globalThis[name];
  }
  const { run, configured } = await import("./worker.js");
  const answers = [];
  for (const [workload, on, files] of questions) {
    answers.push(await run(workload, on, files.map(([name, text]) => [name, new Blob([text])])));
  }
  writeSync(1, JSON.stringify([answers, configured(configuration)]));
`;

const matrix = "%%MatrixMarket matrix coordinate real general\n3 3 4\n1 1 1\n2 3 2\n3 1 3\n3 2 4\n";

test("where nothing of Node's, no shared memory and no eval is, runs give the bytes of the command line", async () => {
  const bundle = await rolldown({
    ...options,
    input: "worker",
    plugins: [
      {
        name: "worker",
        resolveId: (id, from) =>
          id === "worker" ? `${root}worker.js` : from === `${root}worker.js` ? `${root}${id}` : null,
        load: (id) => (id === `${root}worker.js` ? worker : null),
      },
    ],
  });
  await bundle.write({ dir: folder, format: "esm" });
  await bundle.close();
  const file = join(folder, "A.mtx");
  writeFileSync(file, matrix);
  writeFileSync(join(folder, "page.mjs"), page);
  const questions = [
    ["alexnet", "arrayflex", []],
    ["gemm:M=16,N=12,K=8", "eyeriss", []],
    ["gemm:M=64,N=48,K=40", "flexagon", []],
    [file, "gamma", [[file, matrix]]],
  ] as const;
  const given = JSON.stringify([questions, "accelerator: systolic\nparameters: { rows: 16, clock: 1GHz }"]);
  const args = ["--disallow-code-generation-from-strings", join(folder, "page.mjs"), given];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const [answers, machines]: [string[], unknown] = JSON.parse(stdout);
  for (const [index, [workload, machine]] of questions.entries()) {
    const { out } = await heddle("run", workload, "--on", machine, "--json");
    expect(out).toContain('"cycles"');
    expect(answers[index], machine).toBe(out);
  }
  expect(machines).toEqual([{ accelerator: "systolic", parameters: { rows: 16, clock: 1e9 } }]);
});
