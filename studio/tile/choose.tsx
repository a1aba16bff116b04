// What is filmed: machine, mapping, layer and tile; and the gallery of ready films.

import { grouped } from "../../src/report/units.ts";
import { catalogue, machineNamed } from "../shell/catalogue.ts";
import { fragmentOf, machineText } from "../shell/location.ts";
import { change, changeMachine, setOption, state } from "../shell/state.ts";
import { examples, exampleState } from "./examples.ts";
import { layer, reduced, sketch, tile, view, views } from "./film.ts";
import { shown } from "./playback.ts";

/** Options of another film's cycle and tile mean nothing in this one. */
function fromTheStart(...also: readonly string[]): void {
  const options = Object.entries(state.value.options).filter(([name]) => name !== "tile.cycle" && !also.includes(name));
  change({ options: Object.fromEntries(options) });
}

export function Choose() {
  const { machines, machine: index } = state.value;
  const machine = machines[index];
  const entry = machine === undefined ? undefined : machineNamed(machine.name);
  const layers = sketch.value?.layers ?? [];
  return (
    <form class="tile-choose" aria-label="What is filmed" onSubmit={(event) => event.preventDefault()}>
      <label>
        Machine
        <select
          value={String(index)}
          onChange={(event) => {
            const wanted = event.currentTarget.value;
            fromTheStart("tile.index", "tile.view");
            const place = Number(wanted);
            if (Number.isInteger(place)) change({ machine: place });
            else change({ machines: [...machines, { name: wanted, set: {} }], machine: machines.length });
          }}
        >
          <optgroup label="Chosen">
            {machines.map(({ name }, place) => (
              <option key={place} value={String(place)}>
                {machineNamed(name)?.title ?? name}
              </option>
            ))}
          </optgroup>
          <optgroup label="Others">
            {(catalogue.value?.machines ?? [])
              .filter(({ name }) => !machines.some((each) => each.name === name))
              .map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
          </optgroup>
        </select>
      </label>
      {machine !== undefined && entry !== undefined && entry.mappings.length > 1 && (
        <label>
          Mapping
          <select
            value={machine.mapping ?? ""}
            onChange={(event) => {
              const { mapping: _, ...rest } = machine;
              const chosen = event.currentTarget.value;
              fromTheStart("tile.index");
              changeMachine(index, chosen === "" ? rest : { ...rest, mapping: chosen });
            }}
          >
            <option value="">the best for the layer</option>
            {entry.mappings.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="wide">
        Layer
        <select
          value={layer.value?.name ?? ""}
          disabled={layers.length < 2}
          onChange={(event) => {
            fromTheStart("tile.index");
            change({ layer: event.currentTarget.value });
          }}
        >
          {layers.map(({ name, operator, M, N, K }) => (
            <option key={name} value={name}>
              {`${name === operator ? (state.value.workload.split(":")[0] ?? name) : name}: ${grouped(M)} × ${grouped(N)} × ${grouped(K)}`}
            </option>
          ))}
        </select>
      </label>
      {views.value.length > 1 && (
        <label>
          What is seen
          <select
            value={view.value}
            onChange={(event) => {
              const wanted = event.currentTarget.value;
              fromTheStart("tile.index");
              setOption("tile.view", wanted, "lanes");
            }}
          >
            <option value="lanes">lanes that skip zeros</option>
            <option value="nest">the loop nest above them</option>
          </select>
        </label>
      )}
      <TileNumber />
    </form>
  );
}

function TileNumber() {
  const tiles = shown.value?.replay.tiles;
  if (tiles === 1 && tile.value === 0) return null;
  return (
    <label>
      Tile
      <span class="of">
        <input
          type="number"
          min={1}
          max={tiles}
          step={1}
          value={tile.value + 1}
          onChange={(event) => {
            const wanted = event.currentTarget.valueAsNumber;
            if (!Number.isInteger(wanted) || wanted < 1) return;
            fromTheStart();
            setOption("tile.index", String(wanted), "1");
          }}
        />
        {tiles !== undefined && <span>of {grouped(tiles)}</span>}
      </span>
    </label>
  );
}

/** What was made smaller so that the machine fits a picture. */
export function Reduced() {
  const values = Object.entries(reduced.value);
  if (values.length === 0) return null;
  return (
    <p class="tile-reduced">
      Filmed on a smaller machine, so that single parts can be seen:{" "}
      {values.map(([path, value]) => `${path} = ${String(value)}`).join(", ")}. Everything else is as chosen.
    </p>
  );
}

export function Gallery({ open }: { readonly open: boolean }) {
  const { workload, machines, machine } = state.value;
  const chosen = machines[machine];
  const here = chosen === undefined ? "" : machineText(chosen);
  return (
    <details class="tile-gallery" open={open}>
      <summary>Ready films for a lecture</summary>
      <ul>
        {examples.map((example) => {
          const current = example.workload === workload && machineText(example.machine) === here;
          return (
            <li key={example.title}>
              <a href={fragmentOf(exampleState(example))} aria-current={current ? "true" : undefined}>
                {example.title}
              </a>
              <span>{example.note}</span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
