// What else a run depends on: objective, resources, layers, densities, seed.

import { useState } from "preact/hooks";
import { objectives } from "../../shell/location.ts";
import { change, state } from "../../shell/state.ts";
import type { Objective } from "../../../src/simulate/machine.ts";

const objectiveNames: Readonly<Record<Objective, string>> = {
  seconds: "least time",
  cycles: "fewest cycles",
  energy: "least energy",
  edp: "least energy-delay product",
};

export function Controls() {
  const { objective, resources, layers, density, seed } = state.value;
  return (
    <div class="controls">
      <label>
        Objective
        <select
          value={objective}
          onChange={(event) => {
            const chosen = objectives.find((each) => each === event.currentTarget.value);
            if (chosen !== undefined) change({ objective: chosen });
          }}
        >
          {objectives.map((each) => (
            <option key={each} value={each}>
              {objectiveNames[each]}
            </option>
          ))}
        </select>
      </label>
      <label>
        Resources
        <select
          value={resources}
          onChange={(event) => {
            change({ resources: event.currentTarget.value === "equal" ? "equal" : "published" });
          }}
        >
          <option value="published">as published</option>
          <option value="equal">equal to the first</option>
        </select>
      </label>
      <Field
        label="Layers"
        value={layers}
        placeholder="all; conv*, 3-7"
        onSet={(text) => {
          change({ layers: text, layer: "" });
        }}
      />
      <Field
        label="Density"
        value={density}
        placeholder="as it is; A=0.5,B=0.4"
        onSet={(text) => {
          change({ density: text });
        }}
      />
      <Field
        label="Seed"
        value={String(seed)}
        pattern="\d{1,9}"
        onSet={(text) => {
          if (/^\d{1,9}$/.test(text)) change({ seed: Number(text) });
        }}
      />
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly pattern?: string;
  readonly onSet: (text: string) => void;
}

/** Text that counts when the reader leaves the field or presses Enter. */
function Field({ label, value, placeholder, pattern, onSet }: FieldProps) {
  const [typed, setTyped] = useState<string>();
  const done = (): void => {
    setTyped(undefined);
    if (typed !== undefined && typed.trim() !== value) onSet(typed.trim());
  };
  return (
    <label>
      {label}
      <input
        value={typed ?? value}
        placeholder={placeholder}
        pattern={pattern}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          setTyped(event.currentTarget.value);
        }}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === "Enter") done();
          if (event.key === "Escape") setTyped(undefined);
        }}
      />
    </label>
  );
}
