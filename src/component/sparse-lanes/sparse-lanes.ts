// Processing elements of several multiplier lanes that skip zeros by bitmaps: parameters, the time of a round, events
// and price. packed.ts times rounds of whole arrays on packed bitmaps, stepped.ts is the reference, a bit at a time.

import { InputError } from "../../base/error.ts";
import type { EnergyPrice, NumberFormat, Technology, UnitPrice } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";
import { formatBits } from "../component.ts";
import { multiplyAccumulateArea, multiplyAccumulateEnergy } from "../multiply-accumulate.ts";

/** Which operands carry bitmaps: a multiplication is skipped where a bitmap says that its operand is zero. */
export type LaneSparsity = "none" | "weights" | "inputs" | "both";

/**
 * What the lanes of a unit share. VxV: each lane has a bank of inputs and a bank of weights of its own, and all sums
 * are of one output. MxM: all lanes read one bank of inputs, each has its own weights, and the sums are of as many
 * outputs as there are lanes.
 */
export type LaneMode = "VxV" | "MxM";

/**
 * Who waits for whom after a round. `lane`: lanes run ahead of each other until the output point ends. `pe`: the lanes
 * of a unit end every round together, units run ahead of each other. `column`, `array`: besides, all units of a column,
 * or of the array, wait for each other after every `rounds` rounds.
 */
export type RoundBarrier =
  | { readonly scope: "lane" }
  | { readonly scope: "pe" }
  | { readonly scope: "column"; readonly rounds: number }
  | { readonly scope: "array"; readonly rounds: number };

export interface SparseLanes {
  readonly kind: "sparseLanes";
  /** Units of `lanes` lanes each. */
  readonly units: number;
  readonly lanes: number;
  /** Elements of a bank in one round, which is the width of its bitmap: 1 to 32. */
  readonly bankBits: number;
  readonly sparsity: LaneSparsity;
  readonly barrier: RoundBarrier;
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
  /** Entries of a lane's register files; each exists twice, so that one fills while the other is used. */
  readonly inputEntries: number;
  readonly weightEntries: number;
  readonly outputEntries: number;
}

/** Widest bank: a bitmap fits one word. */
export const widestBank = 32;

/** @throws InputError for counts that are no whole numbers from 1, or banks wider than 32. */
export function sparseLanes(parameters: Omit<SparseLanes, "kind">): SparseLanes {
  const { units, lanes, bankBits, barrier, inputEntries, weightEntries, outputEntries } = parameters;
  for (const [path, value] of Object.entries({ units, lanes, inputEntries, weightEntries, outputEntries })) {
    check(path, value, Infinity, "a whole number from 1");
  }
  check("bankBits", bankBits, widestBank, `a whole number from 1 to ${widestBank}`);
  if ("rounds" in barrier) check("barrier.rounds", barrier.rounds, Infinity, "a whole number of rounds from 1");
  return { kind: "sparseLanes", ...parameters };
}

function check(path: string, value: number, most: number, expected: string): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InputError({ path, message: "impossible lanes", found: String(value), expected });
}

/** Whether weights and inputs carry bitmaps. */
export const bitmapsOf = (sparsity: LaneSparsity): { readonly weights: boolean; readonly inputs: boolean } => ({
  weights: sparsity === "weights" || sparsity === "both",
  inputs: sparsity === "inputs" || sparsity === "both",
});

/**
 * Cycles of a round: as many as the busiest lane has multiplications, at least one, for an empty bitmap has to be
 * looked at too.
 */
export const roundCycles = (multiplications: ArrayLike<number>): number => {
  let most = 1;
  for (let lane = 0; lane < multiplications.length; lane++) most = Math.max(most, multiplications[lane] ?? 0);
  return most;
};

/** The fast time equals the stepped units everywhere: a popcount says how often find-first finds a bit. */
export const lanesExactWhen = (): boolean => true;

export interface LaneEvents {
  multiplyAccumulate: number;
  /** Compressed elements read from the register files. */
  inputRead: number;
  weightRead: number;
  /** Bitmaps of one bank read at the start of a round. */
  bitmapRead: number;
  /** Bits found, each with the ranks that address its operands; 0 without bitmaps. */
  findFirst: number;
  /** Sums moved from a lane's accumulator to its register file when an output point ends. */
  outputWrite: number;
}

/** How many of each event follow from the multiplications done, the rounds of lanes, and the output points of lanes. */
export function laneEvents(
  { sparsity }: Pick<SparseLanes, "sparsity">,
  counts: { readonly multiplications: number; readonly laneRounds: number; readonly outputs: number },
): LaneEvents {
  const { weights, inputs } = bitmapsOf(sparsity);
  const { multiplications, laneRounds, outputs } = counts;
  return {
    multiplyAccumulate: multiplications,
    inputRead: multiplications,
    weightRead: multiplications,
    bitmapRead: laneRounds * ((weights ? 1 : 0) + (inputs ? 1 : 0)),
    findFirst: sparsity === "none" ? 0 : multiplications,
    outputWrite: outputs,
  };
}

/**
 * Energy by event name of `LaneEvents`, and of `inputWrite`, `weightWrite`, `bitmapWrite` and `outputRead`, which fill
 * and empty the register files from outside. Area of all units. Assumed: an access of a register file costs what the
 * write of one register of that width costs; the find-first costs an adder as wide as the bank, and each rank (a count
 * of the ones before a position) another one for each operand with a bitmap.
 */
export function sparseLanesCost(component: SparseLanes, technology: Technology): ComponentCost {
  const { operand, accumulator, bankBits, lanes, units } = component;
  const arithmetic = multiplyAccumulateArea(component, technology);
  const element = technology.register(formatBits[operand]);
  const bitmap = technology.register(bankBits);
  const sum = technology.register(formatBits[accumulator]);
  const adder = technology.add("int8");
  const { weights, inputs } = bitmapsOf(component.sparsity);
  const bitmaps = (weights ? 1 : 0) + (inputs ? 1 : 0);
  const adders = bitmaps === 0 ? 0 : ((1 + bitmaps) * bankBits) / formatBits.int8;
  const findFirst: EnergyPrice = { joules: adders * adder.joules, table: adder.table };
  const copies = 2;
  const laneArea =
    arithmetic.squareMillimetres +
    sum.squareMillimetres +
    copies * (component.inputEntries + component.weightEntries) * element.squareMillimetres +
    copies * bitmaps * bitmapArea(component, bitmap) +
    copies * component.outputEntries * sum.squareMillimetres +
    adders * adder.squareMillimetres;
  return {
    energy: {
      multiplyAccumulate: multiplyAccumulateEnergy(component, technology),
      inputRead: element,
      weightRead: element,
      bitmapRead: bitmap,
      findFirst,
      outputWrite: sum,
      inputWrite: element,
      weightWrite: element,
      bitmapWrite: bitmap,
      outputRead: sum,
    },
    squareMillimetres: laneArea * lanes * units,
    tables: [...new Set([...arithmetic.tables, element.table, bitmap.table, sum.table, adder.table])],
    leakageWatts: 0,
  };
}

/** A bitmap register for every bank that the larger of the two register files holds. */
const bitmapArea = ({ inputEntries, weightEntries, bankBits }: SparseLanes, bitmap: UnitPrice): number =>
  Math.ceil(Math.max(inputEntries, weightEntries) / bankBits) * bitmap.squareMillimetres;
