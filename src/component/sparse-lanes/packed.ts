// Rounds of whole arrays on packed bitmaps: the banks of a unit's lanes lie side by side in words, and counts of ones
// come from adding all fields of a word at once (SWAR). No closures and no objects inside the loops.

/**
 * How banks lie in words: a field for each lane, in order from the lowest bits, over `words` words. `field` is the
 * smallest of 8, 16 and 32 bits that holds a bank. An operand that all lanes share has the same bank in every field of
 * one group of words, read again for each group of the other: its step is 0.
 */
export interface PackedLayout {
  readonly lanes: number;
  readonly field: 8 | 16 | 32;
  readonly fieldsPerWord: number;
  readonly words: number;
  /** Words of a group; `words` is a multiple of it. */
  readonly group: 1 | 4;
}

/** The layout of `lanes` banks in words or, for counters that take four at once, in groups of four. */
export function packedLayout(lanes: number, bankBits: number, group: 1 | 4 = 1): PackedLayout {
  const field = bankBits <= 8 ? 8 : bankBits <= 16 ? 16 : 32;
  const fieldsPerWord = 32 / field;
  return { lanes, field, fieldsPerWord, words: Math.ceil(lanes / fieldsPerWord / group) * group, group };
}

/** Bitmaps of one operand: where each unit's lie from `base` on, and whether each lane has its own (1) or all share (0). */
export interface PackedOperand {
  readonly words: Int32Array;
  readonly offsets: Int32Array;
  readonly step: 0 | 1;
}

/**
 * One round of the first `count` of `units`: adds max(1, ones of the fullest lane) to the cycles of each, and returns
 * the ones of all lanes.
 */
export function addRounds(
  layout: PackedLayout,
  A: PackedOperand,
  baseA: number,
  B: PackedOperand,
  baseB: number,
  units: Int32Array,
  count: number,
  cycles: Float64Array,
): number {
  const kernel = layout.field === 16 ? rounds16 : layout.field === 8 ? rounds8 : rounds32;
  return kernel(
    layout.words,
    A.words,
    A.offsets,
    A.step,
    baseA,
    B.words,
    B.offsets,
    B.step,
    baseB,
    units,
    count,
    cycles,
  );
}

type Kernel = (
  words: number,
  wordsA: Int32Array,
  offsetsA: Int32Array,
  stepA: number,
  baseA: number,
  wordsB: Int32Array,
  offsetsB: Int32Array,
  stepB: number,
  baseB: number,
  units: Int32Array,
  count: number,
  cycles: Float64Array,
) => number;

const rounds16: Kernel = (
  words,
  wordsA,
  offsetsA,
  stepA,
  baseA,
  wordsB,
  offsetsB,
  stepB,
  baseB,
  units,
  count,
  cycles,
) => {
  let total = 0;
  for (let i = 0; i < count; i++) {
    const unit = units[i] ?? 0;
    let a = baseA + (offsetsA[unit] ?? 0);
    let b = baseB + (offsetsB[unit] ?? 0);
    let most = 1;
    let ones = 0;
    for (let word = 0; word < words; word++) {
      let x = (wordsA[a] ?? 0) & (wordsB[b] ?? 0);
      a += stepA;
      b += stepB;
      x = (x - ((x >>> 1) & 0x55555555)) | 0;
      x = ((x & 0x33333333) + ((x >>> 2) & 0x33333333)) | 0;
      x = (x + (x >>> 4)) & 0x0f0f0f0f;
      x = (x + (x >>> 8)) & 0x001f001f;
      ones = (ones + x) | 0;
      const low = x & 0xffff;
      const high = x >>> 16;
      most = low > most ? low : most;
      most = high > most ? high : most;
    }
    cycles[unit] = (cycles[unit] ?? 0) + most;
    total += (ones & 0xffff) + (ones >>> 16);
  }
  return total;
};

const rounds8: Kernel = (
  words,
  wordsA,
  offsetsA,
  stepA,
  baseA,
  wordsB,
  offsetsB,
  stepB,
  baseB,
  units,
  count,
  cycles,
) => {
  let total = 0;
  for (let i = 0; i < count; i++) {
    const unit = units[i] ?? 0;
    let a = baseA + (offsetsA[unit] ?? 0);
    let b = baseB + (offsetsB[unit] ?? 0);
    let most = 1;
    let ones = 0;
    for (let word = 0; word < words; word++) {
      let x = (wordsA[a] ?? 0) & (wordsB[b] ?? 0);
      a += stepA;
      b += stepB;
      x = (x - ((x >>> 1) & 0x55555555)) | 0;
      x = ((x & 0x33333333) + ((x >>> 2) & 0x33333333)) | 0;
      x = (x + (x >>> 4)) & 0x0f0f0f0f;
      ones = (ones + ((x + (x >>> 8)) & 0x001f001f)) | 0;
      const first = x & 0xff;
      const second = (x >>> 8) & 0xff;
      const third = (x >>> 16) & 0xff;
      const fourth = x >>> 24;
      const low = first > second ? first : second;
      const high = third > fourth ? third : fourth;
      most = low > most ? low : most;
      most = high > most ? high : most;
    }
    cycles[unit] = (cycles[unit] ?? 0) + most;
    total += (ones & 0xffff) + (ones >>> 16);
  }
  return total;
};

const rounds32: Kernel = (
  words,
  wordsA,
  offsetsA,
  stepA,
  baseA,
  wordsB,
  offsetsB,
  stepB,
  baseB,
  units,
  count,
  cycles,
) => {
  let total = 0;
  for (let i = 0; i < count; i++) {
    const unit = units[i] ?? 0;
    let a = baseA + (offsetsA[unit] ?? 0);
    let b = baseB + (offsetsB[unit] ?? 0);
    let most = 1;
    let ones = 0;
    for (let word = 0; word < words; word++) {
      const x = popcount((wordsA[a] ?? 0) & (wordsB[b] ?? 0));
      a += stepA;
      b += stepB;
      ones += x;
      most = x > most ? x : most;
    }
    cycles[unit] = (cycles[unit] ?? 0) + most;
    total += ones;
  }
  return total;
};

/** Ones of a 32-bit word. */
export function popcount(word: number): number {
  let x = (word - ((word >>> 1) & 0x55555555)) | 0;
  x = ((x & 0x33333333) + ((x >>> 2) & 0x33333333)) | 0;
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}

/**
 * One round of the first `count` of `units` with lanes that run ahead of each other: adds max(1, ones) to each lane's
 * sum (`laneCycles[unit * lanes + lane]`), and returns the ones of all lanes.
 */
export function addLaneRounds(
  layout: PackedLayout,
  A: PackedOperand,
  baseA: number,
  B: PackedOperand,
  baseB: number,
  units: Int32Array,
  count: number,
  laneCycles: Float64Array,
): number {
  const { lanes, field, words } = layout;
  const wordsA = A.words;
  const wordsB = B.words;
  const fold16 = field >= 16;
  const fold32 = field === 32;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const unit = units[i] ?? 0;
    let a = baseA + (A.offsets[unit] ?? 0);
    let b = baseB + (B.offsets[unit] ?? 0);
    let lane = unit * lanes;
    const end = lane + lanes;
    for (let word = 0; word < words; word++) {
      let x = (wordsA[a] ?? 0) & (wordsB[b] ?? 0);
      a += A.step;
      b += B.step;
      x = (x - ((x >>> 1) & 0x55555555)) | 0;
      x = ((x & 0x33333333) + ((x >>> 2) & 0x33333333)) | 0;
      x = (x + (x >>> 4)) & 0x0f0f0f0f;
      if (fold16) x = (x + (x >>> 8)) & 0x001f001f;
      if (fold32) x = (x + (x >>> 16)) & 0x3f;
      for (let shift = 0; shift < 32 && lane < end; shift += field, lane++) {
        const ones = (x >>> shift) & 0xff;
        total += ones;
        laneCycles[lane] = (laneCycles[lane] ?? 0) + (ones > 1 ? ones : 1);
      }
    }
  }
  return total;
}

/** An output point ends: each of the first `count` of `units` takes as long as its slowest lane, and all start anew. */
export function joinLanes(
  { lanes }: PackedLayout,
  units: Int32Array,
  count: number,
  laneCycles: Float64Array,
  cycles: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const unit = units[i] ?? 0;
    let most = 0;
    for (let lane = unit * lanes; lane < (unit + 1) * lanes; lane++) {
      const sum = laneCycles[lane] ?? 0;
      most = sum > most ? sum : most;
      laneCycles[lane] = 0;
    }
    cycles[unit] = (cycles[unit] ?? 0) + most;
  }
}
