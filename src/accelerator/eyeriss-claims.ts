// What the Eyeriss chip was measured to do, layer by layer, beside the schedules that its authors ran: active units,
// words through the shared memory and off chip, and time.

import type { RowStationarySplit } from "../mapping/nest/row-stationary.ts";
import { stated } from "../base/source.ts";
import type { Claim } from "./claim.ts";

const tables = stated("Chen et al., JSSC 2017, tables III to VI, as extracted in cucapra/fodlam");

/** One row of a published table: processing and total milliseconds, active units, megabytes of the batch. */
interface MeasuredLayer {
  readonly layer: string;
  readonly processing: number;
  readonly units: number;
  readonly buffer: number;
  readonly dram: number;
  /** The split that the authors publish, for AlexNet only. */
  readonly split?: RowStationarySplit;
}

const measured = (
  layer: string,
  processing: number,
  units: number,
  buffer: number,
  dram: number,
  split?: RowStationarySplit,
): MeasuredLayer => ({ layer, processing, units, buffer, dram, ...(split === undefined ? {} : { split }) });

/** Batch 4, 200 MHz. The channels of a group and all filters of both groups count, as in the published table. */
const alexnet: readonly MeasuredLayer[] = [
  measured("conv1", 16.5, 154, 18.5, 5.0, { m: 96, n: 1, e: 7, p: 16, q: 1, r: 1, t: 2 }),
  measured("conv2", 39.2, 135, 77.6, 4.0, { m: 64, n: 1, e: 27, p: 16, q: 2, r: 1, t: 1 }),
  measured("conv3", 21.8, 156, 50.2, 3.0, { m: 64, n: 4, e: 13, p: 16, q: 4, r: 1, t: 4 }),
  measured("conv4", 16.0, 156, 37.4, 2.1, { m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2 }),
  measured("conv5", 10.0, 156, 24.9, 1.3, { m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2 }),
];

/** Batch 3, 200 MHz. */
const vgg16: readonly MeasuredLayer[] = [
  measured("conv1_1", 38.0, 156, 112.6, 15.4),
  measured("conv1_2", 810.6, 156, 2402.8, 54.0),
  measured("conv2_1", 405.3, 156, 1201.4, 33.4),
  measured("conv2_2", 810.8, 156, 2402.8, 48.5),
  measured("conv3_1", 204.0, 156, 607.4, 20.2),
  measured("conv3_2", 408.1, 156, 1214.8, 32.2),
  measured("conv3_3", 408.1, 156, 1214.8, 30.8),
  measured("conv4_1", 105.1, 168, 321.8, 17.8),
  measured("conv4_2", 210.0, 168, 643.7, 28.6),
  measured("conv4_3", 210.0, 168, 643.7, 22.8),
  measured("conv5_1", 48.3, 168, 90.0, 6.3),
  measured("conv5_2", 48.5, 168, 90.0, 5.7),
  measured("conv5_3", 48.5, 168, 90.0, 5.6),
];

const given = "the authors' own split of the layer, run as a schedule";
const searched = "the split is not published: the schedule is the one that our search finds for energy";

function claimsOf(network: string, batch: number, layers: readonly MeasuredLayer[]): readonly Claim[] {
  return layers.flatMap(({ layer, processing, units, buffer, dram, split }): readonly Claim[] => {
    const subject = { network, batch, layers: "all", set: {} } as const;
    const schedule = split === undefined ? {} : { split };
    const note = split === undefined ? searched : given;
    const shared = { workload: `${network} ${layer}, batch ${batch}`, source: tables, fitted: false };
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
        note: `${note}; the chip compresses runs of zeros, our figure is of dense words`,
        measure: { kind: "schedule figure", figure: "megabytes", memory: "dram", layer, subject, ...schedule },
      },
    ];
  });
}

export const eyerissClaims: readonly Claim[] = [
  ...claimsOf("alexnet-caffe", 4, alexnet),
  ...claimsOf("vgg16", 3, vgg16),
];
