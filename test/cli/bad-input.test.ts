// Bad input of every kind: one line on standard error that names the thing, exit code 2, nothing on standard output,
// no file left behind.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { heddle } from "./heddle.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-bad-"));
const at = (name: string): string => join(folder, name);

const files: Readonly<Record<string, string | Uint8Array>> = {
  "garbage.csv": "foo,bar\n1,2\n",
  "wrong-cell.csv": "Layer, M, N, K,\nfc, 3, x, 4,\n",
  "binary.csv": Uint8Array.from([0x4c, 0xff, 0xfe, 0x00]),
  "empty.csv": "",
  "noise.onnx": Uint8Array.from({ length: 400 }, (_, i) => (i * 167 + 91) % 256),
  "empty.onnx": "",
  "misspelt.yaml": "accelerator: arrayflex\nparameters:\n  rwos: 64\n",
  "nested.yaml": "accelerator: arrayflex\nparameters:\n  clock:\n    k9: 1GHz\n",
  "list.yaml":
    "accelerators:\n  - accelerator: systolic\n  - accelerator: arrayflex\n    parameters:\n      dephts: 1\n",
  "option.yaml": "accelerator: arrayflex\nrun:\n  objectve: edp\n",
  "zero.yaml": "accelerator: arrayflex\nparameters:\n  bandwidth: 0GB/s\n",
  "unit.yaml": "accelerator: arrayflex\nparameters:\n  clock:\n    k1: 1parsec\n",
  "nan.yaml": "accelerator: arrayflex\nparameters:\n  rows: .nan\n",
  "twice.yaml": "accelerator: arrayflex\nparameters:\n  buffers: { sums: 1MiB }\n  buffers.sums: 2MiB\n",
  "duplicate.yaml": "accelerator: arrayflex\nparameters:\n  rows: 64\n  rows: 65\n",
  "syntax.yaml": "accelerator: arrayflex\nparameters: [\n",
  "name.yaml": "accelerator: arayflex\n",
  "contradiction.yaml": "accelerator: systolic\nparameters:\n  operand: float32\n",
  "bomb.yaml": `a: &a [${"1,".repeat(9)}1]\nb: &b [${"*a,".repeat(9)}*a]\nc: &c [${"*b,".repeat(9)}*b]\nd: [${"*c,".repeat(9)}*c]\n`,
  "tensor.npy": "not a tensor",
  "photo.jpg": "not a photo",
  "wide.mtx": "%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 1\n",
  "vacant.mtx": "%%MatrixMarket matrix coordinate real general\n2 2 0\n",
  "square.mtx": "%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 1\n",
};

beforeAll(() => {
  for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content);
  mkdirSync(at("folder.onnx"));
  symlinkSync(at("nowhere"), at("dangling.csv"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const on = ["--on", "arrayflex"];

/** Command line, and what its one line of error must say. */
const cases: readonly (readonly [readonly string[], RegExp])[] = [
  [["run", "resnet50", "--on", "arrayflx"], /no such accelerator; found "arrayflx".*did you mean "arrayflex"/],
  [["run", "resnet50", "--on", ""], /--on: empty name/],
  [["run", "resnet50"], /--on: no accelerator given/],
  [["run", "resnet5", ...on], /no such workload; found "resnet5".*did you mean "resnet50"/],
  [["run", "banana", ...on], /no such workload; found "banana"; expected a built-in network[^?]*$/],
  [
    ["run", "resnet50", ...on, "--layers", "conv9"],
    /--layers: resnet50 has no such layer; found "conv9".*did you mean "conv1"/,
  ],
  [["run", "resnet50", ...on, "--layers", "0"], /--layers.*found "0".*numbers from 1 to 54/],
  [["run", "resnet50", ...on, "--layers", "50-60"], /--layers.*found "50-60"/],
  [["run", "resnet50", ...on, "--layers", ""], /--layers.*found ""/],
  [["run", "resnet50", ...on, "--mapping", "k8"], /--mapping: no such mapping; found "k8"; expected one of k1, k2, k4/],
  [
    ["run", "resnet50", ...on, "--mapping", "systolic:k1"],
    /--mapping: no machine of this run has this name; found "systolic"/,
  ],
  [
    ["run", "resnet50", ...on, "--set", "rwos=3"],
    /--set: arrayflex has no such parameter; found "rwos".*did you mean "rows"/,
  ],
  [["run", "resnet50", ...on, "--set", "constructor=3"], /--set: arrayflex has no such parameter; found "constructor"/],
  [["run", "resnet50", ...on, "--set", "rows"], /--set: bad setting; found "rows"; expected path=value/],
  [
    ["run", "resnet50", ...on, "--set", "systolic:rows=3"],
    /--set: no machine of this run has this name; found "systolic"/,
  ],
  [["run", "resnet50", ...on, "--set", "rows=0"], /arrayflex\.rows: out of range; found "0"/],
  [["run", "resnet50", ...on, "--set", "rows=2.5"], /arrayflex\.rows: out of range; found "2.5"/],
  [["run", "resnet50", ...on, "--set", "rows=5000"], /arrayflex\.rows: out of range; found "5000"/],
  [["run", "resnet50", ...on, "--set", "clock.k1=NaN"], /arrayflex\.clock\.k1: not a number; found "NaN"/],
  [["run", "resnet50", ...on, "--set", "clock.k1=1GB/s"], /arrayflex\.clock\.k1: unknown unit; found "1GB\/s"/],
  [["run", "resnet50", ...on, "--set", "operand=int7"], /arrayflex\.operand: not a valid choice; found "int7"/],
  [["run", "resnet50", ...on, "--bandwidth", "0"], /arrayflex\.bandwidth: out of range; found "0 B\/s"/],
  [["run", "resnet50", ...on, "--bandwidth=-1GB/s"], /arrayflex\.bandwidth: out of range/],
  [["run", "resnet50", ...on, "--density", "-0.5"], /--density: bad density; found "-0.5"/],
  [["run", "resnet50", ...on, "--density", "2"], /--density: bad density; found "2"/],
  [["run", "resnet50", ...on, "--density", "NaN"], /--density: bad density; found "NaN"/],
  [["run", "resnet50", ...on, "--density", "A=0.5,C=1"], /--density: unknown operand; found "C=1"/],
  [["run", "resnet50", ...on, "--batch", "0"], /--batch: bad value; found "0"/],
  [["run", "resnet50", ...on, "--seed", "1.5"], /--seed: bad value; found "1.5"/],
  [["run", "resnet50", ...on, "--audit", "101"], /--audit: bad value; found "101"/],
  [["run", "resnet50", ...on, "--threads", "0"], /--threads: bad value; found "0"/],
  [["run", "resnet50", ...on, "--objective", "sped"], /--objective: not a valid word; found "sped"/],
  [["run", "resnet50", ...on, "--check", "never"], /--check: not a valid word; found "never"/],
  [["run", "resnet50", ...on, "--json", "--csv"], /--json and --csv are both asked for/],
  [["run", "resnet50", ...on, "--input", at("photo.jpg")], /--input: only an ONNX model/],
  [["run", "gemm:M=0,N=1,K=1", ...on], /gemm\.M: bad number; found "0"/],
  [["run", "gemm:M=4,N=4", ...on], /gemm\.K: missing key/],
  [["run", "gemm:M=1000000000,N=1000000000,K=1000000000", ...on], /gemm.*too many/],
  [["run", "gemm:M=99999999999,N=1,K=1", ...on], /gemm\.M: bad number/],
  [["run", "conv:C=3,H=4,K=8,R=9", ...on], /conv/],
  [["run", "gemm:M=4,N=4,K=4", ...on, "--batch", "2"], /--batch: a shape says its own batch/],
  [["run", at("noise.onnx"), ...on], /noise\.onnx: truncated or not an ONNX model/],
  [["run", at("empty.onnx"), ...on], /empty\.onnx: empty file/],
  [["run", at("missing.onnx"), ...on], /missing\.onnx: .*cannot be read/],
  [["run", at("folder.onnx"), ...on], /folder\.onnx: .*cannot be read/],
  [["run", folder, ...on], /heddle-bad-.*: not a workload/],
  [["run", at("garbage.csv"), ...on], /garbage\.csv:1:\d+: neither a conv nor a gemm topology/],
  [["run", at("wrong-cell.csv"), ...on], /wrong-cell\.csv:2:\d+/],
  [["run", at("binary.csv"), ...on], /binary\.csv: not a text file/],
  [["run", at("empty.csv"), ...on], /empty\.csv: empty topology/],
  [["run", at("missing.csv"), ...on], /missing\.csv: cannot be read: no such file/],
  [["run", at("dangling.csv"), ...on], /dangling\.csv: cannot be read: no such file/],
  [["run", "A.mtx,B.mtx", ...on], /A\.mtx: cannot be read: no such file/],
  [["run", at("wide.mtx"), ...on], /wide\.mtx: a matrix alone .* not square; found "2 x 3"/],
  [
    ["run", `${at("wide.mtx")},${at("wide.mtx")}`, ...on],
    /the inner dimensions differ: .*wide\.mtx has 3 columns, .*wide\.mtx has 2 rows/,
  ],
  [["run", at("vacant.mtx"), ...on], /vacant\.mtx: the matrix holds no entry/],
  [["run", at("tensor.npy"), ...on], /tensor\.npy: not a NumPy \.npy file/],
  [["run", at("square.mtx"), ...on, "--batch", "2"], /--batch: a product of two matrices has no batch/],
  [["run", "flexagon:resnet5", ...on], /no such workload.*did you mean "flexagon:resnet50"/],
  [["run", "flexagon:resnet50", ...on, "--batch", "2"], /batch: the recorded products of flexagon:resnet50/],
  [
    ["run", "resnet50", "--config", at("misspelt.yaml")],
    /misspelt\.yaml:3:3: parameters\.rwos: unknown key.*did you mean "rows"/,
  ],
  [
    ["run", "resnet50", "--config", at("nested.yaml")],
    /nested\.yaml:4:5: parameters\.clock\.k9: unknown key.*expected one of k1, k2, k3, k4/,
  ],
  [
    ["run", "resnet50", "--config", at("list.yaml")],
    /list\.yaml:5:7: accelerators\[1\]\.parameters\.dephts: unknown key.*did you mean "depths"/,
  ],
  [
    ["run", "resnet50", "--config", at("option.yaml")],
    /option\.yaml:3:3: run\.objectve: unknown key.*did you mean "objective"/,
  ],
  [
    ["run", "resnet50", "--config", at("zero.yaml")],
    /zero\.yaml:3:3: parameters\.bandwidth: out of range; found "0 B\/s"/,
  ],
  [["run", "resnet50", "--config", at("unit.yaml")], /unit\.yaml:4:5: parameters\.clock\.k1: .*found "1parsec"/],
  [["run", "resnet50", "--config", at("nan.yaml")], /nan\.yaml:3:3: parameters\.rows: not a valid value; found "NaN"/],
  [
    ["run", "resnet50", "--config", at("twice.yaml")],
    /twice\.yaml:4:3: parameters\.buffers\.sums: buffers\.sums is given twice/,
  ],
  [["run", "resnet50", "--config", at("duplicate.yaml")], /duplicate\.yaml:4:3: not valid YAML/],
  [["run", "resnet50", "--config", at("syntax.yaml")], /syntax\.yaml:3:1: not valid YAML/],
  [
    ["run", "resnet50", "--config", at("name.yaml")],
    /name\.yaml:1:1: accelerator: no such accelerator; found "arayflex"/,
  ],
  [["run", "resnet50", "--config", at("contradiction.yaml")], /contradiction\.yaml:2:1: parameters\.accumulator: /],
  [["run", "resnet50", "--config", at("bomb.yaml")], /bomb\.yaml: not valid YAML/],
  [["run", "resnet50", "--config", at("none.yaml")], /none\.yaml: cannot be read/],
  [
    ["run", "resnet50", ...on, "--html", at("none/report.html")],
    /none\/report\.html: cannot be written: no such file or folder/,
  ],
  [["run", "resnet50", ...on, "--html", folder], /cannot be written: it is a folder/],
  [["run", "resnet50", ...on, "--html", at("x"), "--trace", at("x")], /two results would be written to this file/],
  [["run", "resnet50", ...on, "--html", ""], /empty name of an output file/],
  [["run", "resnet50", "extra", ...on], /Too many arguments/],
  [
    ["run", at("wrong-cell.csv"), ...on, "--csv", "--output", at("wrong-cell.csv")],
    /wrong-cell\.csv: an input of this command would be overwritten/,
  ],
  [
    ["convert", at("tensor.npy"), at("tensor.npy"), "--format", "csr"],
    /tensor\.npy: an input of this command would be overwritten/,
  ],
  [["run", "resnet50", ...on, "--normalise", "unit"], /--normalise: there is no image to prepare/],
  [["run", "resnet50", ...on, "--invert"], /--invert: there is no image to prepare/],
  [
    ["run", "gemm:M=8,N=8,K=8", ...on, "--set", "buffers.sums=1"],
    /arrayflex\.buffers\.sums: one access of a memory is wider than the memory/,
  ],
  [["run"], /missing argument: workload/],
  [["run", "resnet50", "--one", "systolic"], /unknown flag --one, did you mean --on\?/],
  [["compare", "resnet50", "--on", "systolic"], /--on: a comparison needs two machines or more/],
  [["frobnicate"], /no such command; found "frobnicate"; expected one of list, show, run/],
  [["show"], /missing argument: accelerator/],
  [["show", "arrayflx"], /no such accelerator/],
  [["show", "arrayflex", "--set", "rows=-1"], /arrayflex\.rows: out of range/],
  [["list", "acelerators"], /nothing to list under this word; found "acelerators".*did you mean "accelerators"/],
  [["reproduce", "arrayflx"], /no such accelerator/],
  [["completion", "tcsh"], /no completion for this shell; found "tcsh"/],
  [["studio", "--port", "http"], /--port: bad value; found "http"; expected a whole number from 0 to 65535/],
  [["studio", "--port", "-1"], /--port: bad value; found "-1"/],
  [["studio", "--port", "65536"], /--port: bad value; found "65536"/],
  [["studio", "--port", "80.5"], /--port: bad value; found "80.5"/],
  [["studio", "--port"], /--port/],
  [["studio", "--no-opne"], /unknown flag --no-opne/],
  [["studio", "--no-open", at("missing.onnx")], /missing\.onnx: cannot be read: no such file/],
  [["studio", "--no-open", at("noise.onnx"), folder], /heddle-bad-.*: cannot be read: it is a folder/],
  [["studio", "--no-open", at("dangling.csv")], /dangling\.csv: cannot be read: no such file/],
  [["studio", "--no-open", "a\u0000\u001b[31m.onnx"], /cannot be read: /],
  [["studio", "--no-open", ""], /empty name of a file/],
  [["convert", at("missing.npy")], /missing\.npy: cannot be read/],
  [["convert", at("tensor.npy")], /tensor\.npy/],
  [["convert", "resnet50"], /what to convert to is not said/],
  [["convert", "resnet50", at("x.txt")], /unknown ending of the output/],
  [["convert", "resnet50", at("x.csv"), "--format", "csr"], /--format: storage formats are for tensors/],
];

describe("bad input", () => {
  test.each(
    cases.map(
      ([inputs, says]) => [inputs.map((word) => word.replace(`${folder}/`, "")).join(" "), inputs, says] as const,
    ),
  )("%s", async (_name, inputs, says) => {
    const before = readdirSync(folder).toSorted();
    const { code, out, err } = await heddle(...inputs);
    expect(err).toMatch(says);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(err).toMatch(/^error: /);
    expect(readdirSync(folder).toSorted()).toEqual(before);
  });

  test("a layer that does not fit is the same error on any number of threads", async () => {
    const inputs = ["run", "alexnet", ...on, "--set", "buffers.inputs=1024"];
    const [one, three] = await Promise.all([heddle(...inputs), heddle(...inputs, "--threads", "3")]);
    expect(one.err).toMatch(/^error: layer \S+: arrayflex\.buffers\.inputs: too small/);
    expect(three).toEqual(one);
  });

  test("names read from files cannot reach the terminal as escape sequences", async () => {
    writeFileSync(at("escape.yaml"), 'accelerator: "\\e[31mred\\nline"\n');
    const { err } = await heddle("run", "resnet50", "--config", at("escape.yaml"));
    expect(err.trimEnd()).toMatch(/^error: [^\n\u001b]+$/);
    rmSync(at("escape.yaml"));
  });

  test("a fault in the middle of the work leaves no file, and an existing one untouched", async () => {
    writeFileSync(at("kept.html"), "kept");
    const { code } = await heddle(
      "run",
      "gemm:M=8,N=8,K=8",
      ...on,
      "--html",
      at("kept.html"),
      "--trace",
      at("new.json"),
      "--set",
      "buffers.sums=1",
    );
    expect(code).toBe(2);
    expect(readFileSync(at("kept.html"), "utf8")).toBe("kept");
    expect(existsSync(at("new.json"))).toBe(false);
    rmSync(at("kept.html"));
  });
});
