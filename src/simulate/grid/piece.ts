// One tile of a layer on a grid as a layer of its own: its part of the product, its values, and its schedule when it
// has the machine to itself. What audits and films step.

import type { GridPlan } from "../../dataflow/grid.ts";
import { planGrid } from "../../dataflow/grid.ts";
import type { LoweredValues } from "../../workload/lowered-values.ts";
import type { MatrixProduct } from "../../workload/lowering.ts";
import { lower } from "../../workload/lowering.ts";
import type { PreparedGrid } from "../prepared.ts";
import type { MappedLayer } from "./map-layer.ts";

/** A part of a dimension. */
export interface Part {
  readonly from: number;
  readonly length: number;
}

/** Which part of a layer a tile is. */
export interface TilePlace {
  readonly product: number;
  /** The tile's place among the folds over the rows, over the columns, and among the blocks of what streams. */
  readonly row: number;
  readonly column: number;
  readonly block: number;
  readonly rowFolds: number;
  readonly columnFolds: number;
  readonly m: Part;
  readonly n: Part;
  readonly k: Part;
}

/** A tile as a product of its own. */
export interface GridPiece {
  readonly product: MatrixProduct;
  readonly plan: GridPlan;
  readonly values: LoweredValues;
}

/** Where tile `tile` of a mapped layer lies, in the order in which the machine comes to the tiles. */
export function placeOf({ product, mapping, plan }: MappedLayer, prepared: PreparedGrid, tile: number): TilePlace {
  const { grid } = prepared.gridMachine;
  const resting = mapping.stationary;
  const columnExtent = resting === "inputs" ? product.N : product.M;
  const rowExtent = resting === "outputs" ? product.N : product.K;
  const streamExtent = resting === "weights" ? product.N : resting === "inputs" ? product.M : product.K;
  const columnFolds = Math.ceil(columnExtent / grid.columns);
  const rowFolds = Math.ceil(rowExtent / grid.rows);
  const blockSize = plan.blocks.count === 1 ? streamExtent : plan.blocks.size;
  const row = tile % rowFolds;
  const block = Math.floor(tile / rowFolds) % plan.blocks.count;
  const column = Math.floor(tile / (rowFolds * plan.blocks.count)) % columnFolds;
  const part = (index: number, size: number, extent: number): Part => ({
    from: index * size,
    length: Math.min(size, extent - index * size),
  });
  const rows = part(row, grid.rows, rowExtent);
  const columns = part(column, grid.columns, columnExtent);
  const stream = part(block, blockSize, streamExtent);
  const [m, n, k] =
    resting === "weights"
      ? [columns, stream, rows]
      : resting === "inputs"
        ? [stream, columns, rows]
        : [columns, rows, stream];
  const p = Math.floor(tile / (rowFolds * plan.blocks.count * columnFolds));
  return { product: p, row, column, block, rowFolds, columnFolds, m, n, k };
}

/** The product of a tile with the layer's values, planned as if it were all that the machine had to do. */
export function pieceOf(
  { mapping }: MappedLayer,
  prepared: PreparedGrid,
  { product: p, m, n, k }: TilePlace,
  values: LoweredValues,
): GridPiece {
  const product = lower({ operator: "matmul", batch: 1, M: m.length, N: n.length, K: k.length }, "per-group");
  return {
    product,
    plan: planGrid(product, prepared.gridMachine, { ...mapping, streaming: "whole" }),
    values: {
      a: (_, i, j) => values.a(p, m.from + i, k.from + j),
      b: (_, i, j) => values.b(p, k.from + i, n.from + j),
      outputIndex: values.outputIndex,
    },
  };
}
