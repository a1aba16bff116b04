// Finds the parts of a machine of dot-product engines, and puts them together as the dataflow sees them.

import { InputError } from "../../base/error.ts";
import type { BenesNetwork } from "../../component/benes-network.ts";
import { benesStages } from "../../component/benes-network.ts";
import { formatBits } from "../../component/component.ts";
import type { Dram } from "../../component/memory/dram.ts";
import type { ForwardingAdderTree } from "../../component/forwarding-adder-tree.ts";
import { forwardingLevels } from "../../component/forwarding-adder-tree.ts";
import type { Sram } from "../../component/memory/sram.ts";
import type { Components } from "../route.ts";
import type { Station } from "../stations.ts";
import { stationsOf } from "../stations.ts";
import type { PackedMachine } from "./packed-inner.ts";

export interface PackedParts {
  readonly home: Station<Dram>;
  readonly memory: Station<Sram>;
  readonly network: Station<BenesNetwork>;
  readonly trees: Station<ForwardingAdderTree>;
}

/**
 * Paths A and B `"dram > memory > network > trees"`, C `"dram > memory > trees"`. Throws InputError with the field for
 * anything else, or for trees that are not as many and as wide as the networks.
 */
export function packedParts(components: Components, paths: Readonly<Record<"A" | "B" | "C", string>>): PackedParts {
  const kinds = ["dram", "sram", "benesNetwork", "forwardingAdderTree"] as const;
  const [home, memory, network, trees] = stationsOf(components, "A", paths.A, kinds);
  const stationsB = stationsOf(components, "B", paths.B, kinds);
  const stationsC = stationsOf(components, "C", paths.C, ["dram", "sram", "forwardingAdderTree"]);
  for (const [operand, found, expected] of [
    ["B", stationsB, [home, memory, network, trees]],
    ["C", stationsC, [home, memory, trees]],
  ] as const) {
    if (found.every(({ name }, i) => name === expected[i]?.name)) continue;
    throw new InputError({ path: `paths.${operand}`, message: "leads through other parts than A's path" });
  }
  if (trees.part.trees !== network.part.networks || trees.part.leaves !== network.part.ports) {
    throw new InputError({
      path: `components.${trees.name}`,
      message: "the trees do not stand on the networks",
      found: `${trees.part.trees} of ${trees.part.leaves} leaves`,
      expected: `${network.part.networks} of ${network.part.ports}`,
    });
  }
  return { home, memory, network, trees };
}

/** The machine at a clock in hertz. A fold fills the networks, the multipliers and the trees once. */
export function packedMachineAt(
  { home, memory, network, trees }: PackedParts,
  options: {
    readonly networkWidth: number;
    readonly outputShare: number;
    readonly outputWrites: "timed" | "untimed";
  },
  clock: number,
): PackedMachine {
  const { bytes, banks, portBits } = memory.part;
  const { ports, networks } = network.part;
  const outputBytes = Math.floor(bytes * options.outputShare);
  return {
    multipliers: networks * ports,
    depth: ports,
    width: options.networkWidth,
    valueBytes: formatBits[trees.part.operand] / 8,
    sumBytes: formatBits[trees.part.accumulator] / 8,
    memoryBytesPerCycle: (banks * portBits) / 8,
    operandBytes: bytes - outputBytes,
    outputBytes,
    outputWrites: options.outputWrites,
    dramBytesPerCycle: home.part.bandwidth / clock,
    dramLatency: Math.ceil(home.part.latency * clock),
    fillCycles: benesStages(network.part) + 1 + forwardingLevels(trees.part),
  };
}
