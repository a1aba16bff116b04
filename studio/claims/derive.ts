// The claims of every machine that has any, derived one machine after the other when the view is first opened, and kept.

import { signal } from "@preact/signals";
import type { Reproduction } from "../../src/workbench/reproduce.ts";
import { ask } from "../engine/client.ts";
import type { CatalogueMachine } from "../engine/api.ts";
import { recordedClaims } from "./recorded.ts";

export type Derived =
  | { readonly kind: "running" }
  | { readonly kind: "rows"; readonly rows: readonly Reproduction[]; readonly recorded: boolean }
  | { readonly kind: "failure"; readonly message: string };

/** By name of the machine. */
export const derived = signal<Readonly<Record<string, Derived>>>({});

const put = (machine: string, value: Derived): void => {
  derived.value = { ...derived.value, [machine]: value };
};

/** Derives the claims of a machine in a worker. */
export async function derive(machine: string): Promise<void> {
  put(machine, { kind: "running" });
  try {
    put(machine, { kind: "rows", rows: await ask((engine) => engine.claims(machine)), recorded: false });
  } catch (error) {
    put(machine, { kind: "failure", message: error instanceof Error ? error.message : String(error) });
  }
}

/** Derives what takes seconds, and shows the recorded rows of what takes minutes. */
export async function deriveAll(machines: readonly CatalogueMachine[]): Promise<void> {
  await Promise.all(
    machines
      .filter(({ name, claims }) => claims.length > 0 && derived.value[name] === undefined)
      .map(async ({ name, slowClaims }) => {
        const rows = slowClaims ? await recordedClaims(name) : undefined;
        if (rows === undefined) await derive(name);
        else put(name, { kind: "rows", rows, recorded: true });
      }),
  );
}
