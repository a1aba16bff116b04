// SRAM arrays by CACTI 7: energy, leakage and area of one array with one read-write port and one bank, swept over
// capacity (powers of two up to 2 MiB), access width (at 45 nm) and node, and the power laws fitted to the sweep.

import { derived } from "../../base/source.ts";

export type CactiNode = 90 | 65 | 45 | 32 | 22;

/** One access width of one node: entry i of each list belongs to an array of `firstBytes * 2 ** i` bytes. */
export interface CactiSeries {
  readonly widthBits: number;
  readonly firstBytes: number;
  readonly readPicojoules: readonly number[];
  readonly writePicojoules: readonly number[];
  readonly leakageMilliwatts: readonly number[];
  readonly squareMillimetres: readonly number[];
}

export const cactiSource = derived(
  "computed with CACTI 7 (plain RAM, 1 read-write port, 1 bank, ITRS low-standby-power cells, 300 K), 101 runs",
);

/** What a fitted law gives: read, write, leakage, area. */
export interface CactiLaw {
  readonly read: number;
  readonly write: number;
  readonly leakage: number;
  readonly area: number;
}

/**
 * Exponents b of least-squares fits `a * bytes ** b` to the 64-bit rows of each node; the read and area fits are the
 * ones published with the sweep. Used beyond the swept capacities only.
 */
export const capacityExponents: Readonly<Record<CactiNode, CactiLaw>> = {
  90: { read: 0.59, write: 0.443, leakage: 0.924, area: 0.97 },
  65: { read: 0.585, write: 0.447, leakage: 0.911, area: 0.979 },
  45: { read: 0.57, write: 0.452, leakage: 0.94, area: 0.976 },
  32: { read: 0.564, write: 0.458, leakage: 0.927, area: 0.981 },
  22: { read: 0.57, write: 0.463, leakage: 0.9, area: 0.982 },
};

/**
 * Exponents c of a least-squares fit `a * bytes ** b * width ** c` to all 49 rows at 45 nm. Used for narrower
 * accesses than the sweep has, and for every width but 64 bits at the nodes swept at 64 bits only. Leakage does not
 * depend on the width (fit: -0.01).
 */
export const widthExponents: CactiLaw = { read: 0.534, write: 0.776, leakage: 0, area: 0.067 };

export const cactiSweep: Readonly<Record<CactiNode, readonly CactiSeries[]>> = {
  90: [
    {
      widthBits: 64,
      firstBytes: 512,
      readPicojoules: [
        5.31132, 6.1404, 6.92128, 11.4366, 20.7518, 28.6043, 53.7412, 103.687, 123.62, 162.256, 267.333, 347.967,
        461.522,
      ],
      writePicojoules: [
        8.11382, 12.0606, 19.077, 21.799, 27.5274, 42.5999, 53.5621, 75.1579, 95.0914, 133.727, 182.105, 262.117,
        375.672,
      ],
      leakageMilliwatts: [
        7.14278e-5, 0.000149091, 0.000246299, 0.000413037, 0.000913048, 0.00171657, 0.00317181, 0.00557677, 0.0111535,
        0.0223071, 0.0409221, 0.0816693, 0.163339,
      ],
      squareMillimetres: [
        0.00848051, 0.0143529, 0.0268993, 0.050048, 0.103159, 0.193483, 0.379691, 0.734758, 1.54994, 3.18549, 6.11151,
        12.1655, 24.1507,
      ],
    },
  ],
  65: [
    {
      widthBits: 64,
      firstBytes: 512,
      readPicojoules: [
        2.67218, 3.12005, 3.62197, 6.16767, 11.1253, 20.9833, 30.1022, 47.0445, 59.3358, 100.581, 126.208, 174.538,
        239.816,
      ],
      writePicojoules: [
        4.27472, 6.48658, 10.5165, 11.9532, 14.6927, 20.1146, 28.6907, 37.3036, 49.595, 73.0956, 98.4091, 146.11,
        211.388,
      ],
      leakageMilliwatts: [
        0.000156627, 0.000289352, 0.000473161, 0.000986864, 0.00177749, 0.00314781, 0.00611551, 0.0108026, 0.0216052,
        0.0396286, 0.078943, 0.157666, 0.315331,
      ],
      squareMillimetres: [
        0.00447192, 0.00751165, 0.0140556, 0.0281628, 0.0548107, 0.105886, 0.197934, 0.436225, 0.89644, 1.74404,
        3.43192, 6.80868, 13.4928,
      ],
    },
  ],
  45: [
    {
      widthBits: 32,
      firstBytes: 512,
      readPicojoules: [
        0.84632, 1.32373, 2.23182, 2.86168, 5.247, 9.97801, 11.7855, 17.8039, 25.3015, 32.9192, 45.7334, 68.3604,
        89.5521,
      ],
      writePicojoules: [
        1.75729, 2.06548, 2.63511, 3.73221, 4.79053, 6.86756, 8.67501, 13.4688, 16.8831, 24.4175, 35.7332, 49.0763,
        70.268,
      ],
      leakageMilliwatts: [
        2.19439e-5, 3.5316e-5, 7.52517e-5, 0.000141511, 0.000254988, 0.000471185, 0.000942371, 0.00171688, 0.00335777,
        0.00667503, 0.01261, 0.0249577, 0.0499154,
      ],
      squareMillimetres: [
        0.001894, 0.00343189, 0.00722007, 0.0131806, 0.02565, 0.0500177, 0.10603, 0.238696, 0.416629, 0.82162, 1.77389,
        3.15278, 6.25674,
      ],
    },
    {
      widthBits: 64,
      firstBytes: 512,
      readPicojoules: [
        1.41365, 1.66966, 2.75566, 3.38552, 6.13702, 11.6097, 17.0418, 25.8695, 32.2859, 44.7157, 68.3493, 93.5192,
        127.527,
      ],
      writePicojoules: [
        2.2808, 3.49161, 4.23915, 6.45356, 7.87807, 10.6968, 15.3975, 19.6486, 26.065, 38.4949, 51.346, 76.1829, 110.19,
      ],
      leakageMilliwatts: [
        1.89185e-5, 3.53876e-5, 7.41733e-5, 0.000140432, 0.000256785, 0.000469172, 0.000923907, 0.00167027, 0.00334055,
        0.0066811, 0.012496, 0.0249626, 0.0499251,
      ],
      squareMillimetres: [
        0.00214376, 0.0035993, 0.00754236, 0.0135029, 0.0262673, 0.050742, 0.0948597, 0.209046, 0.429589, 0.872093,
        1.64463, 3.26283, 6.46596,
      ],
    },
    {
      widthBits: 128,
      firstBytes: 1024,
      readPicojoules: [
        3.37845, 3.79698, 4.42684, 7.91635, 10.7481, 20.3074, 39.332, 50.2566, 76.1191, 100.187, 153.433, 205.041,
      ],
      writePicojoules: [
        5.11277, 7.44088, 11.8899, 14.0524, 23.2224, 27.5274, 36.0435, 46.968, 63.6773, 87.7454, 129.128, 170.368,
      ],
      leakageMilliwatts: [
        3.90173e-5, 7.43359e-5, 0.000140595, 0.000255838, 0.000497793, 0.000927107, 0.00165181, 0.00330362, 0.00626877,
        0.0125375, 0.0248517, 0.0483843,
      ],
      squareMillimetres: [
        0.00531964, 0.0083071, 0.0142676, 0.0277058, 0.0506494, 0.0975387, 0.187953, 0.41348, 0.887609, 1.79757,
        3.24735, 6.80215,
      ],
    },
    {
      widthBits: 256,
      firstBytes: 2048,
      readPicojoules: [9.46053, 10.2041, 11.484, 14.3158, 26.838, 51.7987, 73.7616, 124.61, 167.908, 251.863, 353.951],
      writePicojoules: [
        12.9292, 17.4919, 26.4102, 44.5186, 51.7865, 66.2387, 88.2016, 118.033, 161.331, 245.286, 305.34,
      ],
      leakageMilliwatts: [
        7.09633e-5, 0.000134691, 0.000257769, 0.000499724, 0.000928967, 0.00165989, 0.00331979, 0.00623184, 0.0124637,
        0.0249274, 0.0482658,
      ],
      squareMillimetres: [
        0.0134821, 0.0192628, 0.0307979, 0.0537415, 0.103395, 0.198942, 0.473839, 0.859765, 1.7977, 3.67635, 6.80054,
      ],
    },
  ],
  32: [
    {
      widthBits: 64,
      firstBytes: 512,
      readPicojoules: [
        0.74509, 0.8952, 1.49433, 2.65795, 3.44337, 6.54754, 8.25708, 12.8735, 18.1554, 26.8214, 34.8157, 52.0282,
        70.6766,
      ],
      writePicojoules: [
        1.22144, 1.895, 2.28736, 3.03746, 4.27156, 5.75103, 7.46057, 10.7719, 14.1095, 21.3258, 29.1488, 41.2264,
        59.8748,
      ],
      leakageMilliwatts: [
        3.52128e-5, 6.58381e-5, 0.000134272, 0.000238686, 0.00045001, 0.000801169, 0.00160234, 0.0028897, 0.00564529,
        0.0106568, 0.0212617, 0.0419081, 0.0838163,
      ],
      squareMillimetres: [
        0.00108792, 0.00182086, 0.00382026, 0.00745357, 0.0132872, 0.0256648, 0.0566046, 0.124417, 0.217281, 0.478266,
        0.938768, 1.6503, 3.27041,
      ],
    },
  ],
  22: [
    {
      widthBits: 64,
      firstBytes: 512,
      readPicojoules: [
        0.30736, 0.38016, 0.64828, 1.17092, 1.59026, 2.6436, 3.78646, 5.66959, 7.40229, 11.8577, 15.3195, 23.4672,
        31.6006,
      ],
      writePicojoules: [
        0.49958, 0.78455, 0.94291, 1.24601, 1.77144, 2.27963, 3.10424, 4.42749, 6.16019, 8.82464, 12.2171, 17.5006,
        25.6339,
      ],
      leakageMilliwatts: [
        0.000143493, 0.000268817, 0.000515343, 0.000892366, 0.00161655, 0.00287171, 0.00545624, 0.00976956, 0.0195391,
        0.0353726, 0.0705597, 0.137895, 0.27579,
      ],
      squareMillimetres: [
        0.00051069, 0.000857542, 0.00179767, 0.00350925, 0.00626543, 0.0150736, 0.0266947, 0.0586014, 0.118839, 0.22529,
        0.442175, 0.778459, 1.54269,
      ],
    },
  ],
};
