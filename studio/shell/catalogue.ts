// What can be chosen, asked of the engine once.

import { signal } from "@preact/signals";
import type { Catalogue, CatalogueMachine } from "../engine/api.ts";

export const catalogue = signal<Catalogue | undefined>(undefined);

/** Asks the engine. Throws when no worker starts. */
export async function loadCatalogue(): Promise<void> {
  const { ask } = await import("../engine/client.ts");
  catalogue.value = await ask((engine) => engine.catalogue(), undefined, "first");
}

/** The machine with this name, when the catalogue is there and has it. */
export const machineNamed = (name: string): CatalogueMachine | undefined =>
  catalogue.value?.machines.find((machine) => machine.name === name);
