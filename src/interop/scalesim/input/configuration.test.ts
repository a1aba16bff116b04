// SCALE-Sim's configurations: what is read from them, what is assumed, and the exact place of every fault.

import { describe, expect, test } from "vitest";
import { ARCHITECTURE, FULL, GENERAL, LAYOUT, RUN, plain } from "../../../../test/support/scalesim-configuration.ts";
import { InputError } from "../../../base/error.ts";
import { readScalesimConfiguration } from "./configuration.ts";
import type { ScalesimConfiguration, ScalesimVersion } from "../scalesim.ts";

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

describe("what is missing", () => {
  const without = (key: string): string =>
    changed(/^.*$/m.exec(FULL.slice(FULL.indexOf(`\n${key}:`) + 1))?.[0] ?? key, "");

  test.each([
    ["ArrayHeight", "an integer from 1 to 65536"],
    ["ArrayWidth", "an integer from 1 to 65536"],
    ["IfmapSramSzkB", "an integer from 1 to 1073741824"],
    ["FilterSramSzkB", "an integer from 1 to 1073741824"],
    ["OfmapSramSzkB", "an integer from 1 to 1073741824"],
    ["Dataflow", "one of os, ws, is"],
    ["Bandwidth", "words per cycle such as 10, which InterfaceBandwidth USER needs"],
  ])("%s has no default", (key, expected) => {
    expect(messageOf(without(key))).toBe(
      `t.cfg:6:1: architecture_presets.${key}: the key is missing; expected ${expected}`,
    );
  });

  test("nor have InterfaceBandwidth, SparseRep and BlockSize where they are needed", () => {
    expect(messageOf(without("InterfaceBandwidth"))).toBe(
      "t.cfg:3:1: run_presets.InterfaceBandwidth: the key is missing; expected one of CALC, USER",
    );
    expect(messageOf(without("SparseRep"))).toBe(
      "t.cfg:26:1: sparsity.SparseRep: the key is missing; expected one of csr, csc, ellpack_block",
    );
    expect(messageOf(without("BlockSize"))).toBe(
      "t.cfg:26:1: sparsity.BlockSize: the key is missing; expected an integer from 2 to 16",
    );
  });

  test("what was probably meant is pointed at", () => {
    expect(messageOf(changed("Dataflow:", "Dataflw:"))).toBe(
      't.cfg:15:1: architecture_presets.Dataflow: the key is missing; found "Dataflw"; expected one of os, ws, is; did you mean "Dataflow"?',
    );
    expect(messageOf(changed("[architecture_presets]", "[Architecture_presets]"))).toBe(
      't.cfg:6:1: architecture_presets.ArrayHeight: there is no section [architecture_presets]; found "Architecture_presets"; expected it with ArrayHeight: an integer from 1 to 65536; did you mean "architecture_presets"?',
    );
    expect(messageOf(GENERAL + RUN)).toBe(
      "t.cfg: architecture_presets.ArrayHeight: there is no section [architecture_presets]; expected it with ArrayHeight: an integer from 1 to 65536",
    );
    expect(messageOf(changed("Dataflow: ws\n", "").replace("run_name", "Dataflow: ws\nrun_name"))).toBe(
      "t.cfg:7:1: architecture_presets.Dataflow: the key is missing: it is in [general]; expected one of os, ws, is",
    );
  });

  test("everything else has a default and one note", () => {
    const expectNote = (text: string, configuration: Partial<ScalesimConfiguration>, ...notes: readonly string[]) =>
      expect(read(text)).toEqual({ configuration: { ...plain, ...configuration }, notes });
    expectNote(
      changed("run_name = run\n", ""),
      { runName: "scale_run" },
      "general.run_name is missing: scale_run, SCALE-Sim's own default",
    );
    expectNote(changed(GENERAL, ""), { runName: "scale_run" }, "no section [general]: run_name is scale_run");
    expectNote(
      without("FilterOffset"),
      { offsets: { ...plain.offsets, filter: 10_000_000 } },
      "architecture_presets.FilterOffset is missing: 10000000, SCALE-Sim's own default",
    );
    expectNote(without("UseRamulatorTrace"), {}, "run_presets.UseRamulatorTrace is missing: off");
    expectNote(
      without("IfmapSRAMBankBandwidth"),
      { layout: { ...plain.layout, ifmap: { ...plain.layout.ifmap, bandwidth: 7 } } },
      "layout.IfmapSRAMBankBandwidth is missing: 7, as Bandwidth, for this is the operand's words per cycle from DRAM",
    );
    expectNote(
      without("FilterSRAMBankNum"),
      { layout: { ...plain.layout, filter: { ...plain.layout.filter, banks: 10 } } },
      "layout.FilterSRAMBankNum is missing: 10, unused without a custom layout",
    );
    expectNote(without("IfmapCustomLayout"), {}, "layout.IfmapCustomLayout is missing: False, the plain order");
    expectNote(
      without("RandomNumberGeneratorSeed"),
      { sparsity: { representation: "csr", mapping: "row-wise", blockSize: 8, seed: 40 } },
      "sparsity.RandomNumberGeneratorSeed is missing: 40, SCALE-Sim's own default",
    );
    const { sparsity: _, ...dense } = plain;
    expect(read(without("SparsitySupport"))).toEqual({
      configuration: dense,
      notes: ["sparsity.SparsitySupport is missing: off"],
    });
  });

  test("a file for v2: one note for each section that it lacks", () => {
    const text = GENERAL + RUN.replace("UseRamulatorTrace: False\n", "") + ARCHITECTURE;
    const banks = { customLayout: false, bandwidth: 7, banks: 10, ports: 2 };
    const { sparsity: _, ...dense } = plain;
    const configuration = { ...dense, layout: { ifmap: banks, filter: banks } };
    expect(read(text)).toEqual({
      configuration,
      notes: [
        "no section [layout]: no custom layouts, and 7 words per cycle of Bandwidth for ifmap and filter",
        "no section [sparsity]: sparsity is off",
        "run_presets.UseRamulatorTrace is missing: off",
      ],
    });
    expect(read(text, "v2")).toEqual({ configuration, notes: [] });
    expect(read(FULL, "v2")).toEqual({
      configuration,
      notes: ["ignored, for v2 does not know them: [layout], [sparsity], UseRamulatorTrace"],
    });
  });

  test("CALC needs no bandwidth", () => {
    const text = changed("USER", "CALC").replace("Bandwidth: 7\n", "").replace(LAYOUT, "");
    expect(read(text).configuration).toMatchObject({ bandwidth: [], layout: { ifmap: { bandwidth: 10 } } });
    expect(read(text, "v2").configuration).toMatchObject({ bandwidth: [], layout: { ifmap: { bandwidth: 10 } } });
  });
});

describe("values", () => {
  const architecture = "architecture_presets";
  test.each([
    [
      "ArrayHeight: 16",
      "ArrayHeight: 0",
      `7:14: ${architecture}.ArrayHeight: bad value; found "0"; expected an integer from 1 to 65536`,
    ],
    [
      "ArrayHeight: 16",
      "ArrayHeight:",
      `7:13: ${architecture}.ArrayHeight: no value; found ""; expected an integer from 1 to 65536`,
    ],
    [
      "ArrayHeight: 16",
      "ArrayHeight: 16 # rows",
      `7:14: ${architecture}.ArrayHeight: bad value; found "16 # rows"; expected an integer from 1 to 65536; a comment needs its own line`,
    ],
    [
      "ArrayWidth: 8",
      "ArrayWidth =  65537",
      `8:15: ${architecture}.ArrayWidth: bad value; found "65537"; expected an integer from 1 to 65536`,
    ],
    [
      "IfmapSramSzkB: 1",
      "IfmapSramSzkB: 1.5",
      `9:16: ${architecture}.IfmapSramSzkB: bad value; found "1.5"; expected an integer from 1 to 1073741824`,
    ],
    [
      "IfmapOffset: 4",
      "IfmapOffset: -1",
      `12:14: ${architecture}.IfmapOffset: bad value; found "-1"; expected an integer from 0 to 1125899906842624`,
    ],
    [
      "Dataflow: ws",
      "Dataflow: wss",
      `15:11: ${architecture}.Dataflow: bad value; found "wss"; expected one of os, ws, is; did you mean "ws"?`,
    ],
    [
      "Dataflow: ws",
      "Dataflow: OS",
      `15:11: ${architecture}.Dataflow: bad value; found "OS"; expected one of os, ws, is; did you mean "os"?`,
    ],
    [
      "Bandwidth: 7",
      "Bandwidth: 7, x",
      `16:15: ${architecture}.Bandwidth: bad value; found "x"; expected integers from 1 to 1073741824`,
    ],
    [
      "Bandwidth: 7",
      "Bandwidth: 7,\n  8,\n    0",
      `18:5: ${architecture}.Bandwidth: bad value; found "0"; expected integers from 1 to 1073741824`,
    ],
    [
      "InterfaceBandwidth: USER",
      "InterfaceBandwidth: calc",
      '4:21: run_presets.InterfaceBandwidth: bad value; found "calc"; expected one of CALC, USER; did you mean "CALC"?',
    ],
    [
      "IfmapCustomLayout: False",
      "IfmapCustomLayout: maybe",
      '18:20: layout.IfmapCustomLayout: bad value; found "maybe"; expected 1, yes, true or on, or 0, no, false or off',
    ],
    [
      "IfmapSRAMBankPort: 1",
      "IfmapSRAMBankPort: 0",
      '21:20: layout.IfmapSRAMBankPort: bad value; found "0"; expected an integer from 1 to 1048576',
    ],
    [
      "IfmapCustomLayout: False",
      "IfmapCustomLayout: on",
      '20:19: layout.IfmapSRAMBankNum: the banks do not share a line evenly; found "5"; expected a divisor of IfmapSRAMBankBandwidth (12)',
    ],
    [
      "FilterCustomLayout: False\nFilterSRAMBankBandwidth: 20\nFilterSRAMBankNum: 3",
      "FilterCustomLayout: 1\nFilterSRAMBankBandwidth: 20",
      "17:1: layout.FilterSRAMBankNum: the key is missing; expected an integer from 1 to 1048576",
    ],
    [
      "SparseRep: csr",
      "SparseRep: CSR",
      '28:12: sparsity.SparseRep: bad value; found "CSR"; expected one of csr, csc, ellpack_block; did you mean "csr"?',
    ],
    [
      "SparseRep: csr",
      "SparseRep: ellpack",
      '28:12: sparsity.SparseRep: bad value; found "ellpack"; expected one of csr, csc, ellpack_block',
    ],
    [
      "ArrayWidth: 8",
      "  ArrayWidth: 8",
      `7:14: ${architecture}.ArrayHeight: bad value; found "16\\nArrayWidth: 8"; expected an integer from 1 to 65536; an indented line continues the value above it`,
    ],
    [
      "BlockSize: 8",
      "BlockSize: 18",
      '30:12: sparsity.BlockSize: bad value; found "18"; expected an integer from 2 to 16',
    ],
    [
      "BlockSize: 8",
      "BlockSize: 7",
      '30:12: sparsity.BlockSize: SCALE-Sim fails with this block size; found "7"; expected an even divisor of twice the ArrayHeight (32)',
    ],
    [
      "BlockSize: 8",
      "BlockSize: 12",
      '30:12: sparsity.BlockSize: SCALE-Sim fails with this block size; found "12"; expected an even divisor of twice the ArrayHeight (32)',
    ],
    [
      "RandomNumberGeneratorSeed: 3",
      "RandomNumberGeneratorSeed: 4294967296",
      '31:28: sparsity.RandomNumberGeneratorSeed: bad value; found "4294967296"; expected an integer from 0 to 4294967295',
    ],
    [
      "Dataflow: ws",
      "Dataflow: os",
      '29:19: sparsity.OptimizedMapping: row-wise sparsity works with dataflow ws only; found "true"; expected false with dataflow os',
    ],
  ])("%s as %s", (from, to, message) => {
    expect(messageOf(changed(from, to))).toBe(`t.cfg:${message}`);
  });

  test.each(["a/b", "a\\b", ".", "..", "a\tb", "a\n b", "", "x".repeat(201)])("run_name %j is no folder", (name) => {
    expect(messageOf(changed("run_name = run", `run_name = ${name}`))).toMatch(
      /^t\.cfg:2:1[12]?: general\.run_name: (?:bad|no) value; found .*; expected a folder's name: no \/ or \\, no control/,
    );
  });

  test("names of folders may hold spaces, % and what is not ASCII", () => {
    expect(read(changed("run_name = run", "run_name = 50%% (é) %(x)s ...")).configuration.runName).toBe(
      "50%% (é) %(x)s ...",
    );
  });

  test("booleans are Python's", () => {
    for (const [word, value] of Object.entries({
      1: true,
      Yes: true,
      TRUE: true,
      on: true,
      0: false,
      no: false,
      False: false,
      OFF: false,
    })) {
      const text = changed("FilterCustomLayout: False", `FilterCustomLayout: ${word}`).replace(
        "FilterSRAMBankNum: 3",
        "FilterSRAMBankNum: 4",
      );
      expect(read(text).configuration.layout.filter.customLayout).toBe(value);
    }
  });

  test("switches take one word for on, any other for off, and a note says which was no switch", () => {
    const support = (word: string) => read(changed("SparsitySupport: true", `SparsitySupport: ${word}`));
    expect(support("TRUE").configuration.sparsity).toBeDefined();
    expect(support("False")).toMatchObject({ notes: [] });
    expect(support("yes").configuration.sparsity).toBeUndefined();
    expect(support("yes").notes).toEqual([
      'sparsity.SparsitySupport: "yes" means off, for SCALE-Sim takes only true as on',
    ]);
    expect(read(changed("OptimizedMapping: true", "OptimizedMapping: 1")).configuration.sparsity?.mapping).toBe(
      "layer-wise",
    );
    const ramulator = (word: string) => read(changed("UseRamulatorTrace: False", `UseRamulatorTrace: ${word}`));
    expect(ramulator("True")).toMatchObject({ configuration: { ramulator: true }, notes: [] });
    expect(ramulator("false")).toMatchObject({ configuration: { ramulator: false }, notes: [] });
    expect(ramulator("true")).toMatchObject({
      configuration: { ramulator: false },
      notes: ['run_presets.UseRamulatorTrace: "true" means off, for SCALE-Sim takes only True as on'],
    });
  });

  test("layer-wise sparsity works with every dataflow and any block size", () => {
    const text = changed("OptimizedMapping: true", "OptimizedMapping: false").replace("BlockSize: 8", "BlockSize: 7");
    for (const dataflow of ["os", "ws", "is"]) {
      const { configuration, notes } = read(text.replace("Dataflow: ws", `Dataflow: ${dataflow}`));
      expect(configuration.sparsity).toMatchObject({ representation: "csr", mapping: "layer-wise" });
      expect(notes).toEqual([]);
    }
  });

  test("with sparsity off the rest of its section is not looked at", () => {
    expect(
      notesOf(changed("SparsitySupport: true", "SparsitySupport: false").replace("BlockSize: 8", "BlockSize: x")),
    ).toEqual([]);
  });
});

describe("what is ignored", () => {
  test("keys that SCALE-Sim never reads pass in silence, others with what may have been meant", () => {
    const more =
      "MemoryBanks: 1\nOnChipMemoryBanks: x\nOnChipMemoryBankPorts: 2\nReadRequestBuffer: 32\nwriterequestbuffer: 32\n";
    expect(notesOf(changed("Bandwidth: 7\n", `Bandwidth: 7\n${more}`))).toEqual([]);
    const strange = "IfmapOfset: 1\nrun_name: x\ncolour: red\n";
    expect(notesOf(`${changed("Bandwidth: 7\n", `Bandwidth: 7\n${strange}`)}[Layuot]\nx: 1\n[energy]\n`)).toEqual([
      "unknown key architecture_presets.IfmapOfset (line 17) is ignored; did you mean IfmapOffset?",
      "unknown key architecture_presets.run_name (line 18) is ignored; it belongs to [general]",
      "unknown key architecture_presets.colour (line 19) is ignored",
      "unknown section [Layuot] (line 35) is ignored; did you mean layout?",
      "unknown section [energy] (line 37) is ignored",
    ]);
  });

  test("[network_presets], on which SCALE-Sim fails", () => {
    const notes = ["section [network_presets] is ignored: SCALE-Sim fails on it; the topology is given by -t"];
    expect(read(`${FULL}[network_presets]\nTopologyCsvLoc: "x.csv"\n`)).toEqual({ configuration: plain, notes });
  });
});
