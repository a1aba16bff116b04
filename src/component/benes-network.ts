// A network of two-by-two switches that takes every input to any output without two of them meeting: the switches of each
// stage for a permutation, and the price.

import { InputError } from "../base/error.ts";
import type { Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";

export interface BenesNetwork {
  readonly kind: "benesNetwork";
  /** Networks of this size, side by side. */
  readonly networks: number;
  /** Inputs and outputs of one: a power of two. */
  readonly ports: number;
  /** Bits of an element. */
  readonly bits: number;
}

/** @throws InputError for ports that are no power of two from 2, no network or no bits. */
export function benesNetwork(parameters: Omit<BenesNetwork, "kind">): BenesNetwork {
  const { networks, ports, bits } = parameters;
  check("networks", networks, Number.isInteger(networks) && networks >= 1, "a whole number from 1");
  check("ports", ports, Number.isInteger(Math.log2(ports)) && ports >= 2, "a power of two from 2");
  check("bits", bits, Number.isInteger(bits) && bits >= 1, "a whole number from 1");
  return { kind: "benesNetwork", ...parameters };
}

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible network", found: String(value), expected });
}

/** Stages of switches that an element passes. */
export const benesStages = ({ ports }: Pick<BenesNetwork, "ports">): number => 2 * Math.log2(ports) - 1;

/**
 * Crossed switches for a permutation: output o gets input `source[o]`. The first stage's switches, then those of the upper
 * and of the lower half network stage by stage side by side, then the last stage's. Switch s of the outer stages joins
 * lines 2 s and 2 s + 1 and line 0 of it leads to the upper half. The looping algorithm: outputs of one switch come from
 * different halves, so do inputs, and following these pairs closes in loops.
 */
export function benesSettings(source: readonly number[]): readonly (readonly boolean[])[] {
  const ports = source.length;
  if (ports === 2) return [[source[0] === 1]];
  const outputOf: number[] = [];
  for (const [output, input] of source.entries()) outputOf[input] = output;
  /** Whether each output comes through the lower half. */
  const isLower: (boolean | undefined)[] = Array.from({ length: ports });
  for (let start = 0; start < ports; start += 2) {
    for (let output = start; isLower[output] === undefined;) {
      isLower[output] = false;
      isLower[output ^ 1] = true;
      // The other input of the switch of what the lower half brings has to go through the upper one.
      output = outputOf[(source[output ^ 1] ?? 0) ^ 1] ?? 0;
    }
  }
  const first: boolean[] = [];
  const last: boolean[] = [];
  const halves: [number[], number[]] = [[], []];
  for (let s = 0; s < ports / 2; s++) {
    first.push(isLower[outputOf[2 * s] ?? 0] === true);
    last.push(isLower[2 * s] === true);
    for (const output of [2 * s, 2 * s + 1]) {
      halves[isLower[output] === true ? 1 : 0][s] = (source[output] ?? 0) >> 1;
    }
  }
  const [upper, lower] = [benesSettings(halves[0]), benesSettings(halves[1])];
  return [first, ...upper.map((stage, i) => [...stage, ...(lower[i] ?? [])]), last];
}

/**
 * Energy of `deliver`, an element through a register at every stage; area of switches (two registers each). Assumed:
 * switches are priced by their registers, their multiplexers and the controller of the settings are not counted.
 */
export function benesNetworkCost(network: BenesNetwork, technology: Technology): ComponentCost {
  const register = technology.register(network.bits);
  const stages = benesStages(network);
  return {
    energy: { deliver: { joules: stages * register.joules, table: register.table } },
    squareMillimetres: network.networks * stages * network.ports * register.squareMillimetres,
    tables: [register.table],
    leakageWatts: 0,
  };
}
