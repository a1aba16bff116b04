// The film that is shown, the cycle that it is at, and the clock that plays it. The address follows the cycle, a few times
// a second at most.

import { batch, computed, effect, signal } from "@preact/signals";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { option, setOption, state } from "../shell/state.ts";
import type { Scene } from "./scene.ts";
import { sceneOf } from "./scene.ts";

export interface Shown {
  readonly replay: Replay;
  readonly scene: Scene;
}

export const shown = signal<Shown | undefined>(undefined);
/** From 0; the page and the address count from 1. */
export const cycle = signal(0);
/** How far the cycle has passed, from 0 to before 1. */
export const passed = signal(0);
export const playing = signal(false);
/** The part that the pointer or the focus is on, and the one that was chosen to stay. */
export const pointed = signal<number | undefined>(undefined);
export const pinned = signal<number | undefined>(undefined);

/** Cycles a second. */
export const speeds = [0.5, 1, 2, 4, 8, 16, 30, 60] as const;
const usualSpeed = 2;
export const speed = computed(() => {
  const wanted = Number(option("tile.speed", String(usualSpeed)));
  return speeds.find((each) => each === wanted) ?? usualSpeed;
});

/** From so many cycles a second on, numbers cannot be read, and are not drawn while the film runs. */
const fastest = 16;
export const tooFast = computed(() => speed.value >= fastest);

export const setSpeed = (value: number): void => {
  setOption("tile.speed", String(value), String(usualSpeed));
};

const last = (): number => Math.max(0, (shown.value?.replay.cycles ?? 1) - 1);

/** Goes to a cycle and stays there. */
export function seek(to: number): void {
  batch(() => {
    cycle.value = Math.min(last(), Math.max(0, Math.round(to)));
    passed.value = 0;
  });
}

export function stepBy(cycles: number): void {
  pause();
  seek(cycle.value + cycles);
}

export function pause(): void {
  batch(() => {
    playing.value = false;
    passed.value = 0;
  });
  noteCycle();
}

/** Plays on, or from the beginning where the film is over. */
export function play(): void {
  if (shown.value === undefined) return;
  if (cycle.value >= last()) seek(0);
  playing.value = true;
}

export const toggle = (): void => {
  if (playing.value) pause();
  else play();
};

/** Puts a film on, at the cycle that the address says. */
export function show(replay: Replay | undefined): void {
  batch(() => {
    playing.value = false;
    passed.value = 0;
    pointed.value = undefined;
    pinned.value = undefined;
    shown.value = replay === undefined ? undefined : { replay, scene: sceneOf(replay) };
    if (replay !== undefined) seek(linked());
  });
}

const linked = (): number => {
  const wanted = Number(option("tile.cycle", "1"));
  return Number.isInteger(wanted) ? Math.max(0, wanted - 1) : 0;
};

/** What of the cycle stands in the address. */
let noted = 0;

function noteCycle(): void {
  if (shown.peek() === undefined || state.peek().view !== "tile") return;
  noted = cycle.peek();
  if (linked() !== noted) setOption("tile.cycle", String(noted + 1), "1");
}

/** Milliseconds between changes of the address. */
const notePause = 400;

/** Lets the clock run and the address follow while the view is open; returns what ends that. */
export function followFilm(): () => void {
  let frame = 0;
  let before = 0;
  const tick = (now: number): void => {
    frame = requestAnimationFrame(tick);
    // After a pause of the page, as in another tab, the film goes on where it was.
    const seconds = Math.min(0.25, (now - before) / 1000);
    before = now;
    advance(seconds * speed.peek());
  };
  const stopClock = effect(() => {
    if (!playing.value) return undefined;
    before = performance.now();
    frame = requestAnimationFrame(tick);
    return () => {
      cancelAnimationFrame(frame);
    };
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopNotes = effect(() => {
    if (cycle.value === noted) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      noteCycle();
    }, notePause);
  });
  // A link or a step back in the browser's history.
  noted = linked();
  const stopLinks = effect(() => {
    const wanted = linked();
    if (wanted === noted || shown.peek() === undefined) return;
    noted = wanted;
    seek(wanted);
  });
  return () => {
    playing.value = false;
    clearTimeout(timer);
    stopClock();
    stopNotes();
    stopLinks();
  };
}

function advance(cycles: number): void {
  const at = cycle.peek() + passed.peek() + cycles;
  batch(() => {
    if (at >= last()) {
      cycle.value = last();
      pause();
      return;
    }
    cycle.value = Math.floor(at);
    passed.value = at - Math.floor(at);
  });
}
