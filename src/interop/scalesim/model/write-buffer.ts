// SCALE-Sim's ofmap memory: words gather in lines, half of the memory is drained at a time, and a write waits only when
// the memory is full while a drain is on its way.

/** Counts of one layer; cycles are stamps of the lines' arrival at the DRAM. */
export interface Drained {
  readonly words: number;
  readonly startCycle: number;
  /** Latest stamp, which v3 reports. */
  readonly stopCycle: number;
  /** Stamp of the line that was drained last, which v2 reports. */
  readonly lastCycle: number;
}

/** Is told what becomes of the lines, numbered from 0. */
export interface WriteListener {
  /** `lines` lines from number `first` are drained, one a cycle from `cycle`. */
  readonly drained: (cycle: number, first: number, lines: number) => void;
  /** A line is closed with only `words` words in it. */
  readonly closed: (line: number, words: number) => void;
}

export interface WriteBuffer {
  /**
   * Stores `words` words in `cycle`. The cycles that the array has to wait until the last of them is stored.
   */
  readonly write: (cycle: number, words: number) => number;
  /** Words that surely fit from `cycle` on without a wait or a drain: as many may be given to `fill` instead. */
  readonly room: (cycle: number) => number;
  /** Stores words that `room` has promised to fit. */
  readonly fill: (words: number) => void;
  /** Drains what is left from `cycle` on. */
  readonly finish: (cycle: number) => Drained;
}

/**
 * @param capacity words of the memory, an even number
 * @param bandwidth words of a line, of which one is drained a cycle
 */
export function writeBuffer(capacity: number, bandwidth: number, listener?: WriteListener): WriteBuffer {
  const half = capacity / 2;
  const linesPerDrain = Math.ceil(half / bandwidth);
  let free = capacity;
  let lines = 0;
  let inLine = 0;
  let drainedLines = 0;
  let drainEnd = 0;
  let total = 0;
  let start = Infinity;
  let stop = -Infinity;
  /** Lines that were closed before they were full, not yet drained: pairs of index and missing words. */
  let padded: { readonly line: number; readonly missing: number }[] = [];

  const fill = (words: number): void => {
    free -= words;
    inLine += words;
    if (inLine >= bandwidth) {
      const full = Math.floor(inLine / bandwidth);
      lines += full;
      inLine -= full * bandwidth;
    }
  };
  const closeLine = (): void => {
    if (inLine === 0) return;
    listener?.closed(lines, inLine);
    padded.push({ line: lines, missing: bandwidth - inLine });
    lines++;
    inLine = 0;
  };
  /** Drains a batch of lines; false when none is left. */
  const drain = (cycle: number): boolean => {
    if (drainedLines === lines) return false;
    const end = Math.min(drainedLines + linesPerDrain, lines);
    const batch = end - drainedLines;
    const last = padded.find(({ line }) => line === end - 1);
    // Words missing in the last line are not counted, those missing in lines before it are.
    const words = batch * bandwidth - (last?.missing ?? 0);
    padded = padded.filter(({ line }) => line >= end);
    listener?.drained(cycle, drainedLines, batch);
    total += words;
    free += words;
    drainedLines = end;
    drainEnd = cycle + batch - 1;
    start = Math.min(start, cycle);
    stop = Math.max(stop, drainEnd);
    return true;
  };
  return {
    fill,
    room: (cycle) => (cycle < drainEnd ? free - 1 : free - half),
    write: (cycle, words) => {
      let now = cycle;
      for (let word = 0; word < words; word++) {
        fill(1);
        if (now < drainEnd) {
          if (free <= 0) now = drainEnd;
        } else if (free < half) {
          closeLine();
          drain(now);
        }
      }
      return now - cycle;
    },
    finish: (cycle) => {
      closeLine();
      for (let now = cycle; drain(now); now = drainEnd + 1);
      return { words: total, startCycle: start, stopCycle: stop, lastCycle: drainEnd };
    },
  };
}
