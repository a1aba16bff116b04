// The machines that are compared: one chip each, the first being the reference, and the catalogue to add more from.

import type { ComponentChildren } from "preact";
import { machineMark } from "../data/prepare.ts";
import type { MachineChoice } from "../../engine/api.ts";
import { Chooser } from "../../kit/chooser.tsx";
import { catalogue, machineNamed } from "../../shell/catalogue.ts";
import { fragmentOf } from "../../shell/location.ts";
import { progress } from "../../shell/results.ts";
import { change, changeMachine, state } from "../../shell/state.ts";
import { inkOn, machineColour } from "../../../src/report/html/palette.ts";
import { engineering } from "../../../src/report/units.ts";

/** The colour and letter of a machine, the same in every picture. */
export const MachineSwatch = ({ index }: { readonly index: number }) => (
  <span
    class="swatch machine"
    style={{ "--c": machineColour(index), color: inkOn(machineColour(index)) }}
    aria-hidden="true"
  >
    {machineMark(index)}
  </span>
);

export function Machines() {
  const { machines } = state.value;
  const list = catalogue.value?.machines ?? [];
  return (
    <section class="machines" aria-label="Machines">
      <ol>
        {machines.map((machine, index) => (
          <MachineChip key={index} machine={machine} index={index} of={machines.length} />
        ))}
        <li class="add">
          <Chooser
            label="Add a machine"
            placeholder={list.length === 0 ? "loading the list" : `search ${list.length} machines`}
            options={list.map(({ name, title }) => ({ value: name, title }))}
            onChoose={(name) => {
              change({ machines: [...machines, { name, set: {} }] });
            }}
          />
        </li>
      </ol>
    </section>
  );
}

interface ChipProps {
  readonly machine: MachineChoice;
  readonly index: number;
  readonly of: number;
}

function MachineChip({ machine, index, of }: ChipProps) {
  const { name, set, mapping } = machine;
  const known = machineNamed(name);
  const place = `${machineMark(index)}, ${name}`;
  return (
    <li class="chip" aria-label={`${place}${index === 0 ? ", the reference" : ""}`}>
      <div class="chip-head">
        <MachineSwatch index={index} />
        <a href={fragmentOf({ ...state.value, view: "machine", machine: index })} title={known?.title ?? name}>
          {name}
        </a>
        <span class="chip-buttons">
          {index > 0 && <IconButton sign="←" label={`Move ${place} forward`} onPress={() => swap(index, index - 1)} />}
          {index < of - 1 && (
            <IconButton sign="→" label={`Move ${place} back`} onPress={() => swap(index, index + 1)} />
          )}
          <IconButton
            sign={<Copies />}
            label={`Compare ${place} with changed parameters`}
            onPress={() => {
              duplicate(index);
            }}
          />
          <IconButton
            sign="×"
            label={`Remove ${place}`}
            onPress={() => {
              remove(index);
            }}
          />
        </span>
      </div>
      <ChipLine index={index} place={place}>
        {index === 0 && of > 1 && <span class="tag">reference</span>} {known?.title ?? ""}
      </ChipLine>
      <div class="chip-foot">
        <select
          aria-label={`Mapping of ${place}`}
          value={mapping ?? ""}
          onChange={(event) => {
            const { mapping: _, ...rest } = machine;
            const chosen = event.currentTarget.value;
            changeMachine(index, chosen === "" ? rest : { ...rest, mapping: chosen });
          }}
        >
          <option value="">best mapping</option>
          {(known?.mappings ?? (mapping === undefined ? [] : [mapping])).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        {Object.entries(set).map(([path, value]) => (
          <button
            key={path}
            type="button"
            class="pill"
            title={`Back to ${String(known?.parameters[path]?.default ?? "the default")}`}
            onClick={() => {
              const { [path]: _, ...rest } = set;
              changeMachine(index, { ...machine, set: rest });
            }}
          >
            {path}={settingText(machine, path, value)}
            <span class="hidden"> of {place}: back to the default</span> <span aria-hidden="true">×</span>
          </button>
        ))}
      </div>
    </li>
  );
}

interface ChipLineProps {
  readonly index: number;
  readonly place: string;
  readonly children: ComponentChildren;
}

/** The machine's title; in its place, while it runs, how far it is, which others may be far behind or ahead of. */
function ChipLine({ index, place, children }: ChipLineProps) {
  const step = progress.value?.[index];
  if (step === undefined || step.end !== undefined) return <p class="chip-title">{children}</p>;
  const { done, total } = step;
  return (
    <div class="chip-progress">
      <progress aria-label={`Layers of ${place}`} max={Math.max(1, total)} value={done} />
      <span>{total === 0 ? "waiting" : `${done} of ${total}`}</span>
    </div>
  );
}

interface IconButtonProps {
  readonly sign: ComponentChildren;
  readonly label: string;
  readonly onPress: () => void;
}

/** Two sheets, one behind the other. */
const Copies = () => (
  <svg
    viewBox="0 0 16 16"
    width="13"
    height="13"
    fill="none"
    stroke="currentColor"
    stroke-width="1.4"
    aria-hidden="true"
  >
    <rect x="1.5" y="4.5" width="9" height="10" rx="1.5" />
    <path d="M5 2.5v-1h8a1.5 1.5 0 0 1 1.5 1.5v8h-1.500" />
  </svg>
);

const IconButton = ({ sign, label, onPress }: IconButtonProps) => (
  <button type="button" class="icon" aria-label={label} title={label} onClick={onPress}>
    {sign}
  </button>
);

function settingText({ name }: MachineChoice, path: string, value: number | string): string {
  const parameter = machineNamed(name)?.parameters[path];
  if (typeof value === "string" || parameter === undefined || parameter.kind === "choice") return String(value);
  return parameter.unit === "" && Number.isFinite(value) ? String(value) : engineering(value, parameter.unit, 4);
}

function swap(one: number, other: number): void {
  const machines = [...state.value.machines];
  const [a, b] = [machines[one], machines[other]];
  if (a === undefined || b === undefined) return;
  machines[one] = b;
  machines[other] = a;
  const { machine } = state.value;
  change({ machines, machine: machine === one ? other : machine === other ? one : machine });
}

/** A second one behind it, opened where its parameters can be changed. */
function duplicate(index: number): void {
  const { machines } = state.value;
  const machine = machines[index];
  if (machine === undefined) return;
  const copied = [...machines.slice(0, index + 1), machine, ...machines.slice(index + 1)];
  change({ machines: copied, view: "machine", machine: index + 1 });
}

function remove(index: number): void {
  const { machines: all, machine } = state.value;
  const machines = all.filter((_, place) => place !== index);
  // The other views go on showing the machine that they show.
  const shown = machine > index ? machine - 1 : machine;
  change({ machines, machine: Math.max(0, Math.min(shown, machines.length - 1)) });
}
