// What SCALE-Sim's results owe to the Python under it: the order in which CPython walks a set of integers, and numpy's
// legacy generator of random integers. Written from the definitions of both; CPython 3.11, numpy's RandomState.

/** Slots that a set looks at after the one that a hash falls on, before it jumps. */
const LINEAR_PROBES = 9;

/**
 * The order in which CPython iterates over a set after these distinct integers of at least 0 were added one by one. A
 * set is an open hash table whose order of iteration is that of its slots; an integer's hash is itself.
 */
export function cpythonSetOrder(integers: Iterable<number>): number[] {
  let table = new Array<number | undefined>(8).fill(undefined);
  let used = 0;
  for (const integer of integers) {
    insert(table, integer);
    used++;
    if (used * 5 < (table.length - 1) * 3) continue;
    let size = 8;
    while (size <= (used > 50_000 ? used * 2 : used * 4)) size *= 2;
    const larger = new Array<number | undefined>(size).fill(undefined);
    for (const old of table) if (old !== undefined) insert(larger, old);
    table = larger;
  }
  return table.filter((entry) => entry !== undefined);
}

/** Into the first free slot: the slot of the hash and its neighbours, then jumps that the hash's upper bits perturb. */
function insert(table: (number | undefined)[], integer: number): void {
  const size = table.length;
  let slot = integer % size;
  for (let perturb = integer; ; slot = (slot * 5 + 1 + perturb) % size) {
    const last = slot + LINEAR_PROBES < size ? slot + LINEAR_PROBES : slot;
    for (let i = slot; i <= last; i++) {
      if (table[i] === undefined) {
        table[i] = integer;
        return;
      }
    }
    perturb = Math.floor(perturb / 32);
  }
}

const TWISTER_WORDS = 624;

/**
 * Draws what `np.random.randint(low, high)` (high excluded) gives after `np.random.seed(seed)`: the Mersenne twister
 * MT19937 with the old seeding, draws masked to the next power of two and thrown away where above the range. A range
 * of one value draws nothing.
 */
export function numpyRandomInteger(seed: number): (low: number, high: number) => number {
  const state = new Uint32Array(TWISTER_WORDS);
  state[0] = seed;
  for (let i = 1; i < TWISTER_WORDS; i++) {
    const previous = word(state, i - 1);
    state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  let next = TWISTER_WORDS;
  const draw = (): number => {
    if (next === TWISTER_WORDS) {
      twist(state);
      next = 0;
    }
    let y = word(state, next++);
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  return (low, high) => {
    const range = high - 1 - low;
    if (range < 0) throw new Error(`no integer in ${low} to ${high - 1}`);
    if (range === 0) return low;
    let mask = 1;
    while (mask < range) mask = mask * 2 + 1;
    for (;;) {
      const value = (draw() & mask) >>> 0;
      if (value <= range) return low + value;
    }
  };
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < TWISTER_WORDS; i++) {
    const y = (word(state, i) & 0x80000000) | (word(state, (i + 1) % TWISTER_WORDS) & 0x7fffffff);
    state[i] = word(state, (i + 397) % TWISTER_WORDS) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}

function word(words: Uint32Array, index: number): number {
  const found = words[index];
  if (found === undefined) throw new RangeError(`no word ${index}`);
  return found;
}
