// What a workload argument may be besides the name of a network, for lists and pages.

/** Forms of the argument, each with what it stands for. */
export const workloadForms: readonly { readonly form: string; readonly title: string }[] = [
  { form: "model.onnx", title: "ONNX model; --input image.png or tensor.npy executes it and measures its densities" },
  { form: "topology.csv", title: "SCALE-Sim topology, convolutions or products" },
  { form: "A.mtx,B.mtx", title: "product of two sparse matrices: Matrix Market (.mtx, .mtx.gz) or .npy" },
  { form: "A.mtx", title: "a square matrix times itself; A.mtx,A.mtx^T is A times its transpose" },
  { form: "gemm:M=..,N=..,K=..", title: "matrix product; --density A=0.5,B=1 says how sparse" },
  { form: "conv:C=..,H=..,K=..,R=..", title: "convolution; also W, S, stride, pad, dilation, groups, batch" },
];
