// A buffer for rows of a matrix that knows which rows are asked for next: it drives out what is needed last, as far as it
// can see ahead. Zhang, Wang, Han and Dally (HPCA 2020) prefetch rows into such a buffer.

import { InputError } from "../../base/error.ts";
import type { Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";

export interface LookAheadBuffer {
  readonly kind: "lookAheadBuffer";
  readonly lines: number;
  /** Elements of a line, which holds those of one row only. */
  readonly lineElements: number;
  readonly elementBytes: number;
  /** Requests for rows that it sees beyond the one at hand. */
  readonly window: number;
  /** Banks of one element's width. */
  readonly banks: number;
}

/** @throws InputError for a buffer without lines, elements or banks. */
export function lookAheadBuffer(parameters: Omit<LookAheadBuffer, "kind">): LookAheadBuffer {
  const { lines, lineElements, elementBytes, window, banks } = parameters;
  check("lines", lines, Number.isInteger(lines) && lines >= 1, "a whole number from 1");
  check("lineElements", lineElements, Number.isInteger(lineElements) && lineElements >= 1, "a whole number from 1");
  check("elementBytes", elementBytes, elementBytes > 0 && elementBytes < Infinity, "bytes above 0");
  check("window", window, window === Infinity || (Number.isInteger(window) && window >= 0), "a whole number from 0");
  check("banks", banks, Number.isInteger(banks) && banks >= 1, "a whole number from 1");
  return { kind: "lookAheadBuffer", ...parameters };
}

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible buffer", found: String(value), expected });
}

export interface LookAheadState {
  /** Lines that were there when they were asked for, and lines fetched. */
  readonly hits: number;
  readonly misses: number;
  /** Serves the next request; the elements that are fetched for it. */
  next(): number;
}

const never = 2 ** 32;

/**
 * A buffer that serves the rows of `requests` in order; row r has the elements from `rowStart[r]` to
 * `rowStart[r + 1]`, in lines of its own. A missing line is fetched, its last one as far as the row goes. What makes room
 * is the line whose row is not asked for within the window, the least recently used of those; else the line that is
 * asked for last. With a window that reaches the end this is Belady's choice, which no other one beats.
 */
export function lookAheadState(buffer: LookAheadBuffer, requests: Uint32Array, rowStart: Uint32Array): LookAheadState {
  const { lines, lineElements, window } = buffer;
  const rows = rowStart.length - 1;
  /** First line of each row among the lines of all rows. */
  const lineStart = new Float64Array(rows + 1);
  for (let r = 0; r < rows; r++) {
    const elements = (rowStart[r + 1] ?? 0) - (rowStart[r] ?? 0);
    lineStart[r + 1] = (lineStart[r] ?? 0) + Math.ceil(elements / lineElements);
  }
  const nextUse = nextUses(requests, rows);
  const slotOf = new Int32Array(lineStart[rows] ?? 0).fill(-1);
  const lineAt = new Float64Array(lines);
  /** When the line of a slot is asked for next; `never` at the latest. */
  const neededAt = new Float64Array(lines);
  let used = 0;
  // Lines that are not asked for within the window, the least recently used first: a ring of slots around `lines`.
  const before = new Int32Array(lines + 1).fill(lines);
  const after = new Int32Array(lines + 1).fill(lines);
  // The others in a heap, the one that is asked for last on top.
  const heap = new Int32Array(lines);
  const placeOf = new Int32Array(lines).fill(-1);
  let size = 0;

  const isLater = (a: number, b: number): boolean => {
    const [first, second] = [neededAt[a] ?? 0, neededAt[b] ?? 0];
    // Lines of one row are asked for in order.
    return first === second ? (lineAt[a] ?? 0) > (lineAt[b] ?? 0) : first > second;
  };
  const put = (place: number, slot: number): void => {
    heap[place] = slot;
    placeOf[slot] = place;
  };
  const rise = (start: number, slot: number): void => {
    let place = start;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] ?? 0;
      if (!isLater(slot, other)) break;
      put(place, other);
      place = above;
    }
    put(place, slot);
  };
  const sink = (start: number, slot: number): void => {
    let place = start;
    for (let below = 2 * place + 1; below < size; below = 2 * place + 1) {
      if (below + 1 < size && isLater(heap[below + 1] ?? 0, heap[below] ?? 0)) below++;
      const other = heap[below] ?? 0;
      if (!isLater(other, slot)) break;
      put(place, other);
      place = below;
    }
    put(place, slot);
  };
  const push = (slot: number): void => {
    rise(size++, slot);
  };
  /** Takes a slot out of the heap or the ring. */
  const unlink = (slot: number): void => {
    const place = placeOf[slot] ?? -1;
    if (place < 0) {
      const [left, right] = [before[slot] ?? 0, after[slot] ?? 0];
      after[left] = right;
      before[right] = left;
      return;
    }
    placeOf[slot] = -1;
    const last = heap[--size] ?? 0;
    if (last === slot) return;
    rise(place, last);
    sink(placeOf[last] ?? 0, last);
  };
  const append = (slot: number): void => {
    const last = before[lines] ?? lines;
    after[last] = slot;
    before[slot] = last;
    after[slot] = lines;
    before[lines] = slot;
  };

  let position = 0;

  /** Room for a line: a slot that was never used, or that of the victim. */
  const makeSlot = (): number => {
    if (used < lines) return used++;
    const oldest = after[lines] ?? lines;
    const victim = oldest === lines ? (heap[0] ?? 0) : oldest;
    unlink(victim);
    slotOf[lineAt[victim] ?? 0] = -1;
    return victim;
  };

  /** The request that comes into sight: lines of its row are asked for within the window now. */
  const see = (request: number): void => {
    const row = requests[request];
    if (row === undefined) return;
    const end = lineStart[row + 1] ?? 0;
    for (let line = lineStart[row] ?? 0; line < end; line++) {
      const slot = slotOf[line] ?? -1;
      if (slot < 0 || neededAt[slot] !== request || (placeOf[slot] ?? 0) >= 0) continue;
      unlink(slot);
      push(slot);
    }
  };

  const self = {
    hits: 0,
    misses: 0,
    next(): number {
      if (window !== Infinity) see(position + window);
      const row = requests[position] ?? 0;
      const needed = nextUse[position] ?? never;
      const isSeen = needed !== never && needed <= position + window;
      const first = lineStart[row] ?? 0;
      const end = lineStart[row + 1] ?? 0;
      const elements = (rowStart[row + 1] ?? 0) - (rowStart[row] ?? 0);
      let fetched = 0;
      for (let line = first; line < end; line++) {
        let slot = slotOf[line] ?? -1;
        if (slot < 0) {
          self.misses++;
          fetched += Math.min(lineElements, elements - (line - first) * lineElements);
          slot = makeSlot();
          slotOf[line] = slot;
          lineAt[slot] = line;
        } else {
          self.hits++;
          unlink(slot);
        }
        neededAt[slot] = needed;
        if (isSeen) push(slot);
        else append(slot);
      }
      position++;
      return fetched;
    },
  };
  return self;
}

/** The index of the next request for the same row, `never` where there is none. */
function nextUses(requests: Uint32Array, rows: number): Float64Array {
  const last = new Float64Array(rows).fill(never);
  const next = new Float64Array(requests.length);
  for (let i = requests.length - 1; i >= 0; i--) {
    const row = requests[i] ?? 0;
    next[i] = last[row] ?? never;
    last[row] = i;
  }
  return next;
}

/** Energy of `read` and `write` of an element; area of the elements. Tags and the list of next uses are not counted. */
export function lookAheadBufferCost(buffer: LookAheadBuffer, technology: Technology): ComponentCost {
  const { lines, lineElements, elementBytes, banks } = buffer;
  const price = technology.sram((lines * lineElements * elementBytes) / banks, 8 * elementBytes);
  return {
    energy: {
      read: { joules: price.readJoules, table: price.table },
      write: { joules: price.writeJoules, table: price.table },
    },
    squareMillimetres: banks * price.squareMillimetres,
    tables: [price.table],
    leakageWatts: banks * price.leakageWatts,
  };
}
