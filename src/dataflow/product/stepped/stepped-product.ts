// A sparse product one cycle at a time: the controller as a sequence of states around its memories and its tree, the
// reference that the engine's closed forms must equal. It can be stepped in parts: what lies between them is gone
// through without time, so that each part begins with the memories as the product has left them.

import type { ProductMapping } from "../../../mapping/product-mapping.ts";
import type { SparseMatrix } from "../../../tensor/sparse-matrix.ts";
import { transpose } from "../../../tensor/sparse-matrix.ts";
import type { ProductCounts, ProductMachine, ProductTraffic } from "../product.ts";
import { controllers } from "./controllers.ts";
import type { UnitKind } from "./hardware.ts";
import { hardwareOf } from "./hardware.ts";
import type { ProductObserver } from "./observer.ts";
import type { MergedElement } from "./tree.ts";

/** A finished row of C (of its transpose when N rests), columns ascending. */
export interface SteppedRow {
  readonly row: number;
  readonly elements: readonly MergedElement[];
}

/** A batch of resting entries, a pass over partial results or an empty row, as the stepped machine has ended it. */
export interface SteppedUnit {
  readonly kind: UnitKind;
  /** Cycles that it took; undefined for one that was gone through without time. */
  readonly cycles: number | undefined;
  /** Since the beginning of the product. */
  readonly counts: ProductCounts;
  readonly dram: ProductTraffic;
  /** Rows that it finished. */
  readonly rows: readonly SteppedRow[];
}

export interface SteppedProduct {
  readonly cycles: number;
  readonly counts: ProductCounts;
  readonly dram: ProductTraffic;
  /** Rows of C (of its transpose when N rests), columns ascending. */
  readonly rows: readonly (readonly MergedElement[])[];
}

type Order = Pick<ProductMapping, "dataflow" | "stationary">;

/**
 * The units of a product, in order. Those that `isStepped` names are stepped: batches and passes by their number from 0,
 * empty rows with the unit that follows them. An observer sees the stepped ones; A and B are to it what rests and streams.
 */
export function* steppedUnits(
  A: SparseMatrix,
  B: SparseMatrix,
  machine: ProductMachine,
  { dataflow, stationary }: Order,
  isStepped: (unit: number) => boolean,
  observer?: ProductObserver,
): Generator<SteppedUnit, void> {
  const isM = stationary === "M";
  const hardware = hardwareOf(machine, observer);
  const states = isM
    ? controllers[dataflow](A, B, hardware)
    : controllers[dataflow](transpose(B), transpose(A), hardware);
  let unit = 0;
  let cycles = 0;
  let stepped = isStepped(0);
  hardware.step(stepped);
  for (const kind of states) {
    if (kind === undefined) {
      hardware.tick();
      cycles++;
      continue;
    }
    const { A: rests, B: streams, ...others } = hardware.bytes;
    yield {
      kind,
      cycles: stepped ? cycles : undefined,
      counts: hardware.counts(),
      dram: isM ? { A: rests, B: streams, ...others } : { A: streams, B: rests, ...others },
      rows: hardware.takeRows(),
    };
    cycles = 0;
    if (kind !== "empty") unit++;
    stepped = isStepped(unit);
    hardware.step(stepped);
  }
}

/** The whole product. */
export function steppedProduct(
  A: SparseMatrix,
  B: SparseMatrix,
  machine: ProductMachine,
  order: Order,
): SteppedProduct {
  const rows = Array.from(
    { length: order.stationary === "M" ? A.rows : B.columns },
    (): readonly MergedElement[] => [],
  );
  let cycles = 0;
  let last: SteppedUnit | undefined;
  for (const unit of steppedUnits(A, B, machine, order, () => true)) {
    cycles += unit.cycles ?? 0;
    for (const { row, elements } of unit.rows) rows[row] = elements;
    last = unit;
  }
  const { counts, dram } = last ?? hardwareOf(machine).nothing();
  return { cycles, counts, dram, rows };
}
