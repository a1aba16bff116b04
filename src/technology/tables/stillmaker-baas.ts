// Coefficients that carry energy and area from one process node to another, after Stillmaker and Baas.
//
// A. Stillmaker and B. Baas, Scaling equations for the accurate prediction of CMOS device performance from 180 nm to
// 7 nm, Integration 58 (2017) 74-81, as tabulated in hwcomponents (stated).

export interface NodeCoefficients {
  readonly nodeNanometres: number;
  /** Area relative to 45 nm. */
  readonly area: number;
  /** Energy factor a V^2 + b V + c of the supply V in volts. */
  readonly energy: readonly [a: number, b: number, c: number];
}

/** From the largest node to the smallest. */
export const stillmakerBaas: readonly NodeCoefficients[] = [
  { nodeNanometres: 130, area: 6.4, energy: [7.171, -6.709, 2.904] },
  { nodeNanometres: 90, area: 2.8, energy: [4.762, -4.781, 2.092] },
  { nodeNanometres: 65, area: 1.5, energy: [3.755, -4.398, 1.975] },
  { nodeNanometres: 45, area: 1, energy: [1.103, -0.362, 0.2767] },
  { nodeNanometres: 32, area: 0.46, energy: [0.9559, -0.7823, 0.471] },
  { nodeNanometres: 20, area: 0.21, energy: [0.373, -0.1582, 0.04104] },
  { nodeNanometres: 16, area: 0.19, energy: [0.2958, -0.1241, 0.03024] },
  { nodeNanometres: 14, area: 0.17, energy: [0.2363, -0.09675, 0.02239] },
  { nodeNanometres: 10, area: 0.1, energy: [0.2068, -0.09311, 0.02375] },
  { nodeNanometres: 7, area: 0.059, energy: [0.1776, -0.09097, 0.02447] },
];
