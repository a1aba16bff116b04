// SpArch as its own paper describes it: the outer product of a condensed left matrix, merged through a 64-way tree of
// comparator arrays in the order of a Huffman code, with rows of B prefetched by their next use.

import type { Citation } from "../../base/source.ts";
import { assumed, recalled } from "../../base/source.ts";
import { lookAheadBuffer } from "../../component/memory/look-ahead-buffer.ts";
import { productArray } from "../../component/product-array.ts";
import { sharedMergeTree } from "../../component/merge-tree/shared-merge-tree.ts";
import { sram } from "../../component/memory/sram.ts";
import type { ProductBasedMachine } from "../../simulate/machine.ts";
import { technologyNames } from "../../technology/technologies.ts";
import type { Accelerator } from "../accelerator.ts";
import type { ParameterTable } from "../parameters.ts";
import { countParameter, offChipParameters, wideElement, wideElementParameters } from "./rival-parameters.ts";
import { clockParameter, offChip, technologyParameter } from "../systolic-parameters.ts";

const sparchCitation: Citation = {
  title: "SpArch: Efficient Architecture for Sparse Matrix Multiplication",
  authors: "Z. Zhang, H. Wang, S. Han, W. J. Dally",
  venue: "HPCA",
  year: 2020,
  identifier: "arXiv 2002.08947",
};

const table = "table of the configuration, HPCA 2020";
const sure = recalled(`${table}; high confidence`);
const fair = recalled(`${table}; fair confidence`);

const parameters = {
  products: { ...countParameter("multipliers, a power of two", 16, fair, 4096), resource: true },
  "tree.ways": countParameter("matrices that the tree merges at a time, a power of two", 64, sure, 4096),
  "tree.width": countParameter("elements that each level of the tree passes in a cycle", 16, sure, 256),
  "tree.chunk": countParameter("elements that a comparator array compares all with all", 4, sure, 256),
  "rowBuffer.lines": countParameter("lines of the buffer of prefetched rows", 1024, sure),
  "rowBuffer.lineElements": countParameter("elements of such a line", 48, sure, 4096),
  "rowBuffer.banks": countParameter(
    "banks of that buffer",
    16,
    assumed("as many elements a cycle as multipliers"),
    256,
  ),
  lookAhead: countParameter("elements of A that the prefetcher sees ahead", 8192, fair),
  ...wideElementParameters(recalled("double precision with coordinates of 32 bits; high confidence")),
  clock: clockParameter("clock of multipliers and tree", 1e9, sure),
  ...offChipParameters(
    recalled("16 channels of 64 bits with 8 GB/s each; high confidence"),
    assumed("as long as Flexagon's; once a round"),
  ),
  technology: technologyParameter(
    "45nm",
    technologyNames(),
    recalled("synthesis at 40 nm, high confidence; the nearest table"),
  ),
} as const satisfies ParameterTable;

export const sparch: Accelerator<typeof parameters, ProductBasedMachine> = {
  name: "sparch",
  title: "SpArch",
  summary:
    "The outer product as its paper describes it: a condensed left matrix, partial matrices merged 64 at a time, the smallest first, rows prefetched by their next use.",
  citation: sparchCitation,
  parameters,
  multipliers: ["products"],
  build: (values) => {
    const { operand, accumulator, coordinateBits, elementBytes } = wideElement(values);
    return {
      kind: "product",
      engine: "condensed-outer",
      name: "sparch",
      components: {
        dram: offChip(values.memory, values.bandwidth, values.latency),
        lookAheadFifo: sram({
          bytes: values.lookAhead * elementBytes,
          banks: 1,
          portBits: 8 * elementBytes,
          doubleBuffered: false,
        }),
        rowBuffer: lookAheadBuffer({
          lines: values["rowBuffer.lines"],
          lineElements: values["rowBuffer.lineElements"],
          elementBytes,
          window: values.lookAhead,
          banks: values["rowBuffer.banks"],
        }),
        mergeTree: sharedMergeTree({
          ways: values["tree.ways"],
          width: values["tree.width"],
          chunk: values["tree.chunk"],
          coordinateBits: 2 * coordinateBits,
          accumulator,
        }),
        multipliers: productArray({
          multipliers: values.products,
          distributionWidth: values.products,
          operand,
          coordinateBits,
        }),
      },
      paths: {
        A: "dram > lookAheadFifo > multipliers",
        B: "dram > rowBuffer > multipliers",
        C: "dram > mergeTree > multipliers",
      },
      output: operand,
      mappings: {
        "outer-m": {
          kind: "product",
          dataflow: "outer",
          stationary: "M",
          clock: values.clock,
          formats: { A: "csr", B: "csr", C: "csr" },
        },
      },
      conversion: { operand: "B", cyclesPerElement: 0 },
      technology: values.technology,
    };
  },
};
