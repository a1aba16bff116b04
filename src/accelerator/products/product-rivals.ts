// The machines that Flexagon's paper compares with: one dataflow each at Flexagon's resources, "like" SIGMA, SpArch and
// GAMMA in the paper's own words. They are not those papers' own machines.

import type { Citation } from "../../base/source.ts";
import type { ProductDataflow } from "../../mapping/product-mapping.ts";
import type { ArrayProductMachine } from "../../simulate/machine.ts";
import type { Accelerator } from "../accelerator.ts";
import { recalled } from "../../base/source.ts";
import type { PartialSumShare, ProductParameters } from "./product-parameters.ts";
import { productMachine, productParameters } from "./product-parameters.ts";

const areas = recalled("table of areas, Flexagon, ASPLOS 2023");

function rival(
  name: string,
  title: string,
  summary: string,
  dataflow: ProductDataflow,
  partialSums: PartialSumShare,
  citation: Citation,
): Accelerator<ProductParameters, ArrayProductMachine> {
  return {
    name,
    title,
    summary,
    citation,
    parameters: productParameters("paper", partialSums),
    multipliers: ["multipliers"],
    build: (values) => productMachine({ name, dataflows: [dataflow] }, values),
  };
}

export const sigmaLike = rival(
  "sigma-like",
  "SIGMA-like",
  "Inner product at Flexagon's resources: rows packed onto the multipliers, columns streamed past, no memory for partial results.",
  "inner",
  { share: 0, source: areas },
  {
    title: "SIGMA: A Sparse and Irregular GEMM Accelerator with Flexible Interconnects for DNN Training",
    authors: "E. Qin, A. Samajdar, H. Kwon, V. Nadella, S. Srinivasan, D. Das, B. Kaul, T. Krishna",
    venue: "HPCA",
    year: 2020,
  },
);

export const sparchLike = rival(
  "sparch-like",
  "SpArch-like",
  "Outer product at Flexagon's resources: products wait by row and are merged when all are there.",
  "outer",
  { share: 1, source: areas },
  {
    title: "SpArch: Efficient Architecture for Sparse Matrix Multiplication",
    authors: "Z. Zhang, H. Wang, S. Han, W. J. Dally",
    venue: "HPCA",
    year: 2020,
  },
);

export const gammaLike = rival(
  "gamma-like",
  "GAMMA-like",
  "Gustavson's product at Flexagon's resources with half of its memory for partial results.",
  "gustavson",
  { share: 0.5, source: areas },
  {
    title: "Gamma: Leveraging Gustavson's Algorithm to Accelerate Sparse Matrix Multiplication",
    authors: "G. Zhang, N. Attaluri, J. S. Emer, D. Sanchez",
    venue: "ASPLOS",
    year: 2021,
  },
);
