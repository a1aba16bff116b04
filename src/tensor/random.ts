// Counter-based randomness: the random word of an index is a pure function of (seed, stream, index), so that any
// element of any tensor can be had alone, in any order, on any thread, in Node and in a browser alike.
//
// The function is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
// 1, 2, 3", SC 2011; also JAX's default). It uses nothing but 32-bit additions, rotations and exclusive ors. The key
// is the 64-bit seed, the counter is (index, stream).

import { InputError } from "../base/error.ts";

/** The two 32-bit halves of a seed. */
export interface Key {
  readonly low: number;
  readonly high: number;
}

/** Threefry's key-schedule parity constant for 32-bit words. */
const parity = 0x1bd11bda;

/** Throws InputError unless `seed` is an integer from 0 to 2^53 - 1. */
export function keyOf(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new InputError({
      path: "seed",
      message: "bad seed",
      found: String(seed),
      expected: "an integer from 0 to 2^53 - 1",
    });
  }
  return { low: seed >>> 0, high: Math.floor(seed / 2 ** 32) };
}

/** Writes the two 32-bit words of Threefry-2x32-20 for `key` and the counter (index, stream) to `out`. */
export function threefry(key: Key, stream: number, index: number, out: Uint32Array): void {
  const k0 = key.low | 0;
  const k1 = key.high | 0;
  const k2 = parity ^ k0 ^ k1;
  let x = (index + k0) | 0;
  let y = (stream + k1) | 0;

  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 1) | 0;

  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k2) | 0;
  y = (y + k0 + 2) | 0;

  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k0) | 0;
  y = (y + k1 + 3) | 0;

  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 4) | 0;

  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  out[0] = x + k2;
  out[1] = y + k0 + 5;
}

const scratch = new Uint32Array(2);

/** The first word of `threefry`: uniform over 0 to 2^32 - 1. */
export function randomWord(key: Key, stream: number, index: number): number {
  threefry(key, stream, index, scratch);
  return scratch[0] ?? 0;
}

/**
 * A seed for something named, such as one operand of one layer: deriveSeed(1, "conv1", "A"). Different names give
 * unrelated seeds (equal ones with probability 2^-53).
 */
export function deriveSeed(seed: number, ...names: readonly (string | number)[]): number {
  let { low, high } = keyOf(seed);
  const absorb = (word: number, domain: number) => {
    threefry({ low, high }, domain, word, scratch);
    low = scratch[0] ?? 0;
    high = scratch[1] ?? 0;
  };
  for (const name of names) {
    const text = String(name);
    for (let i = 0; i < text.length; i++) absorb(text.charCodeAt(i), 1);
    // The length, in a domain of its own, keeps ("ab", "c") apart from ("a", "bc"), and the number 1 from the text "1".
    absorb(text.length, typeof name === "number" ? 3 : 2);
  }
  return (high & 0x1fffff) * 2 ** 32 + low;
}

/** A bijection on the integers from 0 to size - 1; `tweak` (a 32-bit integer) picks one of a family of them. */
export type Permutation = (index: number, tweak: number) => number;

/**
 * A keyed pseudo-random permutation of 0 to size - 1 (size 1 to 2^31) whose every image is computed alone.
 * Generalised Feistel cipher on a x b >= size with cycle walking (Black and Rogaway, "Ciphers with Arbitrary Finite
 * Domains", CT-RSA 2002); with a = ceil(sqrt(size)), b = ceil(size / a) hardly any index walks. Round keys come from
 * Threefry, the round function is the finaliser of MurmurHash3 (Appleby). The smaller the domain, the more rounds it
 * takes until all permutations are about equally likely.
 */
export function permutation(key: Key, stream: number, size: number): Permutation {
  const a = Math.max(1, Math.ceil(Math.sqrt(size)));
  const b = Math.max(1, Math.ceil(size / a));
  const rounds = size < 64 ? 24 : size < 4096 ? 10 : 6;
  const keys = new Uint32Array(rounds);
  for (let round = 0; round < rounds; round++) keys[round] = randomWord(key, stream, round);
  const tweakKey = randomWord(key, stream, rounds) | 0;
  return (index, tweak) => {
    const twist = mix((tweak + tweakKey) | 0);
    let image = index;
    do {
      let left = Math.floor(image / b) | 0;
      let right = (image - left * b) | 0;
      for (let round = 0; round < rounds; round += 2) {
        left = turn(left, mix(right ^ twist ^ (keys[round] ?? 0)), a);
        right = turn(right, mix(left ^ twist ^ (keys[round + 1] ?? 0)), b);
      }
      image = left * b + right;
    } while (image >= size);
    return image;
  };
}

/** value + floor(hash x modulus / 2^32), modulo `modulus` (below 2^16): the 48-bit product in 32-bit steps. */
function turn(value: number, hash: number, modulus: number): number {
  const scaled = (Math.imul(hash >>> 16, modulus) + (Math.imul(hash & 0xffff, modulus) >>> 16)) >>> 16;
  const sum = (value + scaled) | 0;
  return sum >= modulus ? (sum - modulus) | 0 : sum;
}

/** A signed 32-bit word, well mixed. */
function mix(word: number): number {
  let hash = word | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
