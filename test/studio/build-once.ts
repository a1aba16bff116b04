// Builds the studio for the tests in a browser, once before all of them: dist/studio where it is newer than its sources,
// else a temporary folder that goes afterwards.

import { globSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { absent } from "./chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the studio's build; empty where there is no browser to show it. */
    readonly studioFolder: string;
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = "{src,studio}/**/*.{ts,tsx,js,css,html,json,svg,wasm}";

/** Milliseconds since 1970 of the last change; 0 for a file that is not there. */
const changed = (file: string): number => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Vitest's hook around all tests; returns what removes the build again. */
export async function setup(project: TestProject): Promise<(() => void) | undefined> {
  if (absent !== "") {
    project.provide("studioFolder", "");
    return undefined;
  }
  const built = changed("dist/studio/index.html");
  if (built > 0 && globSync([sources, "docs/claims/*.json"], { cwd: root }).every((file) => changed(file) < built)) {
    project.provide("studioFolder", join(root, "dist/studio"));
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "heddle-studio-build-"));
  const { build } = await import("vite");
  await build({
    configFile: join(root, "studio/vite.config.ts"),
    build: { outDir: folder, emptyOutDir: true },
    logLevel: "error",
  });
  project.provide("studioFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
