// Puts nodes in an order in which each comes after what it needs, and finds cycles and names without a producer.

import type { GraphProto } from "./generated/onnx_pb.ts";
import type { OnnxNode } from "./model.ts";
import { modelFault } from "./model.ts";

/**
 * The nodes in execution order; an already sorted list keeps its order. `known` names initialisers and inputs.
 * @throws InputError for a tensor produced twice, one that nobody produces, or a cycle (naming its nodes).
 */
export function sortNodes(nodes: readonly OnnxNode[], known: ReadonlySet<string>, file: string): OnnxNode[] {
  const producer = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    for (const output of node.outputs) {
      if (output === "") continue;
      const other = producer.get(output);
      if (other !== undefined || known.has(output)) {
        const by = other === undefined ? "an input or initialiser" : `node "${nodes[other]?.name ?? ""}"`;
        throw modelFault(file, { node, tensor: output }, { message: `output is also produced by ${by}` });
      }
      producer.set(output, index);
    }
  }
  const needs = nodes.map((node) => dependencies(node, producer, known, file));
  return order(nodes, needs, file);
}

function dependencies(
  node: OnnxNode,
  producer: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
  file: string,
): number[] {
  const result: number[] = [];
  for (const input of node.inputs) {
    if (input === "" || known.has(input)) continue;
    const index = producer.get(input);
    if (index === undefined) {
      throw modelFault(
        file,
        { node, tensor: input },
        { message: "input is neither an initialiser, nor a model input, nor produced by a node" },
      );
    }
    result.push(index);
  }
  // Subgraphs (If, Loop, Scan) may use tensors of the graph around them.
  for (const attribute of node.attributes.values()) {
    for (const graph of attribute.g === undefined ? attribute.graphs : [attribute.g, ...attribute.graphs]) {
      for (const name of namesUsed(graph)) {
        const index = producer.get(name);
        if (index !== undefined && !node.outputs.includes(name)) result.push(index);
      }
    }
  }
  return result;
}

function namesUsed(graph: GraphProto): string[] {
  const inner = graph.node.flatMap((node) =>
    node.attribute.flatMap((attribute) => (attribute.g === undefined ? [] : namesUsed(attribute.g))),
  );
  return [...graph.node.flatMap((node) => node.input), ...graph.output.map((output) => output.name), ...inner];
}

/** Depth-first, with an explicit stack: a chain of a million nodes must not overflow the call stack. */
function order(nodes: readonly OnnxNode[], needs: readonly (readonly number[])[], file: string): OnnxNode[] {
  const state = new Uint8Array(nodes.length);
  const next = new Int32Array(nodes.length);
  const sorted: OnnxNode[] = [];
  const stack: number[] = [];
  for (let start = 0; start < nodes.length; start++) {
    if (state[start] !== 0) continue;
    stack.push(start);
    while (stack.length > 0) {
      const current = stack[stack.length - 1] ?? 0;
      state[current] = 1;
      const child = needs[current]?.[next[current] ?? 0];
      if (child === undefined) {
        state[current] = 2;
        stack.pop();
        const node = nodes[current];
        if (node !== undefined) sorted.push(node);
        continue;
      }
      next[current] = (next[current] ?? 0) + 1;
      if (state[child] === 1) throw cycle(nodes, stack.slice(stack.indexOf(child)), file);
      if (state[child] === 0) stack.push(child);
    }
  }
  return sorted;
}

function cycle(nodes: readonly OnnxNode[], path: readonly number[], file: string) {
  const names = path.slice(0, 6).map((index) => nodes[index]?.name ?? "");
  const node = nodes[path[0] ?? 0];
  const more = path.length > 6 ? ", ..." : "";
  return modelFault(file, node === undefined ? {} : { node }, {
    message: `the graph has a cycle through ${names.join(", ")}${more}`,
  });
}
