// Which workload the files that a reader dropped or chose make, by their names. Pure; the files are read by a worker.

/** What a set of files means. */
export interface Choice {
  /** As on the command line; undefined where no file is a workload by itself. */
  readonly workload?: string;
  /** What to say about files that are of no use, or do not go together. */
  readonly remarks: readonly string[];
}

const matrix = /\.(?:mtx(?:\.gz)?|npy)$/i;

/** What may be chosen in a dialog. */
export const acceptedFiles = ".onnx,.onnx_data,.data,.bin,.weight,.mtx,.gz,.npy,.csv";

/**
 * The workload of these files: an ONNX model (others are taken for its data), one matrix times itself or two times each
 * other in the order given, or a topology.
 */
export function workloadOf(names: readonly string[]): Choice {
  const models = names.filter((name) => /\.onnx$/i.test(name));
  const matrices = names.filter((name) => matrix.test(name));
  const topologies = names.filter((name) => /\.csv$/i.test(name));
  const [model, ...otherModels] = models;
  if (model !== undefined) {
    return { workload: model, remarks: otherModels.map((name) => `${name} is at hand too; ${model} is shown`) };
  }
  if (matrices.length > 2) {
    return { remarks: [`A product takes two matrices; these are ${matrices.length}. Open one or two.`] };
  }
  if (matrices.length > 0) {
    const comma = matrices.find((name) => matrices.length === 2 && name.includes(","));
    if (comma !== undefined) return { remarks: [`A comma parts two matrices, so ${comma} needs another name.`] };
    return { workload: matrices.join(","), remarks: [] };
  }
  const [topology] = topologies;
  if (topology !== undefined) return { workload: topology, remarks: [] };
  return {
    remarks: [
      `${names.join(", ")}: no workload by itself. Models are .onnx, matrices .mtx, .mtx.gz or .npy, topologies .csv; data beside a model can come with it or later.`,
    ],
  };
}

/** Whether a workload argument is a product of matrices. */
export const isMatrixWorkload = (workload: string): boolean => workload.split(",").every((word) => matrix.test(word));
