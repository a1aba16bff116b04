// The order in which CPython 3.11 iterates over a set of whole numbers, which follows from how its hash table grows and
// probes. SCALE-Sim places the words of a memory line in that order, so its bank conflicts depend on it.

/** Slots of an empty set; tables are powers of two. */
const SMALLEST_TABLE = 8;
/** Slots tried behind the first one of a probe, unless that would leave the table. */
const LINEAR_PROBES = 9;
/** Above this many members a full table grows to twice the members instead of four times. */
const LARGE_SET = 50_000;
const EMPTY = -1;

// Two tables, reused by every call: filling one is cheaper than allocating it for each line of a memory.
let table = new Float64Array(SMALLEST_TABLE);
let spare = new Float64Array(SMALLEST_TABLE);

/**
 * The distinct `values` in the order of `list(s)` after `s = set()` and `s.add(value)` one by one. Values are whole
 * numbers in 0 .. 2^53 - 1, as Python's int or float (both hash to themselves). Throws RangeError for others.
 */
export function cpythonSetOrder(values: ArrayLike<number>): Float64Array {
  let size = SMALLEST_TABLE;
  let mask = size - 1;
  let used = 0;
  table.fill(EMPTY, 0, size);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (!(value >= 0 && Number.isSafeInteger(value))) {
      throw new RangeError(`a set holds whole numbers from 0 to 2^53 - 1, not ${value}`);
    }
    const slot = slotOf(table, mask, value);
    if (table[slot] === value) continue;
    table[slot] = value;
    used++;
    if (used * 5 < mask * 3) continue;
    const wanted = used > LARGE_SET ? used * 2 : used * 4;
    const oldSize = size;
    size = SMALLEST_TABLE;
    while (size <= wanted) size *= 2;
    mask = size - 1;
    rehash(oldSize, size);
  }
  const order = new Float64Array(used);
  for (let slot = 0, member = 0; slot < size; slot++) {
    const value = table[slot] ?? EMPTY;
    if (value !== EMPTY) order[member++] = value;
  }
  return order;
}

/** Moves the members to an empty table of `size` slots, in the order of their slots. */
function rehash(oldSize: number, size: number): void {
  const grown = spare.length < size ? new Float64Array(size) : spare;
  grown.fill(EMPTY, 0, size);
  for (let slot = 0; slot < oldSize; slot++) {
    const value = table[slot] ?? EMPTY;
    if (value !== EMPTY) grown[slotOf(grown, size - 1, value)] = value;
  }
  spare = table;
  table = grown;
}

/** The slot that holds `value`, or the empty one where it belongs. */
function slotOf(slots: Float64Array, mask: number, value: number): number {
  // A bitwise operator takes a number modulo 2^32, which is all that the mask needs of a larger hash.
  let start = value & mask;
  let perturbation = value;
  for (;;) {
    const last = start + LINEAR_PROBES <= mask ? start + LINEAR_PROBES : start;
    for (let slot = start; slot <= last; slot++) {
      const held = slots[slot];
      if (held === EMPTY || held === value) return slot;
    }
    perturbation = Math.floor(perturbation / 32);
    start = (start * 5 + 1 + (perturbation | 0)) & mask;
  }
}
