// Builds dist/ from src/: the compiler emits JavaScript and declarations, then files that it does not emit (JavaScript
// with declarations of its own, data read at run time) are copied beside them, the command is bundled and made
// executable, and the studio becomes a static site.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { build as buildSite } from "vite";
import manifest from "../package.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));
const from = join(root, "src");
const to = join(root, "dist");
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

rmSync(to, { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });

for (const file of globSync("**/*.{js,d.ts,json,css,proto,wasm}", { cwd: from })) {
  const target = join(to, file);
  if (existsSync(target)) continue;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(from, file), target);
}

/** Files that the given ones import, and those that these import, as long as they do so at their top. */
function importedBy(files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    const source = readFileSync(file, "utf8");
    for (const [, path = ""] of source.matchAll(/^(?:import|export)[^;]*?from "(\.[^"]+)"/gm)) {
      visit(join(dirname(file), path));
    }
  };
  for (const file of files) visit(file);
  return found;
}

/** Escapes all but ASCII: a module with a line of a table in it is held, hashed and read at two bytes a character. */
function asciiOnly(file: string): void {
  const source = readFileSync(file, "utf8");
  writeFileSync(
    file,
    source.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

// What a run of a built-in network on a grid needs is one file; engines, readers of files, pages and schemas stay apart
// and are loaded when asked for.
const runs = ["cli/application.js", "cli/command/run.js", "cli/output/deliver.js", "cli/output/progress.js"];

// The library stays one file a module. The command is bundled: a hundred modules would cost more time to find and read
// than a run takes. The workers' entries lie beside the chunks, where `import.meta.url` of their callers points.
if (compiled.status === 0) {
  const core = importedBy(runs.map((file) => join(to, file)));
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).filter(
    (name) => name !== "@stricli/core",
  );
  const bundle = await rolldown({
    cwd: to,
    input: {
      main: "./cli/main.js",
      "run-worker": "./workbench/run-worker.js",
      "scalesim-worker": "./interop/scalesim/scalesim-worker.js",
    },
    platform: "node",
    // The sources import some modules both ways on purpose: unbundled, the dynamic way is what keeps them unloaded.
    checks: { ineffectiveDynamicImport: false },
    // Packages stay packages, but for the one that every run needs.
    external: [/^node:/, ...packages.map((name) => new RegExp(`^${name}(?:/|$)`))],
    transform: { target: "es2024" },
  });
  const bundled = join(to, "bundled");
  await bundle.write({
    dir: bundled,
    format: "esm",
    minify: { compress: true, mangle: true, codegen: { removeWhitespace: true } },
    chunkFileNames: "[name]-[hash].js",
    codeSplitting: { groups: [{ name: "core", test: (id) => core.has(id) || id.includes("@stricli") }] },
  });
  await bundle.close();
  for (const file of globSync("*.js", { cwd: bundled })) asciiOnly(join(bundled, file));
  rmSync(join(to, "cli"), { recursive: true });
  renameSync(bundled, join(to, "cli"));
  chmodSync(join(to, "cli", "main.js"), 0o755);
  await buildSite({ configFile: join(root, "studio", "vite.config.ts"), logLevel: "warn" });
}
process.exitCode = compiled.status ?? 1;
