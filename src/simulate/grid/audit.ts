// The audit that a user can ask for: re-runs a share of a layer's tiles on the stepped machine with the layer's values
// and reports every difference in cycles, events or results.

import { arithmetic } from "../../component/arithmetic.ts";
import { deriveSeed, keyOf, randomWord } from "../../tensor/random.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { loweredValues } from "../../workload/lowered-values.ts";
import { machineOutput, operandsOf } from "../check.ts";
import { overlapCycles, unlimited } from "./overlap.ts";
import type { LayerAudit } from "../result.ts";
import type { PreparedGrid } from "../prepared.ts";
import type { MappedLayer } from "./map-layer.ts";
import { pieceOf, placeOf } from "./piece.ts";
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
  const wanted = Math.max(1, Math.round((plan.tiles * percent) / 100));
  const differences: string[] = [];
  let cycles = 0;
  const chosen = pickTiles(plan.tiles, wanted, deriveSeed(seed, layer.name, "audit"));
  for (const tile of chosen) {
    const place = placeOf(mapped, prepared, tile);
    const { m, n, k } = place;
    const { product: piece, plan: piecePlan, values: local } = pieceOf(mapped, prepared, place, values);
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
