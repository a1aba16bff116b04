// Builds dist/ from src/: the compiler emits JavaScript and declarations, then files that it does not emit (JavaScript
// with declarations of its own, data read at run time) are copied beside them, and the command is made executable.

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

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

const command = join(to, "cli", "main.js");
if (existsSync(command)) chmodSync(command, 0o755);
process.exitCode = compiled.status ?? 1;
