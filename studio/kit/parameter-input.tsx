// One parameter of a machine: a word from a list, or a quantity with its unit, prefix and range, halved and doubled by
// buttons. What cannot be is said beside it and changes nothing.

import { useEffect, useId, useState } from "preact/hooks";
import type { Parameter } from "../../src/accelerator/parameters.ts";
import { parseQuantity } from "../../src/base/quantity.ts";
import { shownValue } from "../../src/workbench/request/parameter-text.ts";

interface ParameterInputProps {
  readonly path: string;
  readonly parameter: Parameter;
  readonly value: number | string;
  readonly onChange: (value: number | string) => void;
}

/** Why a value is not in the parameter's range; undefined where it is. */
function refusal(parameter: Parameter, value: number): string | undefined {
  if (parameter.kind === "choice") return undefined;
  const { minimum, maximum, kind } = parameter;
  if (kind === "integer" && value !== Infinity && !Number.isInteger(value)) return "a whole number is expected";
  if (value < minimum || value > maximum) return `expected ${rangeText(parameter)}`;
  return undefined;
}

/** The range of a parameter in words. */
export function rangeText(parameter: Parameter): string {
  if (parameter.kind === "choice") return parameter.choices.join(", ");
  return `${shownValue(parameter, parameter.minimum)} to ${shownValue(parameter, parameter.maximum)}`;
}

export function ParameterInput({ path, parameter, value, onChange }: ParameterInputProps) {
  const id = useId();
  const shown = shownValue(parameter, value);
  const [text, setText] = useState(shown);
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    setText(shown);
    setFault(undefined);
  }, [shown]);
  if (parameter.kind === "choice") {
    return (
      <select
        aria-label={path}
        value={String(value)}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      >
        {parameter.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  const offer = (next: number): void => {
    const reason = refusal(parameter, next);
    setFault(reason);
    if (reason === undefined && next !== value) onChange(next);
  };
  const commit = (): void => {
    if (text === shown) {
      setFault(undefined);
      return;
    }
    try {
      offer(parseQuantity(text, parameter.unit, path));
    } catch (error) {
      setFault(error instanceof Error ? error.message.replace(`${path}: `, "") : String(error));
    }
  };
  const number = typeof value === "number" && Number.isFinite(value) ? value : undefined;
  const halved = number === undefined ? undefined : parameter.kind === "integer" ? Math.floor(number / 2) : number / 2;
  return (
    <span class="quantity">
      <input
        aria-label={path}
        aria-describedby={id}
        aria-invalid={fault !== undefined}
        value={text}
        size={12}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape") {
            setText(shown);
            setFault(undefined);
          }
        }}
      />
      <button
        type="button"
        aria-label={`÷2: halve ${path}`}
        disabled={halved === undefined || refusal(parameter, halved) !== undefined || halved === number}
        onClick={() => {
          if (halved !== undefined) offer(halved);
        }}
      >
        ÷2
      </button>
      <button
        type="button"
        aria-label={`×2: double ${path}`}
        disabled={number === undefined || number === 0 || refusal(parameter, number * 2) !== undefined}
        onClick={() => {
          if (number !== undefined) offer(number * 2);
        }}
      >
        ×2
      </button>
      <span id={id} class={fault === undefined ? "range" : "fault"} role={fault === undefined ? undefined : "alert"}>
        {fault ?? rangeText(parameter)}
      </span>
    </span>
  );
}
