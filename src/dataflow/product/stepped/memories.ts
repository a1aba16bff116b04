// The memories of a stepped sparse product, one cycle at a time: a cache with a queue at each bank and lines on their
// way, a store for partial sums element by element, the controller's queue. No cleverness.

import type { ProductMachine } from "../product.ts";
import type { ProductObserver } from "./observer.ts";

export interface SteppedWords {
  hits: number;
  misses: number;
  accesses: number;
  /** Misses of words that are partial sums. */
  sumMisses: number;
  /** Whether words that were asked for are not back yet. */
  isBusy: () => boolean;
  /** Asks for words, and for a partial sum after them. */
  ask: (addresses: readonly number[], sum: number | undefined) => void;
  /** Serves words and forgets how long that took: what the cache holds afterwards does not depend on time. */
  fetch: (addresses: readonly number[], sum: number | undefined) => void;
  tick: () => void;
  /** From now on somebody looks on, or nobody. */
  watch: (observer: ProductObserver | undefined) => void;
  /** Requests that wait at each bank, those that have not reached one, and lines that have not arrived. */
  state: () => { readonly banks: readonly number[]; readonly toIssue: number; readonly linesOnTheWay: number };
}

/** A word by its line. */
interface Request {
  readonly name: number;
  readonly address: number;
  readonly isSum: boolean;
}

/** An access of a bank that has been served, and when its words are back: `undefined` while its line is on the way. */
interface Access {
  readonly earliest: number;
  line: Line | undefined;
  back: number | undefined;
  /** Its words, where somebody looks on. */
  readonly addresses: readonly number[] | undefined;
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
  const queues = Array.from({ length: banks }, (): Request[] => []);
  const toIssue: Request[] = [];
  let accesses: Access[] = [];
  let cycle = 0;
  let observer: ProductObserver | undefined;
  /** Lines that arrive in a later cycle or have done so since the last question: words of them leave one a cycle. */
  const onTheWay = new Set<Line>();

  const lineOf = (address: number): number => Math.floor((address * wordBytes) / lineBytes);

  const serve = (queue: Request[]): void => {
    const request = queue.shift();
    if (request === undefined) return;
    const { name } = request;
    let words = 1;
    const addresses = observer && [request.address];
    while (words < wordsPerBank && queue[0]?.name === name) {
      addresses?.push(queue[0].address);
      queue.shift();
      words++;
    }
    self.accesses++;
    const set = sets[name % sets.length] ?? [];
    const at = set.findIndex((line) => line.name === name);
    const found = set[at];
    observer?.serves(name % banks, name, words, found !== undefined);
    if (found === undefined) {
      self.misses++;
      if (request.isSum) self.sumMisses++;
      self.hits += words - 1;
      const line: Line = { name, arrives: cycle + missCycles, given: cycle + missCycles };
      onTheWay.add(line);
      if (set.length === ways) set.shift();
      set.push(line);
      accesses.push({ earliest: line.arrives, line: undefined, back: line.arrives, addresses });
      return;
    }
    self.hits += words;
    set.splice(at, 1);
    set.push(found);
    const earliest = cycle + hitCycles;
    const waits = onTheWay.has(found);
    accesses.push({ earliest, line: waits ? found : undefined, back: waits ? undefined : earliest, addresses });
  };

  const issue = (): void => {
    for (const request of toIssue.splice(0, distributionWidth)) queues[request.name % banks]?.push(request);
    for (const queue of queues) serve(queue);
  };

  const self: SteppedWords = {
    hits: 0,
    misses: 0,
    accesses: 0,
    sumMisses: 0,
    isBusy: () => toIssue.length > 0 || accesses.length > 0 || queues.some((queue) => queue.length > 0),
    ask: (addresses, sum) => {
      onTheWay.clear();
      for (const address of addresses) toIssue.push({ name: lineOf(address), address, isSum: false });
      if (sum !== undefined) toIssue.push({ name: lineOf(sum), address: sum, isSum: true });
    },
    fetch: (addresses, sum) => {
      self.ask(addresses, sum);
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
      if (observer !== undefined) {
        for (const { back, addresses } of accesses) {
          if (back !== undefined && back <= cycle) observer.returns(addresses ?? []);
        }
      }
      accesses = accesses.filter(({ back }) => back === undefined || back > cycle);
      cycle++;
    },
    watch: (looking) => {
      observer = looking;
    },
    state: () => ({
      banks: queues.map((queue) => queue.length),
      toIssue: toIssue.length,
      linesOnTheWay: [...onTheWay].filter(({ arrives }) => arrives >= cycle).length,
    }),
  };
  return self;
}

/** Elements that wait at the controller: it takes half of them a cycle, rounded up. */
export interface SteppedQueue {
  isBusy: () => boolean;
  /** Elements that wait at the controller. */
  waiting: () => number;
  /** Elements set out and are at the controller after as many cycles as `delay`. */
  send: (elements: number, delay: number) => void;
  tick: () => void;
}

export function steppedQueue(): SteppedQueue {
  let travelling: { cyclesLeft: number }[] = [];
  let waiting = 0;
  return {
    isBusy: () => travelling.length + waiting > 0,
    waiting: () => waiting,
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

/** A place for each element of a partial result, in blocks of the set of its row; what finds no block lies outside. */
export interface SteppedSums<Element> {
  readonly written: () => number;
  readonly read: () => number;
  readonly spilled: () => number;
  /** Elements in the blocks now. */
  readonly held: () => number;
  /** Keeps a fibre of a row; the elements that went off chip. */
  readonly write: (row: number, fibre: Waiting<Element>) => number;
  /** Fibres of a row that wait. */
  readonly waiting: (row: number) => number;
  /** Gives the oldest fibres of a row back and forgets them, with the elements that come from off chip. */
  readonly take: (
    row: number,
    fibres: number,
  ) => { readonly fibres: readonly (readonly Element[])[]; readonly spilled: number };
}

export function steppedSums<Element>({ sums }: ProductMachine): SteppedSums<Element> {
  interface Kept {
    readonly fibre: Waiting<Element>;
    /** The number of each element's block, or undefined outside. */
    readonly blocks: readonly (number | undefined)[];
  }
  const rows = new Map<number, Kept[]>();
  /** Words of each block in use, by set. */
  const sets = Array.from({ length: sums.sets }, () => new Map<number, number>());
  const blocksOfSet = sums.bytes / sums.wordBytes / sums.blockWords / sums.sets;
  let made = 0;
  let [written, read, spilled] = [0, 0, 0];
  const setOf = (row: number): Map<number, number> => sets[row % sums.sets] ?? new Map<number, number>();

  /** Puts elements one after the other into blocks of their own. */
  function* placed(row: number, elements: number): Generator<number | undefined> {
    const set = setOf(row);
    let block: number | undefined;
    for (let element = 0; element < elements; element++) {
      const isFull = block === undefined || set.get(block) === sums.blockWords;
      if (isFull) block = set.size < blocksOfSet ? made++ : undefined;
      if (block !== undefined) set.set(block, (set.get(block) ?? 0) + 1);
      yield block;
    }
  }

  return {
    written: () => written,
    read: () => read,
    spilled: () => spilled,
    held: () => sets.reduce((sum, set) => [...set.values()].reduce((words, block) => words + block, sum), 0),
    write: (row, fibre) => {
      const blocks = [...placed(row, fibre.length)];
      const outside = blocks.filter((block) => block === undefined).length;
      written += fibre.length;
      spilled += outside;
      const fibres = rows.get(row);
      if (fibres === undefined) rows.set(row, [{ fibre, blocks }]);
      else fibres.push({ fibre, blocks });
      return outside;
    },
    waiting: (row) => rows.get(row)?.length ?? 0,
    take: (row, count) => {
      const fibres = rows.get(row)?.splice(0, count) ?? [];
      const set = setOf(row);
      let outside = 0;
      for (const block of fibres.flatMap(({ blocks }) => blocks)) {
        read++;
        if (block === undefined) {
          outside++;
          continue;
        }
        const left = (set.get(block) ?? 0) - 1;
        if (left === 0) set.delete(block);
        else set.set(block, left);
      }
      return { fibres: fibres.map(({ fibre }) => fibre.elements()), spilled: outside };
    },
  };
}
