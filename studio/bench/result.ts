// The results as the bench shows them: totals at once, pictures a moment later; and which layer the reader points at, in
// whichever picture.

import { computed, effect, signal } from "@preact/signals";
import { benchOf } from "./data/prepare.ts";
import type { BenchResult } from "./data/prepare.ts";
import { before, progress, shown, upToDate } from "../shell/results.ts";
import { state } from "../shell/state.ts";

export const result = computed<BenchResult | undefined>(() => {
  const state = shown.value;
  return state === undefined ? undefined : benchOf(state);
});

/** The same for the pictures, once the totals stand on the page, and for the table of layers, once they are begun. */
export const plotted = signal<BenchResult | undefined>(result.peek());
export const tabled = signal<BenchResult | undefined>(result.peek());

/** Calls back in a task of its own after the next frame; gives what calls it off. */
function afterFrame(work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(work, 0);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

for (const [from, to] of [
  [result, plotted],
  [plotted, tabled],
] as const) {
  effect(() => {
    const next = from.value;
    if (next === to.peek()) return undefined;
    return afterFrame(() => {
      to.value = next;
    });
  });
}

/** The runs before the last change. */
export const earlier = computed<BenchResult | undefined>(() => {
  const old = before.value;
  return old === undefined ? undefined : benchOf(old);
});

/** Whether workers run; changes twice a run, not with every layer. */
export const running = computed(() => progress.value !== undefined);

/** Old figures under new choices. */
export const stale = computed(() => shown.value !== undefined && !upToDate.value);

/** Parts of the state by themselves: who reads them is not drawn again when others change. */
export const openKey = computed(() => state.value.layer);
export const chosenMachine = computed(() => state.value.machine);
export const anyMachine = computed(() => state.value.machines.length > 0);

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
