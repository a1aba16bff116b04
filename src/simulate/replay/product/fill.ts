// The film of a unit of a sparse product from its frames: memories, network and multipliers here, the merge tree in
// tree-film.ts.

import type { ProductMachine } from "../../../dataflow/product/product.ts";
import type { AskedWord } from "../../../dataflow/product/stepped/observer.ts";
import type { SparseMatrix } from "../../../tensor/sparse-matrix.ts";
import type { Reel } from "../draft.ts";
import type { Activity } from "../replay.ts";
import type { ProductLayout, SumPart } from "./layout.ts";
import { multiplierSlots as slots } from "./layout.ts";
import type { Frame, Record, Sending } from "./record.ts";
import { fillTree } from "./tree-film.ts";

/** A word at a multiplier. */
interface Word {
  readonly at: number;
  readonly value: number;
}

/** What a batch is made of: words of B (by columns in the inner product) lie behind those of A. */
export interface Streams {
  readonly B: SparseMatrix;
  readonly base: number;
}

/** Fills all frames of a record. */
export function fillProduct(
  film: Reel,
  layout: ProductLayout,
  machine: ProductMachine,
  record: Record,
  streams: Streams,
): void {
  const { kind, multipliers, tree } = layout;
  const { resting } = record;
  const isResting = resting.map(() => false);
  const words = multipliers.map((): Word[] => []);
  const onTheWay = new Set<number>();
  const left = record.fibres.map(({ length }) => length);
  let departed = 0;
  let reached = 0;
  const sendings = new Map(record.sendings.map((sending) => [sending.cycle, sending]));
  const arriving = new Map(record.sendings.map((sending) => [sending.cycle + sending.delay, sending]));

  const wordOf = (address: number, sum: number | undefined): Word => {
    const entry = address - streams.base;
    if (sum !== undefined) return { at: NaN, value: Number.isNaN(sum) ? 0 : sum };
    return { at: streams.B.column[entry] ?? 0, value: streams.B.value?.[entry] ?? 1 };
  };

  for (const [cycle, frame] of record.frames.entries()) {
    const acts = multipliers.map((): Activity => "idle");
    // What multipliers hold.
    for (const [i, part] of multipliers.entries()) {
      if (isResting[i] === true) {
        film.set(cycle, part, slots.k, resting[i]?.k ?? NaN);
        film.set(cycle, part, slots.resting, resting[i]?.value ?? NaN);
      }
      const held = words[i] ?? [];
      const word = frame.state === "merge" ? held[0] : held.at(-1);
      film.set(cycle, part, slots.at, word?.at ?? NaN);
      film.set(cycle, part, slots.word, word?.value ?? NaN);
      if (kind === "gustavson") film.set(cycle, part, slots.waiting, held.length);
      if (kind === "pass") film.set(cycle, part, slots.waiting, left[i] ?? 0);
    }
    for (const i of frame.waiting) acts[i] = "stalled";
    const fresh: [number, Word][] = [];
    for (const { multiplier, address, sum } of frame.arrivals) {
      acts[multiplier] = "loading";
      const rests = address < streams.base && sum === undefined;
      const entry = resting[multiplier];
      const word = rests ? { at: entry?.k ?? NaN, value: entry?.value ?? NaN } : wordOf(address, sum);
      if (rests) isResting[multiplier] = true;
      else fresh.push([multiplier, word]);
      film.set(cycle, layout.network, multiplier, word.value);
      film.move(cycle, layout.deliver[multiplier] ?? 0, multiplier, word.at);
    }
    film.act(
      cycle,
      layout.network,
      frame.arrivals.length + frame.formed.length * Number(kind === "pass") > 0 ? "passing" : "idle",
    );

    for (const { multiplier, element } of frame.formed) {
      const part = multipliers[multiplier] ?? 0;
      film.set(cycle, part, slots.place, element.column);
      film.set(cycle, part, slots.product, element.value);
      film.move(cycle, layout.onwards[multiplier] ?? 0, slots.product, element.column);
      acts[multiplier] = kind === "pass" ? "passing" : "useful";
      if (kind === "pass") {
        film.set(cycle, layout.network, multiplier, element.value);
        film.move(cycle, layout.deliver[multiplier] ?? 0, multiplier, element.column);
        left[multiplier] = (left[multiplier] ?? 0) - 1;
      }
      words[multiplier]?.shift();
    }
    const sending = sendings.get(cycle);
    if (sending !== undefined) {
      if (kind === "outer") sendProducts(film, layout, record, sending, acts, wordOf);
      else sendSums(film, layout, record, sending, acts, wordOf);
      for (const held of words) held.length = 0;
    }
    for (const [multiplier, word] of fresh) words[multiplier]?.push(word);
    for (const [i, part] of multipliers.entries()) film.act(cycle, part, acts[i] ?? "idle");

    if (kind === "pass") fillStore(film, layout, frame, cycle);
    else fillMemories(film, layout, machine, frame, cycle, onTheWay, isResting);
    if (tree !== undefined) departed = fillTree(film, tree, frame, cycle, departed);
    else reached = fillQueue(film, layout, arriving.get(cycle), frame, cycle, reached);
  }
}

/** The outer product: every multiplier with a word forms a product, which is on its way for some cycles. */
function sendProducts(
  film: Reel,
  layout: ProductLayout,
  { frames, resting }: Record,
  { cycle, delay, words }: Sending,
  acts: Activity[],
  wordOf: (address: number, sum: number | undefined) => Word,
): void {
  for (const { address, multipliers } of words) {
    const { at, value } = wordOf(address, undefined);
    for (const multiplier of multipliers) {
      const product = value * (resting[multiplier]?.value ?? 0);
      const part = layout.multipliers[multiplier] ?? 0;
      film.set(cycle, part, slots.place, at);
      film.set(cycle, part, slots.product, product);
      acts[multiplier] = "useful";
      const stage = layout.stages[multiplier];
      if (stage === undefined) {
        film.move(cycle, layout.toQueue[multiplier] ?? 0, slots.product, at);
        continue;
      }
      film.move(cycle, layout.onwards[multiplier] ?? 0, slots.product, at);
      for (let after = 1; after <= delay && cycle + after < frames.length; after++) {
        film.set(cycle + after, stage, 2 * after - 2, at);
        film.set(cycle + after, stage, 2 * after - 1, product);
        film.act(cycle + after, stage, "passing");
        if (after === delay) film.move(cycle + after, layout.toQueue[multiplier] ?? 0, 2 * after - 1, at);
      }
    }
  }
}

/** The inner product: what meets is multiplied, the rest by zero, and the sum of each row is on its way. */
function sendSums(
  film: Reel,
  layout: ProductLayout,
  { frames, resting }: Record,
  { cycle, delay, words, column = NaN, sums = [], carried }: Sending,
  acts: Activity[],
  wordOf: (address: number, sum: number | undefined) => Word,
): void {
  const met = wordsByMultiplier(words, wordOf);
  for (const [multiplier, { value }] of resting.entries()) {
    const word = met.get(multiplier);
    const part = layout.multipliers[multiplier] ?? 0;
    film.set(cycle, part, slots.place, column);
    film.set(cycle, part, slots.product, word === undefined ? 0 : value * word.value);
    acts[multiplier] = word === undefined ? "zero" : "useful";
  }
  if (carried !== undefined) {
    const carrier = layout.multipliers[resting.length] ?? 0;
    film.set(cycle, carrier, slots.place, column);
    film.set(cycle, carrier, slots.product, Number.isNaN(carried) ? 0 : carried);
    acts[resting.length] = "passing";
  }
  for (const [at, one] of layout.sums.entries()) {
    sendSum(
      film,
      layout,
      one,
      { cycle, delay, column, sum: sums[at] ?? NaN, hasMore: carried !== undefined },
      frames.length,
    );
  }
}

function sendSum(
  film: Reel,
  { multipliers }: ProductLayout,
  { part, from, links, to, out }: SumPart,
  sent: {
    readonly cycle: number;
    readonly delay: number;
    readonly column: number;
    readonly sum: number;
    readonly hasMore: boolean;
  },
  frames: number,
): void {
  const { cycle, delay, column, hasMore } = sent;
  const isUseful = !Number.isNaN(sent.sum);
  const sum = isUseful ? sent.sum : 0;
  for (const [i, link] of links.entries()) {
    const sends = from + i < to || (hasMore && multipliers[from + i] !== undefined);
    if (sends) film.move(cycle, link, slots.product, column);
  }
  for (let after = 0; after <= delay && cycle + after < frames; after++) {
    film.set(cycle + after, part, 2 * after, column);
    film.set(cycle + after, part, 2 * after + 1, sum);
    if (after === delay) film.move(cycle + after, out, 2 * after + 1, column);
  }
  // Sums that only pass are filled after the one that is formed, which counts.
  for (let after = 1; after <= delay && cycle + after < frames; after++) film.act(cycle + after, part, "passing");
  film.act(cycle, part, isUseful ? "useful" : "zero");
}

function wordsByMultiplier(
  words: readonly AskedWord[],
  wordOf: (address: number, sum: number | undefined) => Word,
): ReadonlyMap<number, Word> {
  const found = new Map<number, Word>();
  for (const { address, multipliers, sum } of words) {
    if (sum !== undefined) continue;
    for (const multiplier of multipliers) found.set(multiplier, wordOf(address, sum));
  }
  return found;
}

/** Cache, FIFO and off-chip memory. `onTheWay` are the lines that have been asked for. */
function fillMemories(
  film: Reel,
  layout: ProductLayout,
  { stationary }: ProductMachine,
  frame: Frame,
  cycle: number,
  onTheWay: Set<number>,
  isResting: readonly boolean[],
): void {
  const { offChip, banks, fifo } = layout;
  film.set(cycle, offChip, 0, frame.linesOnTheWay);
  for (const line of onTheWay) film.set(cycle, offChip, 1 + (line % banks.length), line);
  const isMoving = frame.linesOnTheWay > 0 || frame.state === "transfer";
  film.act(cycle, offChip, isMoving ? "loading" : "idle");
  for (const [bank, { part }] of banks.entries()) {
    const waiting = frame.banks[bank] ?? 0;
    film.set(cycle, part, 0, waiting);
    const hasLine = [...onTheWay].some((line) => line % banks.length === bank);
    film.act(cycle, part, waiting > 0 || hasLine ? "stalled" : "idle");
  }
  for (const { bank, line, isHit } of frame.served) {
    const { part = 0, ask = 0 } = banks[bank] ?? {};
    film.set(cycle, part, 1, line);
    film.act(cycle, part, isHit ? "passing" : "stalled");
    if (isHit) continue;
    film.move(cycle, ask, 1);
    onTheWay.add(line);
  }
  for (const [bank, { line, words }] of frame.given) {
    const { part = 0, give = 0, get = 0 } = banks[bank] ?? {};
    film.set(cycle, part, 2, line);
    film.set(cycle, part, 3, words);
    film.act(cycle, part, "passing");
    film.move(cycle, give, 3);
    if (!onTheWay.delete(line)) continue;
    film.set(cycle, offChip, 1 + bank, line);
    film.move(cycle, get, 1 + bank);
  }
  if (fifo === undefined) return;
  const handed = stationary === "fifo" && frame.state === "rest" ? frame.arrivals.length : 0;
  const left = isResting.filter((rests) => !rests).length + handed;
  film.set(cycle, fifo, 0, left);
  film.set(cycle, fifo, 1, handed);
  film.act(cycle, fifo, handed > 0 ? "passing" : left > 0 ? "stalled" : "idle");
  if (handed > 0) film.move(cycle, layout.fifoGives, 1);
}

/** The memory that a pass takes its fibres from. */
function fillStore(film: Reel, { store, fromStore }: ProductLayout, frame: Frame, cycle: number): void {
  film.set(cycle, store, 0, frame.held);
  film.set(cycle, store, 1, frame.formed.length);
  film.act(cycle, store, frame.formed.length > 0 ? "passing" : "idle");
  if (frame.formed.length > 0) film.move(cycle, fromStore, 1);
}

/** Elements that reach the controller's queue and are taken from it; returns how many have been taken. */
function fillQueue(
  film: Reel,
  { queue, fromQueue, store, kind }: ProductLayout,
  arriving: Sending | undefined,
  frame: Frame,
  cycle: number,
  before: number,
): number {
  if (queue === undefined) return before;
  const arrived = arriving === undefined ? 0 : kind === "inner" ? (arriving.sums?.length ?? 0) : arriving.words.length;
  const taken = frame.queued + arrived - frame.queuedAfter;
  film.set(cycle, queue, 0, frame.queued);
  film.set(cycle, queue, 1, taken);
  film.act(cycle, queue, taken > 0 ? "passing" : frame.queued > 0 ? "stalled" : "idle");
  if (taken > 0) film.move(cycle, fromQueue, 1);
  if (kind === "inner") film.set(cycle, store, 0, before);
  else {
    film.set(cycle, store, 0, frame.held);
    film.set(cycle, store, 1, before);
  }
  film.act(cycle, store, taken > 0 ? "loading" : "idle");
  return before + taken;
}
