// Carries energy and area from one process node and supply voltage to another by the polynomials of Stillmaker and
// Baas (Integration 2017). Nodes between two tabulated ones are interpolated in log-log space.

import { log } from "../base/transcendental.ts";
import { InputError } from "../base/error.ts";
import { stillmakerBaas } from "./tables/stillmaker-baas.ts";
import type { NodeCoefficients } from "./tables/stillmaker-baas.ts";

/** A process node in nanometres and its supply in volts. */
export interface OperatingPoint {
  readonly nodeNanometres: number;
  readonly voltage: number;
}

/** Below, the polynomial of 65 nm turns upwards; above, it leaves the voltages of the paper's own examples. */
export const voltageRange = { lowest: 0.6, highest: 1.3 } as const;

/**
 * Energy of an action that costs `joules` at `from`, when it is built at `to`: joules * factor(to) / factor(from),
 * factor = a V^2 + b V + c of the node.
 *
 * @throws InputError for a negative or infinite energy, a node outside 7 to 130 nm, a supply outside 0.6 to 1.3 V.
 */
export function scaleEnergy(joules: number, from: OperatingPoint, to: OperatingPoint): number {
  return (checkQuantity(joules, "joules") * energyFactor(to)) / energyFactor(from);
}

/**
 * Area at `toNode` of what takes `squareMillimetres` at `fromNode`, both in nanometres.
 *
 * @throws InputError for a negative or infinite area, or a node outside 7 to 130 nm.
 */
export function scaleArea(squareMillimetres: number, fromNode: number, toNode: number): number {
  const area = checkQuantity(squareMillimetres, "square millimetres");
  return (area * factorAt(toNode, areaOf)) / factorAt(fromNode, areaOf);
}

function energyFactor({ nodeNanometres, voltage }: OperatingPoint): number {
  checkVoltage(voltage);
  return factorAt(nodeNanometres, ({ energy: [a, b, c] }) => (a * voltage + b) * voltage + c);
}

function checkVoltage(voltage: number): void {
  if (voltage >= voltageRange.lowest && voltage <= voltageRange.highest) return;
  throw new InputError({
    message: "no energy scaling at this supply voltage",
    found: String(voltage),
    expected: `${voltageRange.lowest} to ${voltageRange.highest} V`,
  });
}

const areaOf = (coefficients: NodeCoefficients): number => coefficients.area;

function factorAt(nodeNanometres: number, factor: (coefficients: NodeCoefficients) => number): number {
  let larger: NodeCoefficients | undefined;
  for (const entry of stillmakerBaas) {
    if (entry.nodeNanometres === nodeNanometres) return factor(entry);
    if (entry.nodeNanometres < nodeNanometres && larger !== undefined) {
      const share = log(larger.nodeNanometres / nodeNanometres) / log(larger.nodeNanometres / entry.nodeNanometres);
      return factor(larger) ** (1 - share) * factor(entry) ** share;
    }
    if (entry.nodeNanometres > nodeNanometres) larger = entry;
  }
  throw new InputError({
    message: "no scaling figures for this process node",
    found: String(nodeNanometres),
    expected: `${stillmakerBaas.at(-1)?.nodeNanometres} to ${stillmakerBaas[0]?.nodeNanometres} nm`,
  });
}

function checkQuantity(value: number, unit: string): number {
  if (value >= 0 && value < Infinity) return value;
  throw new InputError({
    message: "cannot scale this value",
    found: String(value),
    expected: `${unit}, finite and not negative`,
  });
}
