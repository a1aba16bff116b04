// A layer of a sparse-product machine as tasks: its mappings side by side, then the check and the audit of what is
// reported.

import type { PreparedProduct } from "../simulate/prepared.ts";
import { productMappingNames } from "../simulate/product/mapping-names.ts";
import type { MappedProduct } from "../simulate/product/simulate-product.ts";
import { productResult, reportedMappings, unitsOf } from "../simulate/product/simulate-product.ts";
import type { MappingChoice } from "../simulate/simulate-layer.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import { inOrder } from "./in-order.ts";
import type { Perform, Staff } from "./run-layers.ts";
import type { Candidates } from "./task.ts";

/** What the layer may end as. Throws InputError as `runLayers`. */
export async function runProductLayer(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  { choice, threads, watch }: Staff,
  perform: Perform,
): Promise<Candidates> {
  const all = await mappedBy(prepared, choice, async (mapping) => {
    const underWay = watch?.begin(layer.name, mapping);
    try {
      return await perform({ kind: "mapping", mapping, ...(underWay && { share: underWay.share }) });
    } finally {
      underWay?.end();
    }
  });
  return Promise.all(
    reportedMappings(all, choice).map(async (mapped) => {
      const of = choice.check === "all" ? threads : choice.check === "sample" ? 1 : 0;
      const shares = await inOrder(
        Array.from({ length: of }, (_, part) => part),
        (part) => perform({ kind: "check", mapping: mapped.name, share: { part, of } }),
      );
      const check = shares[0]?.check ?? "off";
      if (choice.auditPercent === 0) return productResult(layer, prepared, mapped, all, { check });
      const { audit } = await perform({ kind: "audit", mapping: mapped.name, units: unitsOf(mapped) });
      return productResult(layer, prepared, mapped, all, { check, audit });
    }),
  );
}

/** Every mapping of a layer, in the machine's order. Inner products, which take longest, are begun first. */
async function mappedBy(
  prepared: PreparedProduct,
  choice: MappingChoice,
  map: (mapping: string) => Promise<{ readonly mapped: MappedProduct }>,
): Promise<readonly MappedProduct[]> {
  const names = productMappingNames(prepared, choice);
  const isInner = (name: string): boolean => prepared.machine.mappings[name]?.dataflow === "inner";
  const begun = [...names].sort((a, b) => Number(isInner(b)) - Number(isInner(a)));
  const answers = await inOrder(begun, map);
  return names.flatMap((name) => answers[begun.indexOf(name)]?.mapped ?? []);
}
