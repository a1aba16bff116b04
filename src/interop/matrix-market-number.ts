// Reads numbers from the bytes of a text: no string per number, and the nearest double, as `Number` gives it.

/** What the scanners return where no number stands. */
export const noNumber = -1;

/** Up to here another digit keeps the digits below 2^53, where every integer is a double. */
const roomForDigit = Math.floor(2 ** 53 / 10) - 1;

/** Digits past those, as a second integer. */
const longestRest = 15;

/** 10^0 to 10^22: the powers of ten that are doubles. One operation of them with an integer below 2^53 rounds once. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isSign = (byte: number): boolean => byte === 0x2b || byte === 0x2d;

/**
 * The real number that begins at `start`, to `out[0]`: sign, digits with or without a point, exponent behind e or E, or
 * behind d or D as Fortran writes it. Returns where it ends. The text must end in a byte that is part of no number.
 */
export function scanReal(bytes: Uint8Array, start: number, out: Float64Array): number {
  let at = start;
  const sign = bytes[at] ?? 0;
  if (isSign(sign)) at++;
  const first = at;
  let digits = 0;
  let rest = 0;
  let restLength = 0;
  let lost = false;
  let point = noNumber;
  for (; ; at++) {
    const byte = bytes[at] ?? 0;
    if (isDigit(byte)) {
      if (digits <= roomForDigit) digits = 10 * digits + (byte - 0x30);
      else if (restLength < longestRest) {
        rest = 10 * rest + (byte - 0x30);
        restLength++;
      } else lost = true;
    } else if (byte === 0x2e && point === noNumber) point = at;
    else break;
  }
  if (at - first === (point === noNumber ? 0 : 1)) return noNumber;
  let power = point === noNumber ? 0 : point + 1 - at;
  const letter = (bytes[at] ?? 0) | 0x20;
  if (letter === 0x65 || letter === 0x64) {
    const end = exponentEnd(bytes, at + 1);
    if (end === noNumber) return noNumber;
    power += exponentOf(bytes, at + 1, end);
    at = end;
  }
  let magnitude = Number.NaN;
  if (restLength === 0 && power <= 0 && power >= -22) magnitude = digits / (powersOfTen[-power] ?? 1);
  else if (!lost && Math.abs(power) <= 200) magnitude = scaled(digits, rest, restLength, power);
  if (Number.isNaN(magnitude)) out[0] = Number(asciiText(bytes, start, at).replace(/d/i, "e"));
  else out[0] = sign === 0x2d ? -magnitude : magnitude;
  return at;
}

/**
 * (digits x 10^restLength + rest) x 10^power, all from 0 and within +-200, as the nearest double; NaN where that cannot
 * be told. The number is carried as the unevaluated sum high + low of two doubles (Dekker, "A floating-point technique
 * for extending the available precision", 1971), good to more than 95 bits.
 */
function scaled(digits: number, rest: number, restLength: number, power: number): number {
  const shift = powersOfTen[restLength] ?? 1;
  const shifted = digits * shift;
  let high = shifted + rest;
  // `rest` is the smaller one unless both are 0.
  let low = rest - (high - shifted) + productError(digits, shift, shifted);
  for (let left = Math.abs(power); left > 0; left -= 22) {
    const factor = powersOfTen[Math.min(left, 22)] ?? 1;
    if (power > 0) {
      const product = high * factor;
      low = low * factor + productError(high, factor, product);
      high = product;
    } else {
      const quotient = high / factor;
      const product = quotient * factor;
      low = (high - product - productError(quotient, factor, product) + low) / factor;
      high = quotient;
    }
    const sum = high + low;
    low -= sum - high;
    high = sum;
  }
  const nearest = high + low;
  const error = low - (nearest - high);
  // Within a billionth of the middle between two doubles the bits carried might not decide.
  return nearest + error * (1 + 1e-9) === nearest ? nearest : Number.NaN;
}

/** a x b - product, exactly, where `product` is a x b rounded. */
function productError(a: number, b: number, product: number): number {
  const splitA = 134217729 * a;
  const highA = splitA - (splitA - a);
  const lowA = a - highA;
  const splitB = 134217729 * b;
  const highB = splitB - (splitB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}

/** The integer that begins at `start`, to `out[0]`, rounded past 2^53. Returns where its digits end. */
export function scanInteger(bytes: Uint8Array, start: number, out: Float64Array): number {
  let at = start;
  const sign = bytes[at] ?? 0;
  if (isSign(sign)) at++;
  const first = at;
  let magnitude = 0;
  for (; isDigit(bytes[at] ?? 0); at++) magnitude = 10 * magnitude + ((bytes[at] ?? 0) - 0x30);
  if (at === first) return noNumber;
  out[0] = sign === 0x2d ? -magnitude : magnitude;
  return at;
}

function exponentEnd(bytes: Uint8Array, start: number): number {
  let at = isSign(bytes[start] ?? 0) ? start + 1 : start;
  const first = at;
  while (isDigit(bytes[at] ?? 0)) at++;
  return at === first ? noNumber : at;
}

function exponentOf(bytes: Uint8Array, start: number, end: number): number {
  const signed = isSign(bytes[start] ?? 0);
  let exponent = 0;
  for (let at = signed ? start + 1 : start; at < end; at++) {
    // Any exponent past this leaves the exact path, and its text is read whole.
    exponent = Math.min(10 * exponent + ((bytes[at] ?? 0) - 0x30), 1e6);
  }
  return bytes[start] === 0x2d ? -exponent : exponent;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
