// The memories of a stepped sparse product, one cycle at a time: a cache with a queue at each bank and lines on their
// way, a store for partial sums element by element, the controller's queue. No cleverness.

import type { ProductMachine } from "../product.ts";

export interface SteppedWords {
  hits: number;
  misses: number;
  accesses: number;
  /** Whether words that were asked for are not back yet. */
  isBusy: () => boolean;
  ask: (addresses: readonly number[]) => void;
  /** Serves words and forgets how long that took: what the cache holds afterwards does not depend on time. */
  fetch: (addresses: readonly number[]) => void;
  tick: () => void;
}

/** An access of a bank that has been served, and when its words are back: `undefined` while its line is on the way. */
interface Access {
  readonly earliest: number;
  line: Line | undefined;
  back: number | undefined;
}

/** A line in the cache; `arrives` is the cycle in which it does. */
interface Line {
  readonly name: number;
  readonly arrives: number;
  /** The cycle in which its port at the fill buffer gave words last. */
  given: number;
}

/** Words of all operands behind one cache, an empty one. */
export function steppedWords({ cache, distributionWidth }: ProductMachine): SteppedWords {
  const { bytes, lineBytes, ways, banks, wordBytes, wordsPerBank, hitCycles, missCycles } = cache;
  /** Lines of each set, the one used last at the end. */
  const sets = Array.from({ length: bytes / lineBytes / ways }, (): Line[] => []);
  const queues = Array.from({ length: banks }, (): number[] => []);
  const toIssue: number[] = [];
  let accesses: Access[] = [];
  let cycle = 0;
  /** Lines that arrive in a later cycle or have done so since the last question: words of them leave one a cycle. */
  const onTheWay = new Set<Line>();

  const serve = (queue: number[]): void => {
    const name = queue.shift();
    if (name === undefined) return;
    let words = 1;
    while (words < wordsPerBank && queue[0] === name) {
      queue.shift();
      words++;
    }
    self.accesses++;
    const set = sets[name % sets.length] ?? [];
    const at = set.findIndex((line) => line.name === name);
    const found = set[at];
    if (found === undefined) {
      self.misses++;
      self.hits += words - 1;
      const line: Line = { name, arrives: cycle + missCycles, given: cycle + missCycles };
      onTheWay.add(line);
      if (set.length === ways) set.shift();
      set.push(line);
      accesses.push({ earliest: line.arrives, line: undefined, back: line.arrives });
      return;
    }
    self.hits += words;
    set.splice(at, 1);
    set.push(found);
    const earliest = cycle + hitCycles;
    const waits = onTheWay.has(found);
    accesses.push({ earliest, line: waits ? found : undefined, back: waits ? undefined : earliest });
  };

  const issue = (): void => {
    for (const name of toIssue.splice(0, distributionWidth)) queues[name % banks]?.push(name);
    for (const queue of queues) serve(queue);
  };

  const self: SteppedWords = {
    hits: 0,
    misses: 0,
    accesses: 0,
    isBusy: () => toIssue.length > 0 || accesses.length > 0 || queues.some((queue) => queue.length > 0),
    ask: (addresses) => {
      onTheWay.clear();
      for (const address of addresses) toIssue.push(Math.floor((address * wordBytes) / lineBytes));
    },
    fetch: (addresses) => {
      self.ask(addresses);
      // How many accesses cover the words of a line depends on which of them wait at the bank together.
      while (toIssue.length > 0 || queues.some((queue) => queue.length > 0)) issue();
      accesses = [];
    },
    tick: () => {
      issue();
      for (const access of accesses) {
        const { line, earliest } = access;
        // In the order of the accesses, and one of a line in a cycle.
        if (line === undefined || line.given >= cycle || earliest > cycle) continue;
        const isFirst = accesses.find((other) => other.line === line && other.back === undefined) === access;
        if (!isFirst) continue;
        line.given = cycle;
        access.back = cycle;
      }
      accesses = accesses.filter(({ back }) => back === undefined || back > cycle);
      cycle++;
    },
  };
  return self;
}

/** Elements that wait at the controller: it takes half of them a cycle, rounded up. */
export interface SteppedQueue {
  isBusy: () => boolean;
  /** Elements set out and are at the controller after as many cycles as `delay`. */
  send: (elements: number, delay: number) => void;
  tick: () => void;
}

export function steppedQueue(): SteppedQueue {
  let travelling: { cyclesLeft: number }[] = [];
  let waiting = 0;
  return {
    isBusy: () => travelling.length + waiting > 0,
    send: (elements, delay) => {
      for (let i = 0; i < elements; i++) travelling.push({ cyclesLeft: delay });
    },
    tick: () => {
      const arrived = travelling.filter(({ cyclesLeft }) => cyclesLeft === 0);
      travelling = travelling.filter(({ cyclesLeft }) => cyclesLeft > 0);
      for (const element of travelling) element.cyclesLeft--;
      waiting += arrived.length;
      // The bound of the controller's loop shrinks as it takes elements.
      for (let taken = 0; taken < waiting; taken++) waiting--;
    },
  };
}

/** Elements that wait, made when they are wanted. */
export interface Waiting<Element> {
  readonly length: number;
  readonly elements: () => readonly Element[];
}

/** One place for an element of a partial result; those that found no room on chip lie outside. */
export interface SteppedSums<Element> {
  readonly written: () => number;
  readonly read: () => number;
  readonly spilled: () => number;
  /** Keeps a fibre of a row; the elements that went off chip. */
  readonly write: (row: number, fibre: Waiting<Element>) => number;
  /** Gives all fibres of a row back and forgets them, with the elements that come from off chip. */
  readonly take: (row: number) => { readonly fibres: readonly (readonly Element[])[]; readonly spilled: number };
}

export function steppedSums<Element>({ partialSumBytes, elementBytes }: ProductMachine): SteppedSums<Element> {
  const rows = new Map<number, { readonly fibre: Waiting<Element>; readonly outside: number }[]>();
  let bytesUsed = 0;
  let [written, read, spilled] = [0, 0, 0];
  return {
    written: () => written,
    read: () => read,
    spilled: () => spilled,
    write: (row, fibre) => {
      let outside = 0;
      for (let element = 0; element < fibre.length; element++) {
        written++;
        if (bytesUsed + elementBytes <= partialSumBytes) bytesUsed += elementBytes;
        else outside++;
      }
      spilled += outside;
      const fibres = rows.get(row);
      if (fibres === undefined) rows.set(row, [{ fibre, outside }]);
      else fibres.push({ fibre, outside });
      return outside;
    },
    take: (row) => {
      const fibres = rows.get(row) ?? [];
      rows.delete(row);
      let outside = 0;
      for (const kept of fibres) {
        read += kept.fibre.length;
        outside += kept.outside;
        bytesUsed -= elementBytes * (kept.fibre.length - kept.outside);
      }
      return { fibres: fibres.map(({ fibre }) => fibre.elements()), spilled: outside };
    },
  };
}
