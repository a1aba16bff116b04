// The parameters of a machine: what each is, its value to change, its range, and where it comes from.

import type { LooseValues, Parameter } from "../../src/accelerator/parameters.ts";
import { shownValue } from "../../src/workbench/request/parameter-text.ts";
import { strengths } from "../kit/strength.ts";
import { ParameterInput } from "../kit/parameter-input.tsx";

interface ParameterListProps {
  readonly parameters: readonly (readonly [path: string, parameter: Parameter])[];
  readonly values: LooseValues;
  /** Those that the reader set. */
  readonly set: LooseValues;
  readonly onChange: (path: string, value: number | string) => void;
  readonly onReset: (path: string) => void;
}

export const ParameterList = ({ parameters, values, set, onChange, onReset }: ParameterListProps) => (
  <ul class="parameters">
    {parameters.map(([path, parameter]) => {
      const changed = Object.hasOwn(set, path);
      const { strength, text } = parameter.source;
      return (
        <li key={path} class={changed ? "changed" : undefined}>
          <div class="what">
            <code>{path}</code>
            <span>{parameter.description}</span>
          </div>
          <ParameterInput
            path={path}
            parameter={parameter}
            value={values[path] ?? parameter.default}
            onChange={(value) => {
              onChange(path, value);
            }}
          />
          <div class="source">
            <span class="strength" title={strengths[strength].meaning}>
              <span aria-hidden="true">{strengths[strength].sign}</span> {strength}
            </span>{" "}
            {text}
            {changed && (
              <button
                type="button"
                onClick={() => {
                  onReset(path);
                }}
              >
                back to {shownValue(parameter, parameter.default)}
              </button>
            )}
          </div>
        </li>
      );
    })}
  </ul>
);
