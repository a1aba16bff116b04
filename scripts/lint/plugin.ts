// The house rules as an oxlint plugin: the layers, what an accelerator file may hold, what a mechanism may name, and
// the sentence at the head of every file. The judgement is in layers.ts and machine-names.ts; this file walks the code.

import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";

import type { RuleTester } from "oxlint/plugins-dev";

import { importFault, isTest, layerOf } from "./layers.ts";
import { machineNamed, type TextKind } from "./machine-names.ts";

type Rule = Parameters<RuleTester["run"]>[1];
type CreateRule = Extract<Rule, { create: unknown }>;
type Context = Parameters<CreateRule["create"]>[0];
type Visitor = ReturnType<CreateRule["create"]>;
type Node = Parameters<NonNullable<Visitor["ImportDeclaration"]>>[0]["parent"];

/** Imports point downwards through the layers; see layers.ts for the order and the exceptions. */
const layersRule: CreateRule = {
  create: (context) =>
    onImports((specifier, node) => {
      const message = importFault(repositoryPath(context), specifier);
      if (message !== undefined) context.report({ message, node });
    }),
};

/** A file in src/accelerator/ describes: no loop statement, no typed array, nothing from src/tensor/. */
const descriptionRule: CreateRule = {
  create(context) {
    const path = repositoryPath(context);
    if (layerOf(path) !== "accelerator" || isTest(path)) return {};
    const refuseLoop = (node: Node): void =>
      context.report({ message: "an accelerator is a description: put the loop into a component or a dataflow", node });
    const refuseTypedArray = (node: Node, name: string): void =>
      context.report({ message: `an accelerator is a description and holds no elements: no ${name} here`, node });
    return {
      ForStatement: refuseLoop,
      ForInStatement: refuseLoop,
      ForOfStatement: refuseLoop,
      WhileStatement: refuseLoop,
      DoWhileStatement: refuseLoop,
      NewExpression(node) {
        const { callee } = node;
        if (callee.type === "Identifier" && isTypedArray(callee.name)) refuseTypedArray(node, callee.name);
      },
      CallExpression(node) {
        const callee = node.callee.type === "MemberExpression" ? node.callee.object : undefined;
        if (callee?.type === "Identifier" && isTypedArray(callee.name)) refuseTypedArray(node, callee.name);
      },
      ...onImports((specifier, node) => {
        if (specifier.startsWith(".") && layerOf(join(dirname(path), specifier)) === "tensor") {
          context.report({
            message: "an accelerator is a description: it knows layers and formats, not tensors",
            node,
          });
        }
      }),
    };
  },
};

/** A file in src/dataflow/ or src/component/ names no accelerator, in code, strings or comments. */
const mechanismRule: CreateRule = {
  create(context) {
    const layer = layerOf(repositoryPath(context));
    if (layer !== "dataflow" && layer !== "component") return {};
    const extra = machinesDescribed(rootOf(context.filename));
    const check = (text: string, kind: TextKind, node: Parameters<Context["report"]>[0]): void => {
      const name = machineNamed(text, kind, extra);
      if (name === undefined) return;
      context.report({
        ...node,
        message: `a ${layer} is a mechanism and names no accelerator: found "${name}" (cite a paper by its authors)`,
      });
    };
    return {
      Identifier: (node) => check(node.name, "identifier", { message: "", node }),
      PrivateIdentifier: (node) => check(node.name, "identifier", { message: "", node }),
      Literal(node) {
        if (typeof node.value === "string") check(node.value, "string", { message: "", node });
      },
      TemplateElement: (node) => check(node.value.cooked ?? node.value.raw, "string", { message: "", node }),
      "Program:exit"() {
        for (const comment of context.sourceCode.getAllComments()) {
          check(comment.value, "comment", { message: "", loc: comment.loc });
        }
      },
    };
  },
};

/** The first lines of a file are `//` comments that say what it is for (a `#!` line may stand above them). */
const purposeRule: CreateRule = {
  create: (context) => ({
    Program(node) {
      const text = context.sourceCode.text.replace(/^\uFEFF?(#![^\n]*\n)?/, "");
      if (/^\/\/\s*(?!(?:oxlint|eslint|@ts|prettier|oxfmt)\b)\S+ \S+/.test(text)) return;
      context.report({
        message: "a file begins with a // comment of a sentence or two that says what it is for",
        node,
      });
    },
  }),
};

/** Calls `visit` for each module that the file names: import, export from, import(), import types, new URL(). */
function onImports(visit: (specifier: string, node: Node) => void): Visitor {
  const literal = (source: { type: string; value?: unknown } | null, node: Node): void => {
    if (typeof source?.value === "string") visit(source.value, node);
  };
  return {
    ImportDeclaration: (node) => literal(node.source, node),
    ExportNamedDeclaration: (node) => literal(node.source, node),
    ExportAllDeclaration: (node) => literal(node.source, node),
    ImportExpression: (node) => literal(node.source, node),
    TSImportType: (node) => literal(node.source, node),
    "NewExpression:exit"(node) {
      const [first] = node.arguments;
      if (node.callee.type !== "Identifier" || node.callee.name !== "URL" || first?.type !== "Literal") return;
      if (typeof first.value === "string" && /\.[cm]?[jt]sx?$/.test(first.value)) literal(first, node);
    },
  };
}

const isTypedArray = (name: string): boolean =>
  /^(?:Int8|Uint8|Uint8Clamped|Int16|Uint16|Int32|Uint32|BigInt64|BigUint64|Float16|Float32|Float64)Array$/.test(name);

const repositoryPath = (context: Context): string =>
  relative(rootOf(context.filename), context.filename).split(sep).join("/");

const roots = new Map<string, string>();

/** The nearest folder above with the linter's configuration. */
function rootOf(file: string): string {
  const folder = dirname(file);
  const known = roots.get(folder);
  if (known !== undefined) return known;
  const root = existsSync(join(folder, ".oxlintrc.json")) || dirname(folder) === folder ? folder : rootOf(folder);
  roots.set(folder, root);
  return root;
}

const described = new Map<string, readonly string[]>();

/** Names of the machines described in src/accelerator/: the files that carry a citation, by their file names. */
function machinesDescribed(root: string): readonly string[] {
  const known = described.get(root);
  if (known !== undefined) return known;
  const folder = join(root, "src", "accelerator");
  const names = globSync("**/*.ts", { cwd: folder })
    .filter((file) => !/\.test\.ts$|(?:^|\/)(?:accelerators?|index)\.ts$/.test(file))
    .filter((file) => /\bcitation\s*[:,]/.test(readFileSync(join(folder, file), "utf8")))
    .map((file) => basename(file, ".ts").toLowerCase());
  described.set(root, names);
  return names;
}

export default {
  meta: { name: "heddle" },
  rules: {
    layers: layersRule,
    "accelerator-is-description": descriptionRule,
    "mechanism-names-no-machine": mechanismRule,
    "file-purpose": purposeRule,
  },
};
