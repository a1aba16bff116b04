// The order of the layers under src/, and whether one file may import another. Pure: paths in, a fault or nothing out.

import { posix } from "node:path";

/** From the lowest to the highest; a file imports its own layer and lower ones. */
export const layers = [
  "base",
  "tensor",
  "workload",
  "technology",
  "component",
  "mapping",
  "dataflow",
  "simulate",
  "accelerator",
  "workbench",
  "interop",
  "report",
  "cli",
] as const;

export type Layer = (typeof layers)[number];

/** Test files, and what lies in a folder `test` or in the benches. */
export const isTest = (path: string): boolean => /\.(?:test|bench)\.[cm]?tsx?$|(?:^|\/)test\/|^bench\//.test(path);

/** The layer of a path relative to the repository root, or undefined outside the layers (`src/index.ts`, `studio/` ...). */
export function layerOf(path: string): Layer | undefined {
  const [top, folder, rest] = path.split("/");
  return top === "src" && rest !== undefined ? layers.find((layer) => layer === folder) : undefined;
}

/**
 * Why `file` (relative to the repository root, with forward slashes) may not import `specifier`, or undefined where it may.
 * Only relative specifiers and the package's own name are judged; packages and `node:` modules are none of the layers'.
 */
export function importFault(file: string, specifier: string): string | undefined {
  const inSource = file.startsWith("src/");
  if (inSource && (specifier === "heddle" || specifier.startsWith("heddle/"))) {
    return `"${specifier}" is this package itself: import the file by its relative path`;
  }
  if (!specifier.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(file), specifier);
  if (isTest(target) && !isTest(file) && !file.startsWith("scripts/")) {
    return `${target} is a test file, which only tests and scripts may import`;
  }
  if (file.startsWith("studio/")) {
    return layerOf(target) === "cli" ? "the studio imports any layer of src/ except cli" : undefined;
  }
  if (!inSource) return undefined;
  if (isTest(file) && isTest(target)) return undefined;
  if (!target.startsWith("src/")) return `${target} lies outside src/, which imports only itself`;

  const from = layerOf(file);
  const to = layerOf(target);
  const depth = target.split("/").length;
  if (to === undefined && depth > 2) return `${target} is in no layer; the layers are ${layers.join(" < ")}`;
  if (from === undefined) {
    if (file.split("/").length > 2) return `${file} is in no layer; the layers are ${layers.join(" < ")}`;
    return to === "cli" ? "the library's entry does not import the command line" : undefined;
  }
  if (to === undefined) return `${target} gathers all layers, so no layer imports it`;
  if (layers.indexOf(to) > layers.indexOf(from)) {
    return `${from} may not import ${to}: imports point downwards in ${layers.join(" < ")}`;
  }
  if (from === "cli" && to !== "cli" && posix.basename(target).startsWith("index.")) {
    return `${target} is a barrel that loads its whole layer; the command line starts fast, so import the file itself`;
  }
  return undefined;
}
