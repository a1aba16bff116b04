// What an observer of a stepped sparse product writes down: a frame for each cycle of the unit that is filmed, with
// everything that its picture may show.

import type { ProductMachine } from "../../../dataflow/product/product.ts";
import type {
  AskedWord,
  ControllerState,
  HardwareView,
  ProductObserver,
  RestingEntry,
} from "../../../dataflow/product/stepped/observer.ts";
import type { MergedElement } from "../../../dataflow/product/stepped/tree.ts";

/** A word that reaches a multiplier. */
export interface Arrival {
  readonly multiplier: number;
  readonly address: number;
  /** A partial sum, where the word is one. */
  readonly sum: number | undefined;
}

/** What a node of the tree did with the heads of its queues. */
export interface Comparison {
  readonly node: number;
  readonly left: MergedElement | undefined;
  readonly right: MergedElement | undefined;
  readonly waits: boolean;
}

/** One cycle: parts as it found them, and what happened in it. */
export interface Frame {
  readonly state: ControllerState;
  /** The first elements of every queue of the tree, and how many there are. */
  readonly queues: readonly (readonly MergedElement[])[];
  readonly lengths: readonly number[];
  readonly comparisons: Comparison[];
  readonly formed: readonly { readonly multiplier: number; readonly element: MergedElement }[];
  readonly banks: readonly number[];
  readonly linesOnTheWay: number;
  readonly served: {
    readonly bank: number;
    readonly line: number;
    readonly words: number;
    readonly isHit: boolean;
  }[];
  /** Banks that gave words, with the last line that did and all words of the bank. */
  readonly given: Map<number, { readonly line: number; readonly words: number }>;
  readonly arrivals: Arrival[];
  /** Multipliers whose word is still to come after this cycle. */
  waiting: readonly number[];
  /** Elements at the controller, before and after. */
  readonly queued: number;
  queuedAfter: number;
  readonly held: number;
}

/** Elements that set out for the controller. */
export interface Sending {
  readonly cycle: number;
  readonly delay: number;
  /** The words of the step that they come from. */
  readonly words: readonly AskedWord[];
  /** Of the inner product: the column, a sum for each resting row, and what an earlier fold left. */
  column?: number;
  sums?: readonly number[];
  carried?: number | undefined;
}

/** What is known of a unit. */
export interface Record {
  readonly frames: Frame[];
  /** Cycles of the unit, those after the last frame included. */
  cycles: number;
  /** Entries of a batch and where they lie in memory; none in a pass. */
  readonly resting: RestingEntry[];
  /** Fibres of a pass, and their row. */
  readonly fibres: (readonly MergedElement[])[];
  row: number;
  readonly sendings: Sending[];
  /** Sums of equal coordinates in the tree, those after the last frame included. */
  additions: number;
}

/** Elements of a queue that a picture shows: what its reader may take in a cycle, and a few that wait behind. */
export const shownElements = ({ tree }: ProductMachine, node: number): number => {
  const reader = Math.max(1, Math.floor(tree.rootWidth / 2 ** Math.max(0, Math.floor(Math.log2(node)) - 1)));
  return Math.min(node < tree.leaves ? tree.fifoDepth : Infinity, Math.max(4, node === 1 ? tree.rootWidth : reader));
};

/** An observer and what it has written down; it begins anew where a unit ends that is not the one to film. */
export function recorder(
  machine: ProductMachine,
  mostFrames: number,
): { readonly observer: ProductObserver; readonly taken: () => Record } {
  const { cache, stationary } = machine;
  const shown = Array.from({ length: 2 * machine.tree.leaves }, (_, node) => shownElements(machine, Math.max(1, node)));
  const empty = (): Record => ({
    frames: [],
    cycles: 0,
    resting: [],
    fibres: [],
    row: -1,
    sendings: [],
    additions: 0,
  });
  let record = empty();
  let frame: Frame | undefined;
  let view: HardwareView | undefined;
  let state: ControllerState = "configure";
  let formed: { readonly multiplier: number; readonly element: MergedElement }[] = [];
  let handed: Arrival[] = [];
  let step: readonly AskedWord[] = [];
  /** Who waits for a word, the one who asked first in front. */
  let asked = new Map<number, AskedWord[]>();
  /** Multipliers that the FIFO has still to serve. */
  let ahead: readonly number[] = [];

  const ask = (words: readonly AskedWord[]): void => {
    for (const word of words) {
      const others = asked.get(word.address);
      if (others === undefined) asked.set(word.address, [word]);
      else others.push(word);
    }
  };
  const isFilmed = (): boolean => record.frames.length < mostFrames;

  const observer: ProductObserver = {
    enters: (entered) => {
      state = entered;
    },
    rests: (address, entries) => {
      record.resting.push(...entries);
      ahead = entries.map((_, multiplier) => multiplier);
      if (stationary === "fifo") return;
      ask(ahead.map((multiplier) => ({ address: address + multiplier, multipliers: [multiplier] })));
    },
    merges: (row, fibres) => {
      record.row = row;
      record.fibres.push(...fibres);
    },
    hands: (from, to) => {
      handed = ahead
        .filter((multiplier) => multiplier >= from && multiplier < to)
        .map((multiplier) => ({ multiplier, address: -1, sum: undefined }));
      ahead = ahead.filter((multiplier) => multiplier >= to);
    },
    asks: (words) => {
      step = words;
      ask(words);
    },
    sends: (_, delay) => {
      record.sendings.push({ cycle: record.cycles, delay, words: step });
    },
    sums: (column, sums, carried) => {
      const last = record.sendings.at(-1);
      if (last === undefined) throw new Error("sums without anything that was sent");
      Object.assign(last, { column, sums: [...sums], carried });
    },
    forms: (multiplier, element) => {
      formed.push({ multiplier, element });
    },
    begins: (now) => {
      view = now;
      if (!isFilmed()) return;
      const { banks, linesOnTheWay } = now.words.state();
      frame = {
        state,
        queues: now.tree.queues.map((queue, node) => queue.slice(0, shown[node])),
        lengths: now.tree.queues.map(({ length }) => length),
        comparisons: [],
        formed,
        banks,
        linesOnTheWay,
        served: [],
        given: new Map(),
        arrivals: handed,
        waiting: [],
        queued: now.queue.waiting(),
        queuedAfter: 0,
        held: now.sums.held(),
      };
    },
    serves: (bank, line, words, isHit) => {
      frame?.served.push({ bank, line, words, isHit });
    },
    returns: (addresses) => {
      for (const address of addresses) {
        const line = Math.floor((address * cache.wordBytes) / cache.lineBytes);
        const bank = line % cache.banks;
        frame?.given.set(bank, { line, words: (frame.given.get(bank)?.words ?? 0) + 1 });
        const [word, ...others] = asked.get(address) ?? [];
        if (others.length > 0) asked.set(address, others);
        else asked.delete(address);
        for (const multiplier of word?.multipliers ?? []) frame?.arrivals.push({ multiplier, address, sum: word?.sum });
      }
    },
    compares: (node, left, right, waits) => {
      if (left !== undefined && left.column === right?.column) record.additions++;
      if (left !== undefined || right !== undefined) frame?.comparisons.push({ node, left, right, waits });
    },
    ends: () => {
      record.cycles++;
      if (frame !== undefined && view !== undefined) {
        frame.queuedAfter = view.queue.waiting();
        const coming = [...asked.values()].flat().flatMap(({ multipliers }) => multipliers);
        frame.waiting = state === "rest" && stationary === "fifo" ? ahead : coming;
        record.frames.push(frame);
      }
      frame = undefined;
      formed = [];
      handed = [];
    },
  };
  return {
    observer,
    taken: () => {
      const taken = record;
      record = empty();
      step = [];
      asked = new Map();
      ahead = [];
      return taken;
    },
  };
}
