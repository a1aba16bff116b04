// What a planned layer moves, counts and consumes: bytes by memory, events by component, joules.

import type { GridPlan } from "../dataflow/grid.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import type { PreparedGrid, PreparedMachine } from "./prepared.ts";
import type { MemoryTraffic, OperandName } from "./result.ts";

const operandNames: readonly OperandName[] = ["A", "B", "C"];

/** Bytes that each memory moves, by operand. */
export function trafficOf(
  plan: GridPlan,
  { gridMachine: { routes }, machine }: PreparedGrid,
): Record<string, MemoryTraffic> {
  const bytes: Record<
    string,
    { read: number; write: number; operands: Record<OperandName, { read: number; write: number }> }
  > = {};
  for (const [name, part] of Object.entries(machine.components)) {
    if (part.kind === "systolicGrid") continue;
    bytes[name] = {
      read: 0,
      write: 0,
      operands: { A: { read: 0, write: 0 }, B: { read: 0, write: 0 }, C: { read: 0, write: 0 } },
    };
  }
  const move = (memory: string, operand: OperandName, read: number, write: number): void => {
    const entry = bytes[memory];
    if (entry === undefined) return;
    entry.read += read;
    entry.write += write;
    entry.operands[operand].read += read;
    entry.operands[operand].write += write;
  };
  for (const operand of operandNames) {
    const route = routes[operand];
    const buffer = plan.buffers[operand];
    move(route.buffer, operand, buffer.read / 8, buffer.write / 8);
    if (!route.direct) move(route.home, operand, plan.transfers[operand].fetch, plan.transfers[operand].write);
  }
  return bytes;
}

/** Events by `component.event`. */
export function countsOf(
  product: MatrixProduct,
  plan: GridPlan,
  prepared: PreparedGrid,
  traffic: Readonly<Record<string, MemoryTraffic>>,
): Record<string, number> {
  const grid = prepared.gridName;
  const counts: Record<string, number> = {
    [`${grid}.multiplyAccumulate`]: plan.events.multiplyAccumulate,
    [`${grid}.streamHop`]: plan.events.streamHop,
    [`${grid}.partialSumHop`]: plan.events.partialSumHop,
    [`${grid}.loadHop`]: plan.events.loadHop,
    [`${grid}.accumulate`]: plan.accumulations,
  };
  if (product.structuralZeroMacs > 0) counts[`${grid}.structuralZeroMac`] = product.structuralZeroMacs;
  for (const [memory, moved] of Object.entries(traffic)) {
    counts[`${memory}.readBit`] = moved.read * 8;
    counts[`${memory}.writeBit`] = moved.write * 8;
  }
  return counts;
}

/** Joules by component: events times prices, plus leakage of the on-chip memories while the layer runs. */
export function energyOf(
  counts: Readonly<Record<string, number>>,
  { prices, leakageWatts }: Pick<PreparedMachine, "prices" | "leakageWatts">,
  seconds: number,
): Record<string, number> {
  const joules: Record<string, number> = {};
  for (const { component, event, joules: price } of prices) {
    joules[component] = (joules[component] ?? 0) + (counts[event] ?? 0) * price;
  }
  if (leakageWatts > 0) joules["leakage"] = leakageWatts * seconds;
  return joules;
}
