// Transformer encoders: BERT-base at two sequence lengths, and the DeiT family. Linear layers have their weights as
// operand A and one column of B per token. Attention multiplies activations head by head, with the keys (later the
// values, transposed) as operand A and the queries (later the attention weights) as the columns of B, so that N counts
// tokens there too.

import type { Draft } from "../build.ts";
import {
  activationProduct,
  add,
  conv,
  draftNetwork,
  finishNetwork,
  input,
  linear,
  passes,
  pointwise,
} from "../build.ts";
import type { Network } from "../layer.ts";
import type { Shape } from "../shapes.ts";

/** Layer names of one block, which differ between the two families. */
interface BlockNames {
  readonly projections: readonly string[];
  readonly scores: string;
  readonly softmax: string;
  readonly context: string;
  readonly output: string;
  readonly expand: string;
  readonly contract: string;
}

const BERT: BlockNames = {
  projections: ["attention.self.query", "attention.self.key", "attention.self.value"],
  scores: "attention.self.scores",
  softmax: "attention.self.softmax",
  context: "attention.self.context",
  output: "attention.output.dense",
  expand: "intermediate.dense",
  contract: "output.dense",
};

const DEIT: BlockNames = {
  projections: ["attn.qkv"],
  scores: "attn.scores",
  softmax: "attn.softmax",
  context: "attn.context",
  output: "attn.proj",
  expand: "mlp.fc1",
  contract: "mlp.fc2",
};

export const bertBase128 = (batch: number): Network => bertBase(128, batch);
export const bertBase384 = (batch: number): Network => bertBase(384, batch);

/**
 * The encoder of BERT-base (12 layers, 768 wide, 12 heads) and its pooler on the first token. Embeddings are look-ups
 * and task heads differ, so neither multiplies here; layers carry the names of Hugging Face's implementation.
 */
function bertBase(tokens: number, batch: number): Network {
  const draft = draftNetwork(
    `bert-base-${tokens}`,
    `Devlin et al., NAACL 2019 (arXiv:1810.04805), sequence of ${tokens}`,
  );
  const width = 768;
  input(draft, "input_ids", [batch, tokens]);
  let flow = passes(draft, "embeddings", "embedding", [batch, tokens, width]);
  flow = pointwise(draft, "embeddings.LayerNorm", "layernorm", flow);
  for (let i = 0; i < 12; i++) {
    const name = `encoder.layer.${i}`;
    const attended = add(draft, `${name}.attention.add`, flow, attention(draft, name, BERT, flow, 12));
    const normed = pointwise(draft, `${name}.attention.output.LayerNorm`, "layernorm", attended);
    flow = add(draft, `${name}.add`, normed, perceptron(draft, name, BERT, normed));
    flow = pointwise(draft, `${name}.output.LayerNorm`, "layernorm", flow);
  }
  flow = passes(draft, "pooler.first_token", "gather", [batch, width]);
  pointwise(draft, "pooler.activation", "tanh", linear(draft, "pooler.dense", flow, width));
  return finishNetwork(draft);
}

export const deitTiny = (batch: number): Network => deit("deit-tiny", 192, 3, batch);
export const deitSmall = (batch: number): Network => deit("deit-small", 384, 6, batch);
export const deitBase = (batch: number): Network => deit("deit-base", 768, 12, batch);

/**
 * DeiT without distillation token: 16 x 16 patches of a 224 x 224 image and a class token, 197 in all, through 12
 * blocks. Queries, keys and values come from one fused projection, as in the authors' code; names are timm's.
 */
function deit(name: string, width: number, heads: number, batch: number): Network {
  const draft = draftNetwork(name, "Touvron et al., ICML 2021 (arXiv:2012.12877), 224 x 224, patches of 16");
  const image = input(draft, "input", [batch, 3, 224, 224]);
  const patches = conv(draft, "patch_embed.proj", image, { channels: width, kernel: 16, stride: 16 });
  const tokens = (patches[2] ?? 0) * (patches[3] ?? 0);
  passes(draft, "patch_embed.flatten", "flatten", [batch, tokens, width]);
  let flow = passes(draft, "cls_token", "concat", [batch, tokens + 1, width]);
  flow = pointwise(draft, "pos_embed", "add", flow);
  for (let i = 0; i < 12; i++) {
    const block = `blocks.${i}`;
    const attended = attention(draft, block, DEIT, pointwise(draft, `${block}.norm1`, "layernorm", flow), heads);
    flow = add(draft, `${block}.add1`, flow, attended);
    const inner = perceptron(draft, block, DEIT, pointwise(draft, `${block}.norm2`, "layernorm", flow));
    flow = add(draft, `${block}.add2`, flow, inner);
  }
  pointwise(draft, "norm", "layernorm", flow);
  linear(draft, "head", passes(draft, "fc_norm", "gather", [batch, width]), 1000);
  return finishNetwork(draft);
}

/** Multi-head self-attention of [batch, tokens, width]. */
function attention(draft: Draft, name: string, names: BlockNames, from: Shape, heads: number): Shape {
  const [batch = 0, tokens = 0, width = 0] = from;
  const depth = width / heads;
  for (const projection of names.projections) {
    linear(draft, `${name}.${projection}`, from, (3 * width) / names.projections.length);
  }
  const products = batch * heads;
  activationProduct(draft, `${name}.${names.scores}`, { batch: products, M: tokens, N: tokens, K: depth });
  passes(draft, `${name}.${names.softmax}`, "softmax", [batch, heads, tokens, tokens]);
  activationProduct(draft, `${name}.${names.context}`, { batch: products, M: depth, N: tokens, K: tokens });
  return linear(draft, `${name}.${names.output}`, from, width);
}

/** Two linear layers, four times as wide between them. */
function perceptron(draft: Draft, name: string, names: BlockNames, from: Shape): Shape {
  const width = from.at(-1) ?? 0;
  const wide = linear(draft, `${name}.${names.expand}`, from, 4 * width);
  return linear(draft, `${name}.${names.contract}`, pointwise(draft, `${name}.gelu`, "gelu", wide), width);
}
