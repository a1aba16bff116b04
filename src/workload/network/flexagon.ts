// The eight pruned networks of Flexagon's evaluation (Munoz-Martinez et al., ASPLOS 2023) as sparse products with the
// recorded numbers of non-zeros. Where the non-zeros lie was not recorded here: a run draws them.

import { InputError } from "../../base/error.ts";
import type { ComputeLayer, Network } from "../layer.ts";
import { countedLayer } from "../sparse-layer.ts";
import {
  ALEXNET,
  DISTILBERT_CONTRACTION,
  DISTILBERT_CONTRACTIONS,
  DISTILBERT_EXPANSION,
  DISTILBERT_PROJECTION,
  MOBILEBERT_ATTENTION,
  MOBILEBERT_CONTRACTION,
  MOBILEBERT_CONTRACTIONS,
  MOBILEBERT_EMBEDDING,
  MOBILEBERT_EXPANSION,
  RESNET50,
  SQUEEZENET,
  SSD_MOBILENET,
  SSD_RESNET,
  VGG,
} from "./flexagon-layers.ts";

interface Recorded {
  readonly title: string;
  /** The evaluation's letters for it; its layers are called R0, R1 ... */
  readonly code: string;
  readonly lines: () => readonly string[];
}

const RECORDED: Readonly<Record<string, Recorded>> = {
  alexnet: { title: "AlexNet", code: "A", lines: () => linesOf(ALEXNET) },
  squeezenet: { title: "SqueezeNet 1.0", code: "SQ", lines: () => linesOf(SQUEEZENET) },
  vgg: { title: "VGG-11", code: "V", lines: () => linesOf(VGG) },
  resnet50: { title: "ResNet-50", code: "R", lines: () => linesOf(RESNET50) },
  "ssd-resnet": { title: "SSD-ResNet", code: "S-R", lines: () => linesOf(SSD_RESNET) },
  "ssd-mobilenet": { title: "SSD-MobileNet", code: "S-M", lines: () => linesOf(SSD_MOBILENET) },
  distilbert: { title: "DistilBERT", code: "DB", lines: distilbertLines },
  mobilebert: { title: "MobileBERT", code: "MB", lines: mobilebertLines },
};

/** An entry of the registry of networks. */
interface Entry {
  readonly title: string;
  readonly aliases: readonly string[];
  readonly build: (batch: number) => Network;
}

/** The networks by name, `flexagon:alexnet` and so on. `build` throws InputError for a batch other than 1. */
export const flexagonNetworks: Readonly<Record<string, Entry>> = Object.fromEntries(
  Object.entries(RECORDED).map(([word, recorded]) => {
    const name = `flexagon:${word}`;
    return [
      name,
      {
        title: `${recorded.title}, pruned, as recorded`,
        aliases: [],
        build: (batch) => recordedNetwork(name, recorded, batch),
      },
    ];
  }),
);

function recordedNetwork(name: string, { code, lines }: Recorded, batch: number): Network {
  if (batch !== 1) {
    throw new InputError({
      path: "batch",
      message: `the recorded products of ${name} have a batch of their own`,
      found: String(batch),
      expected: "1",
    });
  }
  return {
    name,
    source: "Munoz-Martinez et al., ASPLOS 2023: inputs in sst-stonne-benchmarks @ ff4b3900",
    inputs: [],
    layers: lines().map((line, index) => recordedLayer(`${code}${index}`, line)),
    warnings: [],
  };
}

function recordedLayer(name: string, line: string): ComputeLayer {
  const [M = 0, N = 0, K = 0, A = 0, B = 0] = line.split(" ").map(Number);
  return countedLayer(name, { M, N, K }, { A, B });
}

function distilbertLines(): readonly string[] {
  const projections = Array.from({ length: 4 }, () => DISTILBERT_PROJECTION);
  return DISTILBERT_CONTRACTIONS.flatMap((nonZeros) => [
    ...projections,
    DISTILBERT_EXPANSION,
    `${DISTILBERT_CONTRACTION} ${nonZeros}`,
  ]);
}

function mobilebertLines(): readonly string[] {
  const blocks = linesOf(MOBILEBERT_CONTRACTIONS).flatMap((block) => [
    ...linesOf(MOBILEBERT_ATTENTION),
    ...block.split(" ").flatMap((nonZeros) => [MOBILEBERT_EXPANSION, `${MOBILEBERT_CONTRACTION} ${nonZeros}`]),
    MOBILEBERT_EXPANSION,
  ]);
  return [MOBILEBERT_EMBEDDING, ...blocks];
}

const linesOf = (table: string): readonly string[] => table.trim().split("\n");
