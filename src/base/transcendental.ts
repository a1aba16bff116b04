// Logarithms and exponentials that give the same bits everywhere. Those of Math are left to the engine: browsers and Node
// differ in the last digit, and a result must not. These are fdlibm's, which are also what V8 has in Node.
//
// Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved. Permission to use, copy, modify, and distribute
// this software is freely granted, provided that this notice is preserved.

const real = new Float64Array(1);
const words = new Int32Array(real.buffer);
const [low, high] = new Int32Array(new Float64Array([1]).buffer)[0] === 0 ? [0, 1] : [1, 0];

/** The sign, exponent and first 20 bits of a number. */
function highWord(x: number): number {
  real[0] = x;
  return words[high] ?? 0;
}

function withHighWord(x: number, word: number): number {
  real[0] = x;
  words[high] = word;
  return real[0];
}

function withoutLowWord(x: number): number {
  real[0] = x;
  words[low] = 0;
  return real[0];
}

/** 2 to the power of an integer from -1022 to 1023. */
function powerOfTwo(exponent: number): number {
  words[high] = (exponent + 1023) << 20;
  words[low] = 0;
  return real[0] ?? 0;
}

const ln2High = 6.9314718036912381649e-1;
const ln2Low = 1.90821492927058770002e-10;

const lg1 = 6.66666666666673513e-1;
const lg2 = 3.999999999940941908e-1;
const lg3 = 2.857142874366239149e-1;
const lg4 = 2.222219843214978396e-1;
const lg5 = 1.818357216161805012e-1;
const lg6 = 1.531383769920937332e-1;
const lg7 = 1.479819860511658591e-1;

/** Natural logarithm: -Infinity of 0, NaN below. Within 1 unit in the last place (e_log.c). */
export function log(value: number): number {
  let x = value;
  let hx = highWord(x);
  let k = 0;
  if (hx < 0x00100000) {
    if (x === 0) return -Infinity;
    if (!(x > 0)) return NaN;
    k = -54;
    x *= 2 ** 54;
    hx = highWord(x);
  }
  if (hx >= 0x7ff00000) return x + x;
  k += (hx >> 20) - 1023;
  hx &= 0x000fffff;
  const up = (hx + 0x95f64) & 0x100000;
  k += up >> 20;
  const f = withHighWord(x, hx | (up ^ 0x3ff00000)) - 1;
  if ((0x000fffff & (2 + hx)) < 3) {
    if (f === 0) return k === 0 ? 0 : k * ln2High + k * ln2Low;
    const rest = f * f * (0.5 - (1 / 3) * f);
    return k === 0 ? f - rest : k * ln2High - (rest - k * ln2Low - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (lg2 + w * (lg4 + w * lg6));
  const t2 = z * (lg1 + w * (lg3 + w * (lg5 + w * lg7)));
  const rest = t2 + t1;
  if (((hx - 0x6147a) | (0x6b851 - hx)) > 0) {
    const half = 0.5 * f * f;
    if (k === 0) return f - (half - s * (half + rest));
    return k * ln2High - (half - (s * (half + rest) + k * ln2Low) - f);
  }
  if (k === 0) return f - s * (f - rest);
  return k * ln2High - (s * (f - rest) - k * ln2Low - f);
}

const inverseLn2High = 1.44269504072144627571;
const inverseLn2Low = 1.67517131648865118353e-10;

/** Logarithm to the base of 2, exact for powers of two: -Infinity of 0, NaN below (e_log2.c of FreeBSD). */
export function log2(value: number): number {
  let x = value;
  let hx = highWord(x);
  let k = 0;
  if (hx < 0x00100000) {
    if (x === 0) return -Infinity;
    if (!(x > 0)) return NaN;
    k = -54;
    x *= 2 ** 54;
    hx = highWord(x);
  }
  if (hx >= 0x7ff00000) return x + x;
  if (x === 1) return 0;
  k += (hx >> 20) - 1023;
  hx &= 0x000fffff;
  const up = (hx + 0x95f64) & 0x100000;
  k += up >> 20;
  const f = withHighWord(x, hx | (up ^ 0x3ff00000)) - 1;
  const half = 0.5 * f * f;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (lg2 + w * (lg4 + w * lg6));
  const t2 = z * (lg1 + w * (lg3 + w * (lg5 + w * lg7)));
  const r = s * (half + (t2 + t1));
  const above = withoutLowWord(f - half);
  const below = f - above - half + r;
  const first = above * inverseLn2High;
  const second = (below + above) * inverseLn2Low + below * inverseLn2High;
  const sum = k + first;
  return second + (k - sum + first) + sum;
}

/** Natural logarithm of 1 + x, precise near 0: -Infinity of -1, NaN below (s_log1p.c). */
export function log1p(x: number): number {
  const hx = highWord(x);
  const magnitude = hx & 0x7fffffff;
  let k = 1;
  let f = 0;
  let hu = 1;
  let c = 0;
  if (hx < 0x3fda827a) {
    if (magnitude >= 0x3ff00000) return x === -1 ? -Infinity : NaN;
    if (magnitude < 0x3e200000) return magnitude < 0x3c900000 ? x : x - x * x * 0.5;
    if (hx > 0 || hx <= (0xbfd2bec4 | 0)) {
      k = 0;
      f = x;
    }
  }
  if (hx >= 0x7ff00000) return x + x;
  if (k !== 0) {
    let u = x;
    if (hx < 0x43400000) {
      u = 1 + x;
      hu = highWord(u);
      k = (hu >> 20) - 1023;
      c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    } else {
      hu = highWord(u);
      k = (hu >> 20) - 1023;
    }
    hu &= 0x000fffff;
    if (hu < 0x6a09e) {
      u = withHighWord(u, hu | 0x3ff00000);
    } else {
      k++;
      u = withHighWord(u, hu | 0x3fe00000);
      hu = (0x00100000 - hu) >> 2;
    }
    f = u - 1;
  }
  const half = 0.5 * f * f;
  if (hu === 0) {
    if (f === 0) return k === 0 ? 0 : k * ln2High + (c + k * ln2Low);
    const rest = half * (1 - (2 / 3) * f);
    return k === 0 ? f - rest : k * ln2High - (rest - (k * ln2Low + c) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const rest = z * (lg1 + z * (lg2 + z * (lg3 + z * (lg4 + z * (lg5 + z * (lg6 + z * lg7))))));
  if (k === 0) return f - (half - s * (half + rest));
  return k * ln2High - (half - (s * (half + rest) + (k * ln2Low + c)) - f);
}

/** Above it the exponential is infinite. */
const mostExponent = 7.09782712893383973096e2;
/** Below it the exponential is 0. */
const leastExponent = -7.4513321910194110842e2;

const p1 = 1.66666666666666019037e-1;
const p2 = -2.77777777770155933842e-3;
const p3 = 6.61375632143793436117e-5;
const p4 = -1.6533902205465251539e-6;
const p5 = 4.13813679705723846039e-8;

/** e to the power of x, within 1 unit in the last place (e_exp.c). */
export function exp(value: number): number {
  const magnitude = highWord(value) & 0x7fffffff;
  if (Number.isNaN(value)) return NaN;
  if (value > mostExponent) return Infinity;
  if (value < leastExponent) return 0;
  let x = value;
  let k = 0;
  let above = 0;
  let below = 0;
  if (magnitude > 0x3fd62e42) {
    if (magnitude < 0x3ff0a2b2) {
      if (x === 1) return Math.E;
      above = x > 0 ? x - ln2High : x + ln2High;
      below = x > 0 ? ln2Low : -ln2Low;
      k = x > 0 ? 1 : -1;
    } else {
      k = Math.trunc(Math.LOG2E * x + (x > 0 ? 0.5 : -0.5));
      above = x - k * ln2High;
      below = k * ln2Low;
    }
    x = above - below;
  } else if (magnitude < 0x3e300000) {
    return 1 + x;
  }
  const t = x * x;
  const c = x - t * (p1 + t * (p2 + t * (p3 + t * (p4 + t * p5))));
  if (k === 0) return 1 - ((x * c) / (c - 2) - x);
  const y = 1 - (below - (x * c) / (2 - c) - above);
  if (k === 1024) return y * 2 * 2 ** 1023;
  return k >= -1021 ? y * powerOfTwo(k) : y * powerOfTwo(k + 1000) * 2 ** -1000;
}

const q1 = -3.33333333333331316428e-2;
const q2 = 1.58730158725481460165e-3;
const q3 = -7.93650757867487942473e-5;
const q4 = 4.00821782732936239552e-6;
const q5 = -2.01099218183624371326e-7;

/** e to the power of x, less 1, precise near 0 (s_expm1.c). */
export function expm1(value: number): number {
  const magnitude = highWord(value) & 0x7fffffff;
  if (Number.isNaN(value)) return NaN;
  if (value > mostExponent) return Infinity;
  // 56 ln 2, beyond which nothing is left of the exponential.
  if (magnitude >= 0x4043687a && value < 0) return -1;
  let x = value;
  let k = 0;
  let c = 0;
  if (magnitude > 0x3fd62e42) {
    let above = 0;
    let below = 0;
    if (magnitude < 0x3ff0a2b2) {
      above = x > 0 ? x - ln2High : x + ln2High;
      below = x > 0 ? ln2Low : -ln2Low;
      k = x > 0 ? 1 : -1;
    } else {
      k = Math.trunc(Math.LOG2E * x + (x > 0 ? 0.5 : -0.5));
      above = x - k * ln2High;
      below = k * ln2Low;
    }
    x = above - below;
    c = above - x - below;
  } else if (magnitude < 0x3c900000) {
    return x;
  }
  const half = 0.5 * x;
  const square = x * half;
  const r1 = 1 + square * (q1 + square * (q2 + square * (q3 + square * (q4 + square * q5))));
  const t = 3 - r1 * half;
  let e = square * ((r1 - t) / (6 - x * t));
  if (k === 0) return x - (x * e - square);
  e = x * (e - c) - c - square;
  if (k === -1) return 0.5 * (x - e) - 0.5;
  if (k === 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
  if (k <= -2 || k > 56) {
    const y = 1 - (e - x);
    return (k === 1024 ? y * 2 * 2 ** 1023 : y * powerOfTwo(k)) - 1;
  }
  if (k < 20) return (1 - powerOfTwo(-k) - (e - x)) * powerOfTwo(k);
  return (x - (e + powerOfTwo(-k)) + 1) * powerOfTwo(k);
}
