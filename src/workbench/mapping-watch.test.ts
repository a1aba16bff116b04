// Progress inside a layer: what has begun and not ended is reported a few times a second, with timers and without.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import { sparseLayer } from "../workload/sparse-layer.ts";
import type { MappingShare } from "./mapping-watch.ts";
import { watchMappings } from "./mapping-watch.ts";
import type { Task } from "./task.ts";
import { taskPerformer } from "./task.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("mappings under way are reported while timers are served", () => {
  const reports: (readonly MappingShare[])[] = [];
  const watch = watchMappings((shares) => reports.push(shares));
  const one = watch.begin("layer", "inner-m");
  const two = watch.begin("layer", "outer-m");
  one.share[0] = 0.25;
  vi.advanceTimersByTime(200);
  two.share[0] = 0.5;
  vi.advanceTimersByTime(200);
  one.end();
  vi.advanceTimersByTime(200);
  watch.close();
  vi.advanceTimersByTime(1000);
  const inner = { layer: "layer", mapping: "inner-m", share: 0.25 };
  const outer = { layer: "layer", mapping: "outer-m", share: 0.5 };
  expect(reports).toEqual([[inner], [inner, outer], [outer]]);
});

test("ticks report where no timer is served, but not at every tick", () => {
  const reports: (readonly MappingShare[])[] = [];
  const watch = watchMappings((shares) => reports.push(shares));
  watch.begin("layer", "inner-m").share[0] = 0.25;
  for (let tick = 0; tick < 1000; tick++) watch.tick();
  expect(reports).toHaveLength(0);
  vi.setSystemTime(Date.now() + 300);
  for (let tick = 0; tick < 1000; tick++) watch.tick();
  expect(reports).toHaveLength(1);
  watch.close();
});

test("the timing of a mapping writes a share that grows up to 1, under every mapping", async () => {
  const layer = sparseLayer("layer", randomSparse(40, 90, 2000, 1), randomSparse(90, 30, 1500, 2));
  const choice = { objective: "cycles", check: "off", auditPercent: 0, seed: 1 } as const;
  for (const dataflow of ["inner", "outer", "gustavson"]) {
    for (const rests of ["m", "n"]) {
      const share = new Float64Array(1);
      const seen: number[] = [];
      const perform = taskPerformer(() => seen.push(share[0] ?? NaN));
      const step = { kind: "mapping", mapping: `${dataflow}-${rests}`, share } as const;
      const task: Task = { accelerator: "flexagon", set: {}, choice, layer, index: 0, step };
      expect((await perform(task)).kind).toBe("mapping");
      expect(seen.length).toBeGreaterThan(10);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(seen[0]).toBeGreaterThan(0);
      expect(seen.at(-1)).toBe(1);
    }
  }
});
