// What the authors of Eyeriss v2 report, on AlexNet and MobileNet with and without pruned weights: rates of whole
// networks, and gains over the first machine scaled to the same resources.

import type { Source } from "../../base/source.ts";
import { recalled, stated } from "../../base/source.ts";
import type { Claim, NetworkRate } from "../claim.ts";
import { eyerissV2Subjects as subjects } from "./eyeriss-v2-workloads.ts";

type Name = keyof typeof subjects;

const text = stated("Chen et al., JETCAS 2019, section VI");
const table = recalled("Chen et al., JETCAS 2019, table VI; confirmed by ratios in the text");

const rates = { speed: "inferences per second", efficiency: "inferences per joule" } as const;

const slug = (name: string): string => name.toLowerCase().replace(" ", "-");

const rate = (name: Name, figure: keyof typeof rates, published: number, source: Source): Claim => ({
  id: `eyeriss-v2.${slug(name)}.${figure}`,
  workload: `${name}, batch 1`,
  metric: rates[figure],
  published,
  unit: figure === "speed" ? "1/s" : "1/J",
  tolerance: 0.1 * published,
  source,
  fitted: false,
  note: figure === "efficiency" ? notes.efficiency : name === "sparse AlexNet" ? notes.pruned : notes.speed,
  measure: { kind: "network rate", rate: rates[figure], subject: subjects[name] },
});

interface Gain {
  readonly id: string;
  readonly of: Name;
  readonly over: Name;
  readonly machine: "own" | "rival";
  readonly against: string;
  readonly figure: keyof typeof rates;
  readonly published: number;
  readonly note: string;
}

const gain = ({ id, of, over, machine, against, figure, published, note }: Gain): Claim => ({
  id: `${id}.${figure}`,
  workload: `${of}, batch 1`,
  metric: `${gained[rates[figure]]} ${against}`,
  published,
  unit: "x",
  tolerance: 0.1 * published,
  source: text,
  fitted: false,
  note,
  measure: {
    kind: "network gain",
    rate: rates[figure],
    subject: subjects[of],
    over: { machine, subject: subjects[over] },
  },
});

const gained: Readonly<Record<NetworkRate, string>> = {
  "inferences per second": "speed over",
  "inferences per joule": "efficiency over",
};

const shared =
  "schedules are ours, as the authors' are not published; off-chip time is not counted; zeros lie anywhere, at the densities of each layer";

const notes = {
  speed: shared,
  pruned: `${shared}; the densities are those of another pruning of AlexNet, and tiles have room for their zeros too`,
  efficiency:
    "multipliers, memories and wires only: clocks, control, address scratchpads and queues, which the tables do not price, take most of the published energy",
  flat: `${shared}; the ports of the flat network are recalled`,
  flatAlexnet: `${shared}; the ports of the flat network are recalled, with which it runs AlexNet two fifths faster than the published ratios say`,
  memory: "weights come while the elements work, and schedules are searched anew for that memory",
  idle: "a machine that waits takes no energy here but leakage of its memories: the slow flat one looks as efficient as the fast ones",
} as const;

/** What the off-chip memory that the authors discuss leaves of the speed: 16 % and 24 % are lost (stated). */
const memoryClaims: readonly Claim[] = (
  [
    ["sparse AlexNet", 0.84],
    ["sparse MobileNet", 0.76],
  ] as const
).map(([name, published]) => ({
  id: `eyeriss-v2.${slug(name)}.memory`,
  workload: `${name}, batch 1`,
  metric: "speed with 25.6 GB/s off chip, of that without a limit",
  published,
  unit: "x",
  tolerance: 0.1 * published,
  source: text,
  fitted: false,
  note: notes.memory,
  measure: {
    kind: "network gain",
    rate: "inferences per second",
    subject: { ...subjects[name], set: { ...subjects[name].set, bandwidth: 25.6e9 } },
    over: { machine: "own", subject: subjects[name] },
  },
}));

export const eyerissV2Claims: readonly Claim[] = [
  ...(
    [
      ["AlexNet", 102.1, 174.8],
      ["sparse AlexNet", 278.7, 664.6],
      ["MobileNet", 1282.1, 1969.8],
    ] as const
  ).flatMap(([name, speed, efficiency]) => [
    rate(name, "speed", speed, table),
    rate(name, "efficiency", efficiency, table),
  ]),
  rate("sparse MobileNet", "speed", 1470.6, text),
  rate("sparse MobileNet", "efficiency", 2560.3, text),
  ...(
    [
      ["sparse AlexNet", "AlexNet", 42.5, 11.3],
      ["sparse MobileNet", "MobileNet", 12.6, 2.5],
      ["sparse MobileNet", "AlexNet", 225.1, 42],
    ] as const
  ).flatMap(([of, over, speed, efficiency]) =>
    (
      [
        ["speed", speed],
        ["efficiency", efficiency],
      ] as const
    ).map(([figure, published]) =>
      gain({
        id: `eyeriss-v2.${slug(of)}.over-${slug(over)}`,
        of,
        over,
        machine: "rival",
        against: `v1 on ${over}`,
        figure,
        published,
        note: figure === "efficiency" ? notes.idle : over === "AlexNet" ? notes.flatAlexnet : notes.flat,
      }),
    ),
  ),
  ...(
    [
      ["speed", 1.2],
      ["efficiency", 1.3],
    ] as const
  ).map(([figure, published]) =>
    gain({
      id: "eyeriss-v2.pruning",
      of: "sparse MobileNet",
      over: "MobileNet",
      machine: "own",
      against: "itself on MobileNet",
      figure,
      published,
      note: figure === "efficiency" ? notes.efficiency : notes.speed,
    }),
  ),
  ...memoryClaims,
];

/** The mesh alone: dense elements on it, against the same on the flat network. */
export const eyerissMeshClaims: readonly Claim[] = (
  [
    ["speed", 5.6],
    ["efficiency", 1.8],
  ] as const
).map(([figure, published]) =>
  gain({
    id: "eyeriss-v1.5.mesh",
    of: "MobileNet",
    over: "MobileNet",
    machine: "rival",
    against: "v1 on MobileNet",
    figure,
    published,
    note: figure === "efficiency" ? notes.idle : notes.flat,
  }),
);
