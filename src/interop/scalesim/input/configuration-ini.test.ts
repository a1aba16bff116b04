// The syntax of SCALE-Sim's configurations, that of Python's configparser: every form, every fault with its place, and
// files that are broken or huge.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ARCHITECTURE,
  FULL,
  GENERAL,
  LAYOUT,
  RUN,
  SPARSITY,
  plain,
} from "../../../../test/support/scalesim-configuration.ts";
import { InputError } from "../../../base/error.ts";
import { readScalesimConfiguration, scalesimKeys } from "./configuration.ts";
import type { ScalesimVersion } from "../scalesim.ts";

const read = (text: string, version: ScalesimVersion = "v3") => readScalesimConfiguration(text, { version });
const notesOf = (text: string, version: ScalesimVersion = "v3"): readonly string[] => read(text, version).notes;
const messageOf = (text: string): string => {
  try {
    readScalesimConfiguration(text, { file: "t.cfg", version: "v3" });
    return "no error";
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
};
/** FULL with one piece of it replaced, which must be there. */
const changed = (from: string, to: string): string => {
  expect(FULL).toContain(from);
  return FULL.replace(from, to);
};

describe("syntax", () => {
  test("all keys, without a note", () => {
    expect(read(FULL)).toEqual({ configuration: plain, notes: [] });
  });

  test("case of keys, = and :, spaces, comments, line ends, byte order mark, order of sections, Python's integers", () => {
    const text = [SPARSITY, LAYOUT, ARCHITECTURE, RUN, GENERAL].join("# a comment = 1\n  ; another\n");
    const written = text
      .replace("ArrayHeight: 16", "ARRAYHEIGHT=+1_6")
      .replace("ArrayWidth: 8", "arraywidth   =    008   ")
      .replaceAll("IfmapSramSzkB: 1", "IfmapSramSzkB\t:\t1\t");
    for (const end of ["\n", "\r\n", "\r"]) {
      expect(read(`\uFEFF${written.replaceAll("\n", end)}`)).toEqual({ configuration: plain, notes: [] });
    }
  });

  test("an indented line continues the value above it, comments and blank lines between them or not", () => {
    const text = changed("Bandwidth: 7", "Bandwidth: 7,\n  8,\n# no\n\n\t9").replace(
      "ArrayHeight: 16",
      "ArrayHeight:\n 16",
    );
    const { configuration, notes } = read(text);
    expect(configuration).toEqual({ ...plain, bandwidth: [7, 8, 9] });
    expect(notes).toEqual(["architecture_presets.Bandwidth: only the first of 3 is used, as by SCALE-Sim"]);
    // Keys that are all indented alike are keys.
    expect(read(FULL.replace(/^(?=\w)/gm, "   ")).configuration).toEqual(plain);
  });

  test("[DEFAULT] stands in for keys of every section that is there", () => {
    const text = `[DEFAULT]\nArrayHeight: 99\n[DEFAULT]\nDataflow: os\n${changed("Dataflow: ws\n", "").replace(SPARSITY, "")}`;
    expect(read(text).configuration).toMatchObject({ arrayHeight: 16, dataflow: "os" });
    expect(notesOf(text)).toEqual(["no section [sparsity]: sparsity is off"]);
  });

  test.each([
    ["x: 1\n", 't.cfg:1:1: no section yet; found "x: 1"; expected a section such as [general] above it'],
    ["[general\n", 't.cfg:1:1: no section yet; found "[general"; expected a section such as [general] above it'],
    [
      "[general]\n\nrun_name\n",
      't.cfg:3:1: general: neither a section nor a key with a value; found "run_name"; expected [section], key : value or key = value',
    ],
    [
      "[general]\n = x\n",
      't.cfg:2:2: general: a value without a key; found "= x"; expected [section], key : value or key = value',
    ],
    [
      "[general]\nrun_name: a\n[x]\n  [general]\n",
      't.cfg:4:3: general: the section is given twice; found "[general]"; expected it only on line 1',
    ],
    [
      "[general]\nrun_name: a\nRun_Name = b\n",
      't.cfg:3:1: general.Run_Name: the key is given twice; found "Run_Name = b"; expected it only on line 2',
    ],
  ])("%j", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });
});

test("mutations are read or refused with an InputError; every known key is in the file that they start from", () => {
  for (const [section, keys] of Object.entries(scalesimKeys)) {
    if (section === "network_presets") continue;
    expect(FULL).toContain(`[${section}]`);
    for (const key of keys) if (!/Banks|BankPorts|RequestBuffer/.test(key)) expect(FULL).toContain(`\n${key}`);
  }
  const pieces = [
    "",
    "\n",
    "\n ",
    "[",
    "]",
    "[layout]",
    "[DEFAULT]",
    ":",
    "=",
    "#",
    ",",
    "0",
    "-",
    "9".repeat(20),
    "true",
    "..",
    "\0",
    "__proto__: 1",
    "[__proto__]",
    "[constructor]",
  ];
  const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.constantFrom(...pieces));
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.constantFrom("v2", "v3"), (edits, version) => {
      let text = FULL;
      for (const [where, removed, put] of edits) {
        const at = Math.floor(where * text.length);
        text = text.slice(0, at) + put + text.slice(at + removed);
      }
      try {
        read(text, version);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("long lines and many lines take no more than linear time", () => {
  const start = performance.now();
  expect(messageOf(`[general]\nrun_name ${" ".repeat(2e6)}x\n`)).toContain("neither a section nor a key");
  expect(messageOf(`${FULL}${"\n".repeat(1e6)}`)).toBe("no error");
  expect(messageOf(`[general]\nrun_name: a${"\n b".repeat(2e5)}\n`)).toContain("run_name: bad value");
  expect(performance.now() - start).toBeLessThan(10_000);
});
