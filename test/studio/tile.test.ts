// The tile view without a browser: where things lie, what is counted, and that ready films are links that the page reads.

import fc from "fast-check";
import { expect, test } from "vitest";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { activities } from "../../src/simulate/replay/replay.ts";
import { parseDensity } from "../../src/workbench/request/density.ts";
import { configure } from "../../src/workbench/request/settings.ts";
import { parseWorkloadSpecification } from "../../src/workload/specification.ts";
import { fragmentOf, stateOf } from "../../studio/shell/location.ts";
import { activityOrder, looks } from "../../studio/tile/activities.ts";
import { exampleState, examples } from "../../studio/tile/examples.ts";
import { sceneOf, shortNumber } from "../../studio/tile/scene.ts";
import { activityRows, historyOf, latest, sharesOf, totalsOf } from "../../studio/tile/shares.ts";
import { anyReplay, waveReplay } from "./replay-fixtures.ts";

test("everything of a scene lies in its picture, and a way ends on the edges of its boxes", () => {
  fc.assert(
    fc.property(anyReplay, (replay) => {
      const { boxes, ways, width, height, slotStart } = sceneOf(replay);
      expect(slotStart.at(-1)).toBe(replay.parts.reduce((sum, { slots }) => sum + slots.length, 0));
      for (const { x, y, width: w, height: h, lines } of boxes) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(x + w).toBeLessThanOrEqual(width);
        expect(y + h).toBeLessThanOrEqual(height);
        for (const line of lines) {
          expect(line.size).toBeGreaterThanOrEqual(0);
          expect(line.y).toBeLessThanOrEqual(h);
        }
      }
      replay.links.forEach(({ from, to }, index) => {
        const way = ways[index];
        const [a, b] = [boxes[from], boxes[to]];
        if (way === undefined || a === undefined || b === undefined) throw new Error("a way and its boxes");
        if (from === to) return;
        for (const [box, x, y] of [
          [a, way.x1, way.y1],
          [b, way.x2, way.y2],
        ] as const) {
          const outside = Math.max(box.x - x, x - box.x - box.width, box.y - y, y - box.y - box.height);
          expect(outside).toBeCloseTo(0, 6);
        }
      });
    }),
  );
});

test("every slot is written in exactly one line, a coordinate in the line of its value", () => {
  const replay = waveReplay(3, 4);
  const [first, ...others] = replay.parts;
  if (first === undefined) throw new Error("a film has parts");
  const slots = [
    { name: "k", role: "coordinate" },
    { name: "word", operand: "B" },
    { name: "held", role: "count" },
  ] as const;
  const { boxes } = sceneOf({ ...replay, parts: [{ ...first, slots }, ...others] });
  expect(boxes[0]?.lines.map(({ slot, coordinate }) => [slot, coordinate])).toEqual([
    [1, 0],
    [2, undefined],
  ]);
});

test("shares count each working part once in each cycle", () => {
  fc.assert(
    fc.property(anyReplay, (replay) => {
      const shares = sharesOf(replay);
      for (let cycle = 0; cycle < replay.cycles; cycle++) {
        const column = shares.counts.subarray(cycle * activities.length, (cycle + 1) * activities.length);
        expect(column.reduce((sum, count) => sum + count, 0)).toBe(shares.parts);
      }
      expect(totalsOf(shares).reduce((sum, total) => sum + total, 0)).toBe(shares.parts * replay.cycles);
    }),
  );
});

test("the wave's useful work is the products of non-zeros, by their definition", () => {
  const [size, vectors] = [4, 5];
  const replay = waveReplay(size, vectors);
  let products = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      for (let vector = 0; vector < vectors; vector++) {
        if (((row * 3 + column * 5) % 4) - 1 !== 0 && (vector * 7 + row * 2) % 5 !== 0) products++;
      }
    }
  }
  expect(totalsOf(sharesOf(replay))[activities.indexOf("useful")]).toBe(products);
});

test("a part's history is its row of the activity table, without gaps", () => {
  fc.assert(
    fc.property(anyReplay, fc.nat(), (replay, pick) => {
      const part = pick % replay.parts.length;
      const runs = historyOf(replay, part);
      const spelt = runs.flatMap(({ start, end, activity }) => Array.from({ length: end - start }, () => activity));
      const table = activityRows(replay);
      expect(spelt).toEqual(table.slice(1).map((row) => row[part + 1]));
      expect(table[0]).toEqual(["cycle", ...replay.parts.map(({ name }) => name)]);
      for (const [index, run] of runs.entries()) {
        if (index > 0) expect(run.activity).not.toBe(runs[index - 1]?.activity);
      }
    }),
  );
});

test("the newest caption at a cycle", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30)), fc.nat(35), (times, cycle) => {
      const starts = times.toSorted((a, b) => a - b);
      expect(latest(starts, cycle)).toBe(starts.findLastIndex((start) => start <= cycle));
    }),
  );
});

test("numbers in boxes are short and right to their digits", () => {
  expect([0, 7, -12, 99_999, 100_000, 1_234_567, -2e9, 0.25, NaN, Infinity].map(shortNumber)).toEqual([
    "0",
    "7",
    "−12",
    "99999",
    "100k",
    "1.2M",
    "−2.0G",
    "0.25",
    "",
    "∞",
  ]);
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (value) => {
      expect(shortNumber(value).length).toBeLessThanOrEqual(7);
    }),
  );
});

test("no two activities look alike without their colour", () => {
  expect([...activityOrder].sort()).toEqual([...activities].sort());
  for (const tell of ["mark", "meaning"] as const) {
    expect(new Set(activities.map((each) => looks[each][tell])).size).toBe(activities.length);
  }
  const forms = activities.filter((each) => each !== "idle").map((each) => looks[each].pattern);
  expect(new Set(forms).size).toBe(forms.length);
});

test.each(examples.map((example) => [example.title, example] as const))("the link of %s", (_, example) => {
  const state = exampleState(example);
  const { state: read, problems } = stateOf(fragmentOf(state));
  expect(problems).toEqual([]);
  expect(read).toEqual(state);
  expect(parseWorkloadSpecification(example.workload)).toBeDefined();
  if (example.density !== undefined) expect(parseDensity(example.density)).toBeDefined();
  const accelerator = acceleratorNamed(example.machine.name);
  configure(accelerator, example.machine.set);
  const { machine } = accelerator.configure(example.machine.set);
  if (example.machine.mapping !== undefined) expect(Object.keys(machine.mappings)).toContain(example.machine.mapping);
});
