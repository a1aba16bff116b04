// The machine view: one machine as a block diagram, its parameters to change, and what a change makes of the results.

import { useEffect, useState } from "preact/hooks";
import type { LooseValues } from "../../src/accelerator/parameters.ts";
import { engineering, percent, squareMillimetres } from "../../src/report/units.ts";
import type { MachineBox, MachineChoice, MachinePage } from "../engine/api.ts";
import { ask, EngineFault } from "../engine/client.ts";
import { copyText } from "../kit/clipboard.ts";
import { Empty } from "../kit/empty.tsx";
import { Figure } from "../kit/figure.tsx";
import { machineNamed } from "../shell/catalogue.ts";
import { notify } from "../shell/notices.tsx";
import { problem } from "../shell/results.ts";
import { change, changeMachine, option, setOption, state } from "../shell/state.ts";
import { BlockDiagram } from "./diagram.tsx";
import { ChangeEffect, runsAround } from "./change-effect.tsx";
import { strengths } from "../kit/strength.ts";
import { ParameterList } from "./parameters.tsx";
import { saveText } from "../kit/export.ts";
import "../style/machine.css";

const shares = ["area", "energy", "none"] as const;

export function MachineView() {
  const { machines, machine: index } = state.value;
  const choice = machines[index];
  if (choice === undefined) {
    return (
      <Empty title="No machine is chosen">
        <p>Choose one on the bench.</p>
      </Empty>
    );
  }
  return (
    <>
      <MachineTabs />
      <Machine key={`${index} ${choice.name}`} choice={choice} index={index} />
    </>
  );
}

function MachineTabs() {
  const { machines, machine } = state.value;
  return (
    <nav class="machines" aria-label="Machines">
      {machines.map(({ name, set }, index) => (
        <button
          key={`${index} ${name}`}
          type="button"
          aria-pressed={index === machine}
          onClick={() => {
            change({ machine: index });
          }}
        >
          {name}
          {Object.keys(set).length > 0 && <span class="count"> · {Object.keys(set).length} changed</span>}
        </button>
      ))}
    </nav>
  );
}

/** The engine's page of a machine; the one before stays while the next is made, and after values that cannot be. */
function usePage(choice: MachineChoice): { readonly page?: MachinePage; readonly fault?: string } {
  const [shown, setShown] = useState<{ readonly page?: MachinePage; readonly fault?: string }>({});
  useEffect(() => {
    const controller = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const page = await ask((engine) => engine.machine(choice), controller.signal, "first");
        setShown({ page });
      } catch (error) {
        if (controller.signal.aborted) return;
        const fault = error instanceof EngineFault || error instanceof Error ? error.message : String(error);
        setShown((last) => ({ ...last, fault }));
      }
    };
    void load();
    return () => {
      controller.abort();
    };
  }, [choice]);
  return shown;
}

function Machine({ choice, index }: { readonly choice: MachineChoice; readonly index: number }) {
  const { page, fault } = usePage(choice);
  const about = machineNamed(choice.name);
  const selected = option("machine.box", "");
  const select = (name: string): void => {
    setOption("machine.box", name, "");
  };
  const put = (set: LooseValues): void => {
    changeMachine(index, { ...choice, set });
  };
  if (about === undefined || page === undefined) {
    return fault === undefined ? (
      <Empty title="Loading" busy />
    ) : (
      <Impossible choice={choice} fault={fault} put={put} />
    );
  }
  const box = page.boxes.find(({ name }) => name === selected);
  const effects = page.effects;
  const parameters = Object.entries(about.parameters).filter(
    ([path]) => box === undefined || effects[path]?.includes(box.name) === true,
  );
  const { authors, title, venue, year, identifier } = about.citation;
  return (
    <div class="machine">
      <header>
        <h1>
          {about.name} <small>{about.title}</small>
        </h1>
        <p>{about.summary}</p>
        <p class="cite">
          {authors}: {title}. {venue} {year}
          {identifier === undefined ? "" : `, ${identifier}`}.
        </p>
      </header>
      {fault !== undefined && fault !== problem.value?.message && (
        <p class="trouble" role="alert">
          {fault}
        </p>
      )}
      <DiagramFigure page={page} name={about.name} index={index} selected={selected} onSelect={select} />
      <aside>{box === undefined ? <Hint page={page} /> : <BoxCard box={box} page={page} />}</aside>
      <section class="settings" aria-label="Parameters">
        <div class="settings-head">
          <h2>{box === undefined ? "Parameters" : `Parameters that change ${box.name}`}</h2>
          {box !== undefined && (
            <button
              type="button"
              onClick={() => {
                select("");
              }}
            >
              show all
            </button>
          )}
          <Share choice={choice} onReset={() => put({})} />
        </div>
        {parameters.length === 0 && <p>No parameter changes it.</p>}
        <ParameterList
          parameters={parameters}
          values={page.values}
          set={choice.set}
          onChange={(path, value) => {
            const { [path]: _, ...others } = choice.set;
            put(about.parameters[path]?.default === value ? others : { ...others, [path]: value });
          }}
          onReset={(path) => {
            const { [path]: _, ...others } = choice.set;
            put(others);
          }}
        />
        <p class="key">
          {Object.entries(strengths).map(([name, { sign, meaning }]) => (
            <span key={name}>
              <span aria-hidden="true">{sign}</span> {name}: {meaning}
            </span>
          ))}
        </p>
      </section>
      <section class="results" aria-label="Results">
        <ChangeEffect index={index} />
        <Mappings page={page} choice={choice} index={index} />
      </section>
    </div>
  );
}

interface ImpossibleProps {
  readonly choice: MachineChoice;
  readonly fault: string;
  readonly put: (set: LooseValues) => void;
}

/** A link may name values that cannot be: each can be taken back. */
const Impossible = ({ choice: { name, set }, fault, put }: ImpossibleProps) => (
  <Empty title={`There is no such ${name}`}>
    {fault !== problem.value?.message && <p>{fault}</p>}
    {Object.keys(set).length > 0 && (
      <p class="share-row">
        {Object.entries(set).map(([path, value]) => (
          <button
            key={path}
            type="button"
            onClick={() => {
              const { [path]: _, ...others } = set;
              put(others);
            }}
          >
            Without {path}={String(value)}
          </button>
        ))}
        <button type="button" onClick={() => put({})}>
          Reset all
        </button>
      </p>
    )}
  </Empty>
);

interface DiagramFigureProps {
  readonly page: MachinePage;
  readonly name: string;
  readonly index: number;
  readonly selected: string;
  readonly onSelect: (name: string) => void;
}

function DiagramFigure({ page, name, index, selected, onSelect }: DiagramFigureProps) {
  const shown = shares.find((each) => each === option("machine.share", "area")) ?? "area";
  const energy = runsAround(index).now?.total.energyComponents;
  const area = page.boxes.reduce((sum, box) => sum + (box.area ?? 0), 0);
  const joules = Object.values(energy ?? {}).reduce((sum, part) => sum + part, 0);
  const share = (box: MachineBox): number | undefined => {
    if (shown === "area") return box.area === undefined ? undefined : box.area / area;
    if (shown === "energy" && joules > 0) return (energy?.[box.name] ?? 0) / joules;
    return undefined;
  };
  return (
    <Figure
      title={`${name}: components and paths`}
      caption="A weights, B inputs, C results. Press a box for what it is and the parameters that change it."
      controls={
        <label class="shares">
          bars show{" "}
          <select
            value={shown}
            onChange={(event) => {
              setOption("machine.share", event.currentTarget.value, "area");
            }}
          >
            {shares.map((each) => (
              <option key={each} value={each}>
                {each === "none" ? "nothing" : `share of ${each}`}
              </option>
            ))}
          </select>
        </label>
      }
      rows={() => [
        ["component", "kind", "what it is", "area (mm²)", "energy of the run (J)"],
        ...page.boxes.map((box) => [box.name, box.kind, box.sentence, box.area, energy?.[box.name]]),
      ]}
    >
      <div class="diagram-room" tabIndex={0} role="region" aria-label={`Block diagram of ${name}`}>
        <BlockDiagram
          page={page}
          selected={selected}
          onSelect={onSelect}
          share={share}
          label={`Components of ${name} and the ways of its operands`}
        />
      </div>
    </Figure>
  );
}

const Hint = ({ page }: { readonly page: MachinePage }) => (
  <div class="card">
    <h2>The chip</h2>
    <p>
      {squareMillimetres(page.boxes.reduce((sum, box) => sum + (box.area ?? 0), 0))} in {page.technology}, without what
      is off chip.
    </p>
    <p class="cite">Energy and area from {page.tables.join("; ")}.</p>
  </div>
);

const BoxCard = ({ box, page }: { readonly box: MachineBox; readonly page: MachinePage }) => {
  const total = page.boxes.reduce((sum, each) => sum + (each.area ?? 0), 0);
  return (
    <div class="card">
      <h2>
        {box.name} <small>{box.kind}</small>
      </h2>
      <p>{box.sentence}</p>
      {box.width !== undefined && <p>Gives up to {box.width}.</p>}
      <p>
        {box.area === undefined
          ? "Off chip."
          : `${squareMillimetres(box.area)}, ${percent(box.area / total)} of the chip.`}
      </p>
      {box.events.length > 0 && (
        <table>
          <caption class="hidden">Energy of the events of {box.name}</caption>
          <thead>
            <tr>
              <th scope="col">event</th>
              <th scope="col" class="right">
                energy
              </th>
            </tr>
          </thead>
          <tbody>
            {box.events.map(({ name, joules }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="right">{engineering(joules, "J")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
};

function Share({ choice, onReset }: { readonly choice: MachineChoice; readonly onReset: () => void }) {
  const configuration = async (): Promise<string> =>
    ask((engine) => engine.configuration([choice]), undefined, "first");
  const withConfiguration = async (use: (text: string) => void): Promise<void> => {
    try {
      use(await configuration());
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error));
    }
  };
  const saveFile = (text: string): void => {
    const name = `${choice.name}.yaml`;
    saveText(name, text, "application/yaml");
    notify(`${name}: for heddle run --config ${name}`);
  };
  return (
    <div class="share-row">
      <button type="button" disabled={Object.keys(choice.set).length === 0} onClick={onReset}>
        Reset all
      </button>
      <button type="button" onClick={() => void withConfiguration((text) => void copyText(text, "YAML"))}>
        Copy YAML
      </button>
      <button type="button" onClick={() => void withConfiguration(saveFile)}>
        Save YAML
      </button>
      <button type="button" onClick={() => void copyText(location.href, "Link")}>
        Copy link
      </button>
    </div>
  );
}

interface MappingsProps {
  readonly page: MachinePage;
  readonly choice: MachineChoice;
  readonly index: number;
}

/** Rows begin with the name of their mapping. */
const nameOf = ([cell]: MachinePage["mappings"]["rows"][number]): string => (typeof cell === "string" ? cell : "");

const Mappings = ({ page: { mappings }, choice, index }: MappingsProps) => (
  <div class="card">
    <div class="settings-head">
      <h2>Mappings</h2>
      <label>
        use{" "}
        <select
          value={choice.mapping ?? ""}
          onChange={(event) => {
            const { mapping: _, ...rest } = choice;
            const { value } = event.currentTarget;
            changeMachine(index, value === "" ? rest : { ...rest, mapping: value });
          }}
        >
          <option value="">the best for each layer</option>
          {mappings.rows.map(nameOf).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
    <div class="scroll" tabIndex={0} role="region" aria-label="Mappings">
      <table>
        <thead>
          <tr>
            {mappings.columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {mappings.rows.map((cells) => (
            <tr key={nameOf(cells)}>
              {cells.map((cell, column) => (
                <td key={mappings.columns[column]?.title}>{typeof cell === "string" ? cell : cell.text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </div>
);
