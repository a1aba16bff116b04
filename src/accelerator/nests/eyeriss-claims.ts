// What the Eyeriss chip was measured to do, layer by layer, beside the schedules that its authors ran: active units,
// words through the shared memory and off chip, and time.

import type { RowStationaryLimits } from "../../mapping/nest/row-stationary-figures.ts";
import type { Claim } from "../claim.ts";
import { eyerissMeasurements, eyerissTables } from "./eyeriss-measurements.ts";
import type { MeasuredLayer } from "./eyeriss-measurements.ts";

const given = "the authors' own split of the layer, run as a schedule";
const searched =
  "the split is not published: ours moves the fewest words, one off chip counted as 200 / 6 of the shared memory (relative energies recalled from Chen et al., ISCA 2016); the chip ran others, with more words and in conv1_2 to conv2_2 a fifth of its units' time in use";

/** What a split has to keep, as the chip is stated. */
const limits: RowStationaryLimits = {
  grid: { rows: 12, columns: 14 },
  filterWords: 224,
  inputWords: 12,
  sumWords: 24,
  banks: 25,
  bankBytes: 4096,
  wordBytes: 2,
};

function claimsOf(network: string, batch: number, layers: readonly MeasuredLayer[]): readonly Claim[] {
  return layers.flatMap(({ layer, processing, units, buffer, dram, split, zeros, results }): readonly Claim[] => {
    const density = { A: 1, B: 1 - zeros / 100, ...(results === undefined ? {} : { C: results }) };
    const subject = { network, batch, layers: "all", set: {}, densities: { [layer]: density } } as const;
    const schedule = { split: split ?? { limits, offChip: 200 / 6 } };
    const note = split === undefined ? searched : given;
    const shared = { workload: `${network} ${layer}, batch ${batch}`, source: eyerissTables, fitted: false };
    const id = `eyeriss.${network}.${layer}`;
    return [
      {
        ...shared,
        id: `${id}.units`,
        metric: "processing elements at work",
        published: units,
        unit: "",
        tolerance: 0,
        note,
        measure: { kind: "schedule figure", figure: "units", layer, subject, ...schedule },
      },
      {
        ...shared,
        id: `${id}.time`,
        metric: "processing time",
        published: processing,
        unit: "ms",
        tolerance: 0.1 * processing,
        note: `${note}; transfers off chip not counted, as in the table`,
        measure: {
          kind: "schedule figure",
          figure: "milliseconds",
          layer,
          subject: { ...subject, set: { bandwidth: Infinity } },
          ...schedule,
        },
      },
      {
        ...shared,
        id: `${id}.buffer`,
        metric: "words through the shared memory",
        published: buffer,
        unit: "MB",
        tolerance: 0.1 * buffer,
        note: `${note}; weights pass the shared memory's other 8 KB, which is not in our figure`,
        measure: { kind: "schedule figure", figure: "megabytes", memory: "buffer", layer, subject, ...schedule },
      },
      {
        ...shared,
        id: `${id}.dram`,
        metric: "words off chip",
        published: dram,
        unit: "MB",
        tolerance: 0.1 * dram,
        note: `${note}; inputs compressed with their measured zeros, results ${results === undefined ? "uncompressed, as the zeros before pooling are not known" : "with theirs"}`,
        measure: { kind: "schedule figure", figure: "megabytes", memory: "dram", layer, subject, ...schedule },
      },
    ];
  });
}

export const eyerissClaims: readonly Claim[] = Object.entries(eyerissMeasurements).flatMap(
  ([network, { batch, layers }]) => claimsOf(network, batch, layers),
);
