// The results as the bench shows them: totals at once, pictures a moment later; and which layer the reader points at, in
// whichever picture.

import { computed, effect, signal } from "@preact/signals";
import { benchResult } from "./data/prepare.ts";
import type { BenchResult } from "./data/prepare.ts";
import { before, finished, progress, upToDate } from "../shell/results.ts";

export const result = computed<BenchResult | undefined>(() => {
  const done = finished.value;
  return done === undefined ? undefined : benchResult(done.job, done.outcome.runs);
});

/** The same for the pictures, once the totals stand on the page. */
export const plotted = signal<BenchResult | undefined>(result.peek());

let timer: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  const next = result.value;
  clearTimeout(timer);
  // The frame after the totals' own one.
  timer = setTimeout(() => {
    requestAnimationFrame(() => {
      setTimeout(() => {
        plotted.value = next;
      }, 0);
    });
  }, 0);
});

/** The runs before the last change. */
export const earlier = computed<BenchResult | undefined>(() => {
  const old = before.value;
  return old === undefined ? undefined : benchResult(old.job, old.outcome.runs);
});

/** Whether workers run; changes twice a run, not with every layer. */
export const running = computed(() => progress.value !== undefined);

/** Old figures under new choices. */
export const stale = computed(() => finished.value !== undefined && !upToDate.value);

/** The layer pointed at, and where on the page; `machine` when a picture shows only one. */
export interface Hover {
  readonly row: number;
  readonly machine?: number;
  readonly x: number;
  readonly y: number;
  /** Without the box of numbers, as when a row of the table is pointed at. */
  readonly quiet?: boolean;
}

export const hover = signal<Hover | undefined>(undefined);
export const hoveredRow = computed(() => hover.value?.row);
