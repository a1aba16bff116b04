// The integers that numpy's legacy generator draws: Mersenne Twister seeded with one number, ranges by masked rejection.
// SCALE-Sim draws its row-wise sparsity with it.

import { InputError } from "../../../base/error.ts";

const STATE_WORDS = 624;
const MIDDLE_WORD = 397;

/**
 * What `np.random.seed(seed)` and then `count` calls of `np.random.randint(low, high)` give: integers in [low, high).
 * Bounds are 32-bit integers. Throws InputError for a seed outside 0 .. 2^32 - 1 and RangeError for an empty range.
 */
export function legacyRandomIntegers(seed: number, low: number, high: number, count: number): Int32Array {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new InputError({ message: "bad random seed", found: String(seed), expected: "an integer in 0 .. 2^32 - 1" });
  }
  if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high || low < -(2 ** 31) || high > 2 ** 31) {
    throw new RangeError(`no 32-bit integers from ${low} to below ${high}`);
  }
  const integers = new Int32Array(count).fill(low);
  const span = high - 1 - low;
  // A range of one number costs no draw.
  if (span === 0) return integers;
  const mask = 0xffff_ffff >>> Math.clz32(span);
  const next = mersenneTwister(seed);
  for (let i = 0; i < count; i++) {
    let offset = (next() & mask) >>> 0;
    while (offset > span) offset = (next() & mask) >>> 0;
    integers[i] = low + offset;
  }
  return integers;
}

/** MT19937, 32 bits a call. */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(STATE_WORDS);
  let word = seed >>> 0;
  for (let i = 0; i < STATE_WORDS; i++) {
    state[i] = word;
    word = (Math.imul(1_812_433_253, word ^ (word >>> 30)) + i + 1) >>> 0;
  }
  let position = STATE_WORDS;
  return () => {
    if (position === STATE_WORDS) {
      twist(state);
      position = 0;
    }
    let bits = state[position++] ?? 0;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c_5680;
    bits ^= (bits << 15) & 0xefc6_0000;
    return bits ^ (bits >>> 18);
  };
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < STATE_WORDS; i++) {
    const upper = (state[i] ?? 0) & 0x8000_0000;
    const mixed = upper | ((state[(i + 1) % STATE_WORDS] ?? 0) & 0x7fff_ffff);
    const other = state[(i + MIDDLE_WORD) % STATE_WORDS] ?? 0;
    state[i] = other ^ (mixed >>> 1) ^ ((mixed & 1) === 0 ? 0 : 0x9908_b0df);
  }
}
