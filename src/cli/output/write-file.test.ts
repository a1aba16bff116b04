// Output files: all or nothing.

import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkTargets, stageFiles } from "./write-file.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-write-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("files appear when they are committed, not before", () => {
  writeFileSync(at("a"), "old", { mode: 0o640 });
  const staged = stageFiles([
    { path: at("a"), content: "new" },
    { path: at("b"), content: Uint8Array.of(1, 2) },
  ]);
  expect(readFileSync(at("a"), "utf8")).toBe("old");
  expect(existsSync(at("b"))).toBe(false);
  staged.commit();
  expect(readFileSync(at("a"), "utf8")).toBe("new");
  expect(statSync(at("a")).mode & 0o777).toBe(0o640);
  expect([...readFileSync(at("b"))]).toEqual([1, 2]);
  expect(readdirSync(folder).toSorted()).toEqual(["a", "b"]);
});

test("nothing stays of files that are discarded", () => {
  stageFiles([{ path: at("a"), content: "x" }]).discard();
  expect(readdirSync(folder)).toEqual([]);
});

test("one that cannot be written takes the others with it", () => {
  const files = [
    { path: at("a"), content: "x" },
    { path: at("none/b"), content: "x" },
  ];
  expect(() => stageFiles(files)).toThrow(/none\/b: cannot be written: no such file or folder/);
  expect(readdirSync(folder)).toEqual([]);
});

test("a folder that takes a file's place in between is one error, and no temporary file stays", () => {
  const staged = stageFiles([{ path: at("a"), content: "x" }]);
  mkdirSync(at("a"));
  writeFileSync(at("a/full"), "");
  expect(() => {
    staged.commit();
  }).toThrow(/a: cannot be written/);
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("a symbolic link stays, the file behind it is replaced", () => {
  writeFileSync(at("real"), "old");
  symlinkSync("real", at("link"));
  stageFiles([{ path: at("link"), content: "new" }]).commit();
  expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("real"), "utf8")).toBe("new");
});

test.skipIf(!existsSync("/dev/null"))("a device (skipped without /dev/null) is written, never replaced", () => {
  stageFiles([{ path: "/dev/null", content: "x" }]).commit();
  expect(statSync("/dev/null").isFile()).toBe(false);
});

test("targets are checked beforehand", () => {
  expect(() => {
    checkTargets([at("a"), at("a")]);
  }).toThrow(/two results/);
  expect(() => {
    checkTargets([folder]);
  }).toThrow(/it is a folder/);
  expect(() => {
    checkTargets([at("none/a")]);
  }).toThrow(/no such file or folder/);
  writeFileSync(at("file"), "");
  expect(() => {
    checkTargets([at("file/a")]);
  }).toThrow(/not a folder/);
  expect(() => {
    checkTargets([at("a"), at("b")]);
  }).not.toThrow();
});

test("a file that the command reads is never its target, by whatever name", () => {
  writeFileSync(at("model"), "precious");
  symlinkSync(at("model"), at("soft"));
  linkSync(at("model"), at("hard"));
  for (const target of ["model", "soft", "hard"]) {
    expect(() => {
      checkTargets([at("new"), at(target)], ["resnet50", at("model")]);
    }).toThrow(/an input of this command would be overwritten/);
  }
  expect(() => {
    checkTargets([at("new")], ["resnet50", at("model")]);
  }).not.toThrow();
});

test("a write-protected file is not replaced", () => {
  writeFileSync(at("a"), "old", { mode: 0o444 });
  expect(() => {
    checkTargets([at("a")]);
  }).toThrow(/write-protected/);
  expect(() => stageFiles([{ path: at("a"), content: "new" }])).toThrow(/write-protected/);
  expect(readFileSync(at("a"), "utf8")).toBe("old");
});
