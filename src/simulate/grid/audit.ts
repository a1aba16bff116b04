// The audit that a user can ask for: re-runs a share of a layer's tiles on the stepped machine with the layer's values
// and reports every difference in cycles, events or results.

import { arithmetic } from "../../component/arithmetic.ts";
import { planGrid } from "../../dataflow/grid.ts";
import { deriveSeed, keyOf, randomWord } from "../../tensor/random.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { loweredValues } from "../../workload/lowered-values.ts";
import { lower } from "../../workload/lowering.ts";
import { machineOutput, operandsOf } from "../check.ts";
import { overlapCycles, unlimited } from "./overlap.ts";
import type { LayerAudit } from "../result.ts";
import type { PreparedGrid } from "../prepared.ts";
import type { MappedLayer } from "./map-layer.ts";
import { stepMachine } from "./stepped-machine.ts";

/** Audits `percent` of the tiles of a mapped layer, at least one, chosen by the seed. */
export function auditLayer(
  layer: ComputeLayer,
  mapped: MappedLayer,
  prepared: PreparedGrid,
  percent: number,
  seed: number,
): LayerAudit {
  const { product, mapping, plan } = mapped;
  const { grid } = prepared.gridMachine;
  const operands = operandsOf(layer, product, grid, seed);
  if (operands === undefined) {
    return { tiles: 0, of: plan.tiles, cycles: 0, differences: ["values too large to make up"] };
  }
  const values = loweredValues(layer.operation, mapping.grouping, operands.A, operands.B);
  const resting = mapping.stationary;
  const columnExtent = resting === "inputs" ? product.N : product.M;
  const rowExtent = resting === "outputs" ? product.N : product.K;
  const streamExtent = resting === "weights" ? product.N : resting === "inputs" ? product.M : product.K;
  const columnFolds = Math.ceil(columnExtent / grid.columns);
  const rowFolds = Math.ceil(rowExtent / grid.rows);
  const block = plan.blocks.count === 1 ? streamExtent : plan.blocks.size;
  const wanted = Math.max(1, Math.round((plan.tiles * percent) / 100));
  const differences: string[] = [];
  let cycles = 0;
  const chosen = pickTiles(plan.tiles, wanted, deriveSeed(seed, layer.name, "audit"));
  for (const tile of chosen) {
    const row = tile % rowFolds;
    const blockIndex = Math.floor(tile / rowFolds) % plan.blocks.count;
    const column = Math.floor(tile / (rowFolds * plan.blocks.count)) % columnFolds;
    const p = Math.floor(tile / (rowFolds * plan.blocks.count * columnFolds));
    const part = (index: number, size: number, extent: number) => ({
      from: index * size,
      length: Math.min(size, extent - index * size),
    });
    const rows = part(row, grid.rows, rowExtent);
    const columns = part(column, grid.columns, columnExtent);
    const stream = part(blockIndex, block, streamExtent);
    const [m, n, k] =
      resting === "weights"
        ? [columns, stream, rows]
        : resting === "inputs"
          ? [stream, columns, rows]
          : [columns, rows, stream];
    const local = {
      a: (_: number, i: number, j: number) => values.a(p, m.from + i, k.from + j),
      b: (_: number, i: number, j: number) => values.b(p, k.from + i, n.from + j),
      outputIndex: values.outputIndex,
    };
    const piece = lower({ operator: "matmul", batch: 1, M: m.length, N: n.length, K: k.length }, "per-group");
    const piecePlan = planGrid(piece, prepared.gridMachine, { ...mapping, streaming: "whole" });
    const closed = overlapCycles(piecePlan.program, unlimited);
    const stepped = stepMachine(piece, piecePlan, grid, mapping, unlimited, local);
    cycles += stepped.cycles;
    const where = `tile ${tile} of ${layer.name}`;
    if (stepped.cycles !== closed) {
      differences.push(`${where}: ${closed} cycles in closed form, ${stepped.cycles} stepped`);
    }
    for (const event of ["multiplyAccumulate", "streamHop", "partialSumHop", "loadHop"] as const) {
      if (stepped.events[event] !== piecePlan.events[event]) {
        differences.push(
          `${where}: ${event} ${piecePlan.events[event]} in closed form, ${stepped.events[event]} stepped`,
        );
      }
    }
    for (let i = 0; i < m.length; i++) {
      for (let j = 0; j < n.length; j++) {
        const expected = machineOutput(local, mapping, grid.rows, k.length, arithmetic[grid.accumulator], 0, i, j);
        if (stepped.output[i * n.length + j] !== expected) {
          differences.push(
            `${where}: result (${i}, ${j}) is ${stepped.output[i * n.length + j]} stepped, ${expected} expected`,
          );
        }
      }
    }
  }
  return { tiles: chosen.length, of: plan.tiles, cycles, differences };
}

/** `wanted` different tiles of `tiles`, in order. */
export function pickTiles(tiles: number, wanted: number, seed: number): readonly number[] {
  if (wanted >= tiles) return Array.from({ length: tiles }, (_, tile) => tile);
  const key = keyOf(seed);
  const chosen = new Set<number>();
  for (let i = 0; chosen.size < wanted; i++) chosen.add(Math.floor((randomWord(key, 0, i) / 2 ** 32) * tiles));
  return [...chosen].sort((a, b) => a - b);
}
