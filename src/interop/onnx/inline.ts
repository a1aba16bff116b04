// Replaces calls of a model's own functions by their nodes, so that the importer sees one flat graph.

import type { AttributeProto, FunctionProto, NodeProto } from "./generated/onnx_pb.ts";
import { InputError } from "../../base/error.ts";
import type { OnnxNode } from "./model.ts";

/** Nesting and size beyond which functions are taken to be a bomb rather than a model. */
const maximumDepth = 32;
const maximumNodes = 1_000_000;

const key = (domain: string, name: string): string => `${domain === "ai.onnx" ? "" : domain}:${name}`;

/**
 * The nodes of a graph with functions expanded: inner nodes and tensors are prefixed with the name of the call, and
 * attributes that refer to the call's are filled in. Names are made unique.
 * @throws InputError for recursive or exploding functions.
 */
export function flatNodes(protos: readonly NodeProto[], functions: readonly FunctionProto[], file: string): OnnxNode[] {
  const table = new Map(functions.map((body) => [key(body.domain, body.name), body]));
  const nodes: OnnxNode[] = [];
  const taken = new Set<string>();
  const nextCopy = new Map<string, number>();
  const unique = (wish: string): string => {
    let copy = nextCopy.get(wish) ?? 1;
    let name = wish;
    while (taken.has(name)) name = `${wish}_${String(++copy)}`;
    nextCopy.set(wish, copy);
    taken.add(name);
    return name;
  };
  const push = (node: OnnxNode): void => {
    if (nodes.length >= maximumNodes) {
      throw new InputError({ file, message: "too many nodes", expected: `at most ${String(maximumNodes)}` });
    }
    nodes.push(node);
  };
  const expand = (call: OnnxNode, body: FunctionProto, depth: number): void => {
    if (depth > maximumDepth) {
      throw new InputError({
        file,
        path: `node "${call.name}" (${call.operator})`,
        message: "functions are nested too deeply or call themselves",
      });
    }
    const names = new Map<string, string>();
    for (const [index, name] of body.input.entries()) names.set(name, call.inputs[index] ?? "");
    for (const [index, name] of body.output.entries()) {
      const outer = call.outputs[index] ?? "";
      names.set(name, outer === "" ? `${call.name}/${name}` : outer);
    }
    const rename = (name: string): string => (name === "" ? "" : (names.get(name) ?? `${call.name}/${name}`));
    const defaults = new Map(body.attributeProto.map((attribute) => [attribute.name, attribute]));
    for (const [index, inner] of body.node.entries()) {
      const attributes = resolved(inner.attribute, (name) => call.attributes.get(name) ?? defaults.get(name));
      const own = inner.name === "" ? `${inner.opType}_${String(index)}` : inner.name;
      visit(
        {
          name: unique(`${call.name}/${own}`),
          operator: inner.opType,
          domain: inner.domain === "ai.onnx" ? "" : inner.domain,
          inputs: inner.input.map(rename),
          outputs: inner.output.map(rename),
          attributes,
          inlined: true,
        },
        depth,
      );
    }
  };
  const visit = (node: OnnxNode, depth: number): void => {
    const body = table.get(key(node.domain, node.operator));
    if (body === undefined) push(node);
    else expand(node, body, depth + 1);
  };
  for (const [index, proto] of protos.entries()) {
    visit(
      {
        name: unique(proto.name === "" ? `${proto.opType}_${String(index)}` : proto.name),
        operator: proto.opType,
        domain: proto.domain === "ai.onnx" ? "" : proto.domain,
        inputs: proto.input,
        outputs: proto.output,
        attributes: new Map(proto.attribute.map((attribute) => [attribute.name, attribute])),
        inlined: false,
      },
      0,
    );
  }
  return nodes;
}

/** Attributes of an inner node; one that refers to an attribute of the call takes its value, or is left out. */
function resolved(
  attributes: readonly AttributeProto[],
  outer: (name: string) => AttributeProto | undefined,
): Map<string, AttributeProto> {
  const result = new Map<string, AttributeProto>();
  for (const attribute of attributes) {
    const value = attribute.refAttrName === "" ? attribute : outer(attribute.refAttrName);
    if (value !== undefined) result.set(attribute.name, value);
  }
  return result;
}
