// Progress: silent for a second, one line on a terminal, few lines elsewhere.

import { expect, test } from "vitest";
import { startProgress } from "./progress.ts";

function record(liveNotes: boolean): { readonly notes: string[]; readonly run: (times: readonly number[]) => void } {
  const notes: string[] = [];
  const run = (times: readonly number[]): void => {
    let time = 0;
    const progress = startProgress({ note: (text) => notes.push(text), liveNotes }, "net on machine", () => time);
    times.forEach((now, index) => {
      time = now;
      progress.step(index + 1, times.length + 1);
    });
    progress.finish();
  };
  return { notes, run };
}

test("work of less than a second shows nothing", () => {
  for (const live of [true, false]) {
    const { notes, run } = record(live);
    run([100, 500, 999]);
    expect(notes).toEqual([]);
  }
});

test("a terminal line is rewritten and cleared", () => {
  const { notes, run } = record(true);
  run([500, 1000, 1100, 1300]);
  expect(notes).toEqual([
    "\r\u001b[2Knet on machine: layer 2 of 5, 1 s",
    "\r\u001b[2Knet on machine: layer 4 of 5, 1 s",
    "\r\u001b[2K",
  ]);
});

test("elsewhere there is a whole line every ten seconds", () => {
  const { notes, run } = record(false);
  run([900, 1200, 5000, 11_200, 12_000, 21_300]);
  expect(notes).toEqual([
    "net on machine: layer 2 of 7, 1 s\n",
    "net on machine: layer 4 of 7, 11 s\n",
    "net on machine: layer 6 of 7, 21 s\n",
  ]);
});

test("parts of a layer that takes long are named", () => {
  const notes: string[] = [];
  let time = 0;
  const progress = startProgress({ note: (text) => notes.push(text), liveNotes: true }, "net on machine", () => time);
  const part = { name: "inner-m", share: 0.129 };
  progress.parts([part]);
  time = 1500;
  progress.parts([]);
  progress.parts([part, { name: "outer-n", share: 0.5 }]);
  progress.step(1, 3);
  time = 2000;
  progress.parts([part]);
  expect(notes).toEqual([
    "\r\u001b[2Knet on machine: inner-m 12 %, outer-n 50 %, 2 s",
    "\r\u001b[2Knet on machine: layer 1 of 3, inner-m 12 %, 2 s",
  ]);
});

test("searches are told with their mappings, parts, moves and best figure; of many the first ones", () => {
  const notes: string[] = [];
  let time = 0;
  const progress = startProgress({ note: (text) => notes.push(text), liveNotes: true }, "net on machine", () => time);
  const search = { layer: "conv1", mapping: "search", parts: 0, of: 16, moves: 9120 };
  progress.searches([search], "cycles");
  for (const [objective, best] of [
    ["cycles", 123456],
    ["seconds", 1.5e-4],
    ["energy", 2e-6],
    ["edp", 3e-10],
  ] as const) {
    time += 2000;
    progress.searches([], objective);
    progress.searches([{ ...search, parts: 3, best }], objective);
  }
  time += 2000;
  const other = (layer: string) => ({ ...search, layer });
  progress.searches([search, other("a\u001b[2Jb"), other("conv3"), other("conv4")], "cycles");
  expect(notes.map((note) => note.replace("\r\u001b[2Knet on machine: ", ""))).toEqual([
    "conv1, search: 3 of 16 parts, 9,120 moves, best 123,456 cycles, 2 s",
    "conv1, search: 3 of 16 parts, 9,120 moves, best 150 µs, 4 s",
    "conv1, search: 3 of 16 parts, 9,120 moves, best 2.00 µJ, 6 s",
    "conv1, search: 3 of 16 parts, 9,120 moves, best 300 pJ s, 8 s",
    "conv1, search: 0 of 16 parts, a\ufffd[2Jb, search: 0 of 16 parts, 2 more, 10 s",
  ]);
});
