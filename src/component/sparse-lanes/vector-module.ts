// A WebAssembly module that counts rounds sixteen bytes at a time, assembled here instruction by instruction. What it
// computes is `addRounds` of packed.ts, which stays its reference.

/** Parameters of each function, all of them 32-bit integers; addresses and steps are in bytes. */
const parameter = {
  vectors: 0,
  A: 1,
  offsetsA: 2,
  stepA: 3,
  B: 4,
  offsetsB: 5,
  stepB: 6,
  units: 7,
  count: 8,
  cycles: 9,
} as const;
const local = { unit: 10, a: 11, b: 12, left: 13, most: 14, total: 15, counts: 16 } as const;

const i32 = 0x7f;
const v128 = 0x7b;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 128;
    bytes.push((rest & 127) | (more ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

const vector = (...items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, ...unsigned(body.length), ...body];
const text = (name: string): number[] => [...unsigned(name.length), ...[...name].map((letter) => letter.charCodeAt(0))];

const get = (index: number): number[] => [0x20, index];
const set = (index: number): number[] => [0x21, index];
/** Constants below 64, which are one byte of signed LEB128. */
const constant = (value: number): number[] => [0x41, value];
const add = [0x6a];
const shiftLeft = [0x74];
const load = [0x28, 2, 0];
const loadVector = [0xfd, 0x00, 2, 0];
const and = [0xfd, 0x4e];
const onesOfBytes = [0xfd, 0x62];
/** Sums of neighbouring bytes as 16-bit numbers, and of neighbouring 16-bit numbers as 32-bit ones. */
const pairBytes = [0xfd, 0x7d];
const pairHalves = [0xfd, 0x7f];
const largerBytes = [0xfd, 0x79];
const addVectors = [0xfd, 0xae, 0x01];
const firstByte = [0xfd, 0x16, 0];
const vectorConstant = (first: number): number[] => [0xfd, 0x0c, first, ...Array.from({ length: 15 }, () => 0)];
const word = (index: number): number[] => [0xfd, 0x1b, index];
/** Bytes moved down by `by`, those at the end coming round. */
const rotate = (by: number): number[] => [0xfd, 0x0d, ...Array.from({ length: 16 }, (_, i) => (i + by) % 16)];

/** Instructions one after another. */
const code = (...parts: readonly (number | readonly number[])[]): number[] => parts.flat();
const block = [0x02, 0x40];
const loop = [0x03, 0x40];
const end = 0x0b;
const branch = (depth: number): number[] => [0x0c, depth];
const branchIf = (depth: number): number[] => [0x0d, depth];
const isZero = 0x45;
const subtract = 0x6b;
const tee = (index: number): number[] => [0x22, index];
const loadDouble = [0x2b, 3, 0];
const storeDouble = [0x39, 3, 0];
const toDouble = 0xb8;
const addDoubles = 0xa0;

/** Fields of 8, 16 or 32 bits: how often neighbouring counts are added until they are those of a field. */
function roundsBody(folds: 0 | 1 | 2): number[] {
  const { vectors, A, offsetsA, stepA, B, offsetsB, stepB, units, count, cycles } = parameter;
  const { unit, a, b, left, most, total, counts } = local;
  const fold = [pairBytes, pairHalves];
  const scaled = (bits: number): number[] => code(constant(bits), shiftLeft);
  const offset = (offsets: number): number[] => code(get(offsets), get(unit), scaled(2), add, load, scaled(2));
  const forward = (pointer: number, step: readonly number[]): number[] => code(get(pointer), step, add, set(pointer));
  const inner = code(
    code(get(a), loadVector, get(b), loadVector, and, onesOfBytes, fold.slice(0, folds).flat(), set(counts)),
    code(get(most), get(counts), largerBytes, set(most)),
    code(get(total), get(counts), fold.slice(folds).flat(), addVectors, set(total)),
    forward(a, get(stepA)),
    forward(b, get(stepB)),
    code(get(left), constant(1), subtract, tee(left), branchIf(0)),
  );
  const largest = [8, 4, 2, 1].flatMap((by) =>
    code(get(most), get(most), get(most), rotate(by), largerBytes, set(most)),
  );
  const perUnit = code(
    code(get(count), isZero, branchIf(1)),
    code(get(units), load, set(unit)),
    code(get(A), offset(offsetsA), add, set(a)),
    code(get(B), offset(offsetsB), add, set(b)),
    // A round takes a cycle at least: the largest count starts at 1.
    code(vectorConstant(1), set(most)),
    code(get(vectors), set(left)),
    code(loop, inner, end),
    largest,
    // cycles[unit] += the largest count, as a double; `a` is free by now and holds the address.
    code(get(cycles), get(unit), scaled(3), add, tee(a)),
    code(get(a), loadDouble, get(most), firstByte, toDouble, addDoubles, storeDouble),
    forward(units, constant(4)),
    code(get(count), constant(1), subtract, set(count)),
    branch(0),
  );
  const sum = [0, 1, 2, 3].flatMap((index) => code(get(total), word(index), index === 0 ? [] : add));
  return code(vector([4, i32], [3, v128]), block, loop, perUnit, end, end, sum, end);
}

/** Exports `rounds8`, `rounds16` and `rounds32`, with the parameters above, and imports its memory as `lanes.memory`. */
export function vectorModule(): Uint8Array<ArrayBuffer> {
  const names = ["rounds8", "rounds16", "rounds32"];
  const bodies = ([0, 1, 2] as const).map((folds) => roundsBody(folds));
  const parameters = Object.values(parameter).map(() => [i32]);
  return Uint8Array.from(
    code(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector(code(0x60, vector(...parameters), vector([i32])))),
      section(2, vector(code(text("lanes"), text("memory"), 0x02, 0x00, 1))),
      section(3, vector(...names.map(() => [0]))),
      section(7, vector(...names.map((name, index) => code(text(name), 0x00, index)))),
      section(10, vector(...bodies.map((body) => code(unsigned(body.length), body)))),
    ),
  );
}
