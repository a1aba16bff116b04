// A small build of the studio for tests, beside files that no request may reach.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What no answer may hold. */
export const secret = "nobody outside may read this";

export const page = "<!doctype html><title>studio</title>\n";
export const code = `export const numbers = [${Array.from({ length: 2000 }, (_, i) => i).join(",")}];\n`;

/** The build's files by path, as a request asks for them. */
export const built: Readonly<Record<string, string>> = {
  "/": page,
  "/index.html": page,
  "/assets/index-Ab3dEf_h.js": code,
  "/assets/index-Ab3dEf_h.js.map": "{}",
  "/assets/style-12345678.css": "body{}",
  "/assets/plain.js": "1;",
  "/assets/engine-abcdefgh.wasm": "\0asm",
  "/icon.svg": "<svg/>",
  "/picture.png": "png",
  "/favicon.ico": "ico",
  "/data/claims.json": "[]",
  "/notes.txt": "notes",
  "/unknown.xyz": "?",
  "/a%20b%25.txt": "an odd name",
};

export interface TestBuild {
  /** Holds everything: named files go beside the build. */
  readonly folder: string;
  readonly build: string;
  readonly remove: () => void;
}

/** Writes the build, with links out of it and hidden files in it. */
export function makeBuild(): TestBuild {
  const folder = mkdtempSync(join(tmpdir(), "heddle-studio-"));
  const build = join(folder, "build");
  for (const sub of ["build/assets", "build/data", "build/.vite", "private"]) {
    mkdirSync(join(folder, sub), { recursive: true });
  }
  for (const [path, content] of Object.entries(built)) {
    if (path !== "/") writeFileSync(join(build, decodeURIComponent(path)), content);
  }
  // The build's own session, for other hosts: this server has one that names its files.
  writeFileSync(join(build, "session.json"), `{ "${secret}": true }`);
  writeFileSync(join(folder, "secret.txt"), secret);
  writeFileSync(join(folder, "private", "secret.txt"), secret);
  writeFileSync(join(build, ".hidden"), secret);
  writeFileSync(join(build, ".vite", "manifest.json"), secret);
  symlinkSync(join(folder, "secret.txt"), join(build, "link.txt"));
  symlinkSync(join(folder, "private"), join(build, "linked"));
  symlinkSync("../../secret.txt", join(build, "assets", "link-12345678.js"));
  return { folder, build, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
