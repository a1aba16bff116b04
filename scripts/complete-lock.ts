// Completes package-lock.json after `npm install`: npm leaves out the packages for other platforms that the registry at
// hand does not serve, and then `npm ci` refuses the lock everywhere. Their versions are pinned by the packages that
// ask for them, so an entry with version and platform, without a checksum, is enough. Usage: npm run lock

import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

import { z } from "zod";

const Entry = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const Table = z.record(z.string(), z.unknown());

/** Words in the names of platform packages, and what npm's `os`, `cpu` and `libc` fields call them. */
const systems: Readonly<Record<string, string>> = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  fsevents: "darwin",
  linux: "linux",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win32: "win32",
  windows: "win32",
};
const processors: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  arm: "arm",
  arm64: "arm64",
  armv7: "arm",
  ia32: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  wasm32: "wasm32",
  x64: "x64",
};
const libraries: Readonly<Record<string, string>> = { gnu: "glibc", musl: "musl" };

/** The `os`, `cpu` and `libc` fields that a platform package's name stands for; throws where it stands for none. */
export function platformOf(name: string): {
  readonly os?: string[];
  readonly cpu?: string[];
  readonly libc?: string[];
} {
  const words = name.split(/[^a-z0-9]+/);
  const named = (known: Readonly<Record<string, string>>): string[] =>
    words.flatMap((word) => (Object.hasOwn(known, word) ? [known[word] ?? word] : []));
  const [os, cpu] = [named(systems), named(processors)];
  const libc = os.includes("linux") ? named(libraries) : [];
  if (os.length === 0 && cpu.length === 0) {
    throw new Error(`optional package ${name} is not in the lock, and its name says no platform: npm install it again`);
  }
  return { ...(os.length > 0 && { os }), ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }) };
}

/** The lock text with an entry for every optional package that is asked for, and the names that were added. */
export function completeLock(text: string): { readonly text: string; readonly added: readonly string[] } {
  const lock = Table.parse(JSON.parse(text));
  const packages = Table.parse(lock["packages"]);
  const added: string[] = [];
  for (const [path, fields] of Object.entries(packages)) {
    const entry = Entry.parse(fields);
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolves(path, name, packages)) continue;
      const version = /\d+\.\d+\.\d+[\w.-]*/.exec(range)?.[0];
      if (version === undefined) throw new Error(`${path} asks for ${name} ${range}, which names no version`);
      const dev = path !== "" && entry.dev === true;
      const platform = platformOf(name);
      packages[`node_modules/${name}`] = { version, ...platform, ...(dev && { dev }), optional: true };
      added.push(name);
    }
  }
  const names = Object.keys(packages).toSorted((a, b) => a.localeCompare(b, "en"));
  lock["packages"] = Object.fromEntries(names.map((name) => [name, packages[name]]));
  return { text: `${JSON.stringify(lock, null, 2)}\n`, added };
}

/** As Node looks a package up: in node_modules of the folder that asks, then of each folder above. */
function resolves(from: string, name: string, packages: Readonly<Record<string, unknown>>): boolean {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    const base = folder === "" || folder === "." ? "" : `${folder}/`;
    if (Object.hasOwn(packages, `${base}node_modules/${name}`)) return true;
    if (base === "") return false;
  }
}

if (import.meta.main) {
  const file = new URL("../package-lock.json", import.meta.url);
  const { text, added } = completeLock(readFileSync(file, "utf8"));
  writeFileSync(file, text);
  console.log(`package-lock.json: ${added.length} packages of other platforms added`);
}
