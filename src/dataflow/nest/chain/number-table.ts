// Numbers by number, for tables that are emptied before every evaluation: emptying takes no time, looking up no object.

export interface NumberTable {
  keys: Float64Array;
  values: Int32Array;
  /** The filling that a place belongs to; others are free. */
  fillings: Int32Array;
  filling: number;
  used: number;
}

export const numberTable = (): NumberTable => ({
  keys: new Float64Array(32),
  values: new Int32Array(32),
  fillings: new Int32Array(32),
  filling: 1,
  used: 0,
});

export function emptyTable(table: NumberTable): void {
  table.filling++;
  table.used = 0;
}

/** Where a key below 2^53 is, or would be. */
function placeOf({ keys, fillings, filling }: NumberTable, key: number): number {
  const mask = keys.length - 1;
  let hash = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul((key / 4294967296) | 0, 0x85ebca6b);
  hash ^= hash >>> 15;
  let place = hash & mask;
  while (fillings[place] === filling && keys[place] !== key) place = (place + 1) & mask;
  return place;
}

/** The number of a key; -1 where it has none. */
export function numberAt(table: NumberTable, key: number): number {
  const place = placeOf(table, key);
  return table.fillings[place] === table.filling ? (table.values[place] ?? -1) : -1;
}

/** Enters a key that is not there. */
export function enterNumber(table: NumberTable, key: number, value: number): void {
  if (2 * table.used >= table.keys.length) grow(table);
  const place = placeOf(table, key);
  table.keys[place] = key;
  table.values[place] = value;
  table.fillings[place] = table.filling;
  table.used++;
}

function grow(table: NumberTable): void {
  const { keys, values, fillings, filling } = table;
  const size = 2 * keys.length;
  table.keys = new Float64Array(size);
  table.values = new Int32Array(size);
  table.fillings = new Int32Array(size);
  table.filling = 1;
  for (let place = 0; place < keys.length; place++) {
    if (fillings[place] !== filling) continue;
    const to = placeOf(table, keys[place] ?? 0);
    table.keys[to] = keys[place] ?? 0;
    table.values[to] = values[place] ?? 0;
    table.fillings[to] = 1;
  }
}
