// The library's entries: every layer with a barrel is a sub-path of the package and a namespace of `heddle`, and what the
// README imports is there.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { layers } from "../../scripts/lint/layers.ts";
import * as heddle from "../../src/index.ts";

const barrels = layers.filter((layer) => existsSync(new URL(`../../src/${layer}/index.ts`, import.meta.url)));

test("every layer with a barrel is a sub-path of the package", () => {
  expect(Object.keys(manifest.exports).toSorted()).toEqual(
    [".", "./package.json", ...barrels.map((layer) => `./${layer}`)].toSorted(),
  );
});

test("every layer with a barrel is a namespace of the main entry", () => {
  expect(Object.keys(heddle)).toEqual(expect.arrayContaining([...barrels]));
});

test("what the README imports from the package is there", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const names = /import \{ ([\w, ]+) \} from "heddle"/.exec(readme)?.[1]?.split(", ") ?? [];
  expect(names).not.toEqual([]);
  expect(Object.keys(heddle)).toEqual(expect.arrayContaining(names));
});
