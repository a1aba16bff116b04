// Walks the sorted graph once, with the shape and (where constant) the value of every tensor, and says which nodes
// multiply. Nothing here depends on weights being present.

import { InputError, at } from "../../base/error.ts";
import type { Inferred, Context, Value } from "./operator/context.ts";
import type { Compute } from "./operator/compute.ts";
import { computeRules, unsupportedCompute } from "./operator/compute.ts";
import { rules } from "./operator/table.ts";
import { elementFormat } from "./data-type.ts";
import type { GraphProto } from "./generated/onnx_pb.ts";
import type { OnnxModel, OnnxNode } from "./model.ts";
import { checkShape, modelFault } from "./model.ts";

/** One node that works on activations. */
export interface Step {
  readonly node: OnnxNode;
  /** Shape of the first output; absent where it is not known. */
  readonly shape?: readonly number[];
  /** How the node multiplies, if it does. */
  readonly compute?: Compute;
}

export interface Inference {
  readonly steps: readonly Step[];
  readonly values: ReadonlyMap<string, Value>;
  readonly warnings: readonly string[];
}

/** Domains whose operators share one table; every other domain is a stranger. */
const knownDomains: ReadonlySet<string> = new Set(["", "com.microsoft"]);
const computeOperators: ReadonlyMap<string, (context: Context) => Compute> = new Map(Object.entries(computeRules));

interface Walk {
  readonly model: OnnxModel;
  readonly values: Map<string, Value>;
  /** The node that left a tensor without a shape. */
  readonly blocked: Map<string, { readonly node: OnnxNode; readonly fixed: boolean }>;
  readonly strangers: Map<string, string[]>;
}

/**
 * Shapes of all tensors and the list of steps. Steps that depend on no model input (weights computed by the graph)
 * are left out.
 * @throws InputError naming the node: shapes that do not fit, unsupported compute operators, a compute operator
 * behind an operator whose output shape is not known, and tensors without elements.
 */
export function inferShapes(model: OnnxModel): Inference {
  const walk: Walk = { model, values: new Map(), blocked: new Map(), strangers: new Map() };
  for (const [name, constant] of model.initialisers) {
    walk.values.set(name, { name, type: constant.type, shape: constant.shape, fixed: true, constant });
  }
  for (const { name, type, shape } of model.inputs) walk.values.set(name, { name, type, shape, fixed: false });
  const steps = model.nodes.flatMap((node) => {
    try {
      return visit(walk, node);
    } catch (error) {
      // Rules shared with other readers know the node but not the file.
      throw error instanceof InputError ? at(error, { file: model.file }) : error;
    }
  });
  const warnings = [...walk.strangers].map(([operator, names]) => {
    const more = names.length > 3 ? ` and ${String(names.length - 3)} more` : "";
    return `operator ${operator} is not known and passed over (${names.slice(0, 3).join(", ")}${more})`;
  });
  return { steps, values: walk.values, warnings: [...model.warnings, ...warnings] };
}

function visit(walk: Walk, node: OnnxNode): Step[] {
  const { model, values, blocked } = walk;
  const inputs = node.inputs.map((name) => (name === "" ? undefined : values.get(name)));
  const context: Context = { file: model.file, node, opset: model.opset, inputs };
  const blocker = node.inputs.map((name) => blocked.get(name)).find((entry) => entry !== undefined);
  const fixed =
    node.inputs.every((name) => name === "" || (values.get(name)?.fixed ?? blocked.get(name)?.fixed ?? false)) &&
    !isRandom(node);
  const known = knownDomains.has(node.domain);
  const computeRule = known ? computeOperators.get(node.operator) : undefined;
  if (computeRule !== undefined) {
    if (blocker !== undefined && !fixed) {
      throw modelFault(
        model.file,
        { node },
        {
          message: `the shape of its input is not known, because of node "${blocker.node.name}" (${blocker.node.operator})`,
        },
      );
    }
    const compute = blocker === undefined ? computeRule(context) : undefined;
    record(
      walk,
      node,
      compute === undefined ? [] : [{ shape: compute.shape, type: compute.type }],
      fixed,
      blocker?.node ?? node,
    );
    return fixed || compute === undefined ? [] : [{ node, shape: compute.shape, compute }];
  }
  const hidden = hiddenCompute(node);
  if (hidden !== undefined && !fixed) {
    throw modelFault(
      model.file,
      { node },
      {
        message: `unsupported compute operator${hidden === node.operator ? "" : ` ${hidden} inside`}`,
        found: operatorName(node),
        expected: `one of ${[...computeOperators.keys()].join(", ")}`,
      },
    );
  }
  const rule = known ? rules.get(node.operator) : undefined;
  if (rule === undefined && !fixed) {
    const weights = weightsOf(inputs);
    if (weights !== undefined) {
      throw modelFault(
        model.file,
        { node, tensor: weights.name },
        {
          message: "unknown operator with weights: passing it over would leave its products out",
          found: operatorName(node),
          expected: `one of ${[...computeOperators.keys()].join(", ")}`,
        },
      );
    }
    walk.strangers.set(operatorName(node), [...(walk.strangers.get(operatorName(node)) ?? []), node.name]);
  }
  record(
    walk,
    node,
    rule === undefined || blocker !== undefined ? [] : rule(context),
    fixed,
    rule === undefined ? node : (blocker?.node ?? node),
  );
  const first = values.get(node.outputs.find((name) => name !== "") ?? "");
  if (fixed || first?.fixed === true) return [];
  return [{ node, ...(first === undefined ? {} : { shape: first.shape }) }];
}

/**
 * Notes what a node yields: what its rule says, else what the model declares, else that nothing is known, because of
 * the node `blame`.
 */
function record(walk: Walk, node: OnnxNode, inferred: readonly Inferred[], fixed: boolean, blame: OnnxNode): void {
  for (const [index, name] of node.outputs.entries()) {
    if (name === "") continue;
    const declared = walk.model.declared.get(name);
    const shape = inferred[index]?.shape ?? declared?.shape;
    if (shape === undefined) {
      walk.blocked.set(name, { node: blame, fixed });
      continue;
    }
    checkShape(walk.model.file, { node, tensor: name }, shape);
    const constant = inferred[index]?.constant;
    const constantNow = fixed || constant !== undefined;
    if (!constantNow && shape.includes(0)) {
      throw modelFault(
        walk.model.file,
        { node, tensor: name },
        { message: "tensor has no elements", found: `[${shape.join(", ")}]` },
      );
    }
    const type = inferred[index]?.type ?? declared?.type ?? 0;
    walk.values.set(name, { name, type, shape, fixed: constantNow, ...(constant === undefined ? {} : { constant }) });
  }
}

const operatorName = (node: OnnxNode): string =>
  node.domain === "" ? node.operator : `${node.domain}.${node.operator}`;

/** A constant matrix or larger tensor of real values among the inputs of a node: what a product would be taken with. */
const weightsOf = (inputs: readonly (Value | undefined)[]): Value | undefined =>
  inputs.find(
    (value) =>
      value !== undefined &&
      value.fixed &&
      elementFormat(value.type)?.floating === true &&
      value.shape.filter((extent) => extent > 1).length >= 2,
  );

/** Random tensors have no inputs, yet are no constants. */
const isRandom = (node: OnnxNode): boolean => node.operator.startsWith("Random") || node.operator === "Multinomial";

const multiplies = (operator: string): boolean => unsupportedCompute.has(operator) || computeOperators.has(operator);

/** The operator in a node or its subgraphs that multiplies in a way the importer cannot lower. */
function hiddenCompute(node: OnnxNode): string | undefined {
  if (multiplies(node.operator)) return node.operator;
  for (const attribute of node.attributes.values()) {
    for (const graph of attribute.g === undefined ? attribute.graphs : [attribute.g, ...attribute.graphs]) {
      const found = computeInside(graph);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function computeInside(graph: GraphProto): string | undefined {
  for (const node of graph.node) {
    if (multiplies(node.opType)) return node.opType;
    for (const { g } of node.attribute) {
      const found = g === undefined ? undefined : computeInside(g);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
