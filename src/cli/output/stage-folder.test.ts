// A folder of results: all or nothing, beside what is there already.

import {
  existsSync,
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
import { checkFolder, stageFolder } from "./stage-folder.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), "utf8");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-stage-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("a new folder appears with everything in it, and the folders above it", () => {
  const staged = stageFolder(at("results/run"));
  staged.write("report", "new");
  mkdirSync(join(staged.path, "layer0"));
  writeFileSync(join(staged.path, "layer0", "trace"), "1,2\n");
  expect(existsSync(at("results/run"))).toBe(false);
  staged.commit();
  expect(readdirSync(at("results"))).toEqual(["run"]);
  expect(text("results/run/report")).toBe("new");
  expect(text("results/run/layer0/trace")).toBe("1,2\n");
});

test("an old folder keeps its other files; those of the same names are replaced, with their protection", () => {
  mkdirSync(at("run/layer0"), { recursive: true });
  writeFileSync(at("run/report"), "old", { mode: 0o640 });
  writeFileSync(at("run/notes"), "mine");
  writeFileSync(at("run/layer0/other"), "mine");
  const staged = stageFolder(at("run"));
  staged.write("report", "new");
  for (const layer of ["layer0", "layer1"]) {
    mkdirSync(join(staged.path, layer));
    writeFileSync(join(staged.path, layer, "trace"), layer);
  }
  expect(text("run/report")).toBe("old");
  staged.commit();
  expect(readdirSync(folder)).toEqual(["run"]);
  expect(readdirSync(at("run")).toSorted()).toEqual(["layer0", "layer1", "notes", "report"]);
  expect(readdirSync(at("run/layer0")).toSorted()).toEqual(["other", "trace"]);
  expect([text("run/report"), text("run/notes"), text("run/layer1/trace")]).toEqual(["new", "mine", "layer1"]);
  expect(statSync(at("run/report")).mode & 0o777).toBe(0o640);
});

test("through a link to a folder, the folder gets the files", () => {
  mkdirSync(at("far/real"), { recursive: true });
  symlinkSync(at("far/real"), at("run"));
  const staged = stageFolder(at("run"));
  staged.write("report", "new");
  staged.commit();
  expect(text("far/real/report")).toBe("new");
  expect(readdirSync(at("far"))).toEqual(["real"]);
});

test("nothing stays of what is discarded, nor of the folders made for it", () => {
  mkdirSync(at("kept"));
  const staged = stageFolder(at("kept/a/b/run"));
  staged.write("report", "new");
  staged.discard();
  expect(readdirSync(at("kept"))).toEqual([]);
  staged.discard();
  expect(readdirSync(folder)).toEqual(["kept"]);
});

test("folders made for it stay where somebody else has put something meanwhile", () => {
  const staged = stageFolder(at("a/b/run"));
  writeFileSync(at("a/other"), "");
  staged.discard();
  expect(readdirSync(at("a"))).toEqual(["other"]);
});

test("a file that cannot be written names its final place", () => {
  const staged = stageFolder(at("run"));
  expect(() => staged.write("none/report", "")).toThrow(/run\/none\/report: cannot be written: no such file or folder/);
  staged.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test("a file in the place of a folder, and an input in the place of a result, are found before any work", () => {
  writeFileSync(at("file"), "");
  mkdirSync(at("run/layer1"), { recursive: true });
  writeFileSync(at("run/layer0"), "");
  writeFileSync(at("run/report"), "an input");
  mkdirSync(at("run/layer1/trace"));
  const place = (name: string): RegExp => new RegExp(`/${name}: cannot be written: it is a file, not a folder`);
  expect(() => checkFolder(at("file"), [], [])).toThrow(place("file"));
  expect(() => checkFolder(at("file/a/run"), [], [])).toThrow(place("file"));
  expect(() => checkFolder(at("run"), ["layer0/trace"], [])).toThrow(place("run/layer0"));
  expect(() => checkFolder(at("run"), ["layer1/trace"], [])).toThrow(/layer1\/trace: .*it is a folder, not a file/);
  expect(() => checkFolder(at("run"), ["report"], [at("run/report")])).toThrow(/an input of this command would be/);
  checkFolder(at("run"), ["report", "layer1/other", "layer2/trace"], [at("file")]);
  checkFolder(at("new/run"), ["report", "layer0/trace"], [at("file")]);
  expect(existsSync(at("new"))).toBe(false);
});
