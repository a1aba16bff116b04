// One layer, opened: its figures on every machine, and of the chosen machine where the cycles went, what was counted and
// moved, how it is mapped, and what else was tried.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { shapeText } from "../picture/hover-box.tsx";
import { LayerDetails } from "./layer-details.tsx";
import { figureText } from "./layer-table.tsx";
import { MachineSwatch } from "../choose/machines.tsx";
import { layerFigures } from "../data/prepare.ts";
import type { BenchResult, BenchRow } from "../data/prepare.ts";
import { chosenMachine } from "../result.ts";
import { fragmentOf } from "../../shell/location.ts";
import { change, state } from "../../shell/state.ts";
import { engineering, significant } from "../../../src/report/units.ts";

interface LayerPanelProps {
  readonly result: BenchResult;
  readonly row: BenchRow;
}

/** Why a machine has nothing of a layer, by its note. */
const missingLayer: Readonly<Record<string, string>> = {
  running: "This machine is still running.",
  stopped: "This machine was stopped before its end.",
  failed: "This machine failed; its error stands among the totals.",
};

const sourceText = (source: string): string => (source === "" ? "" : ` (${source})`);

export function LayerPanel({ result, row }: LayerPanelProps) {
  const { rows, labels, notes } = result;
  const head = useRef<HTMLHeadingElement>(null);
  const { any, name, key } = row;
  const machine = Math.min(chosenMachine.value, row.layers.length - 1);
  const layer = row.layers[machine];
  const step = (by: number): void => {
    const next = rows[row.index + by];
    if (next !== undefined) change({ layer: next.key });
  };
  // Before the panel is seen, so that the first key finds it.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && document.querySelector("dialog[open]") === null) change({ layer: "" });
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
    };
  }, []);
  // Where the panel covers the page, as on a telephone, the reader is taken to it.
  useEffect(() => {
    if (matchMedia("(max-width: 1100px)").matches) head.current?.focus();
  }, [key]);
  return (
    <aside class="layer-panel" aria-labelledby="layer-name">
      <div class="panel-head">
        <h2 id="layer-name" ref={head} tabIndex={-1}>
          {name}
        </h2>
        <span class="chip-buttons">
          <button
            type="button"
            class="icon"
            aria-label="The layer before"
            disabled={row.index === 0}
            onClick={() => {
              step(-1);
            }}
          >
            ←
          </button>
          <button
            type="button"
            class="icon"
            aria-label="The next layer"
            disabled={row.index === rows.length - 1}
            onClick={() => {
              step(1);
            }}
          >
            →
          </button>
          <button
            type="button"
            class="icon"
            aria-label="Close the layer"
            onClick={() => {
              change({ layer: "" });
            }}
          >
            ×
          </button>
        </span>
      </div>
      <p class="soft">
        {any.operator}, M × N × K = {shapeText(any)}; {engineering(any.macs.dense, "MAC")}. Density: weights{" "}
        {significant(any.density.A)}
        {sourceText(any.densitySource.A)}, inputs {significant(any.density.B)}
        {sourceText(any.densitySource.B)}.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${name} on every machine`}>
        <table>
          <caption class="hidden">{name} on every machine</caption>
          <thead>
            <tr>
              <th scope="col">machine</th>
              {layerFigures.map(({ key: figure, title }) => (
                <th key={figure} scope="col" class={figure === "mapping" ? undefined : "right"}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {row.layers.map((each, index) => (
              <tr key={index} class={row.best.includes(index) ? "best" : undefined} aria-selected={index === machine}>
                <th scope="row">
                  <button
                    type="button"
                    class="open"
                    aria-pressed={index === machine}
                    onClick={() => {
                      change({ machine: index });
                    }}
                  >
                    <MachineSwatch index={index} /> {labels[index]}
                    {row.best.includes(index) ? " ★" : ""}
                  </button>
                </th>
                {layerFigures.map((figure) => (
                  <td key={figure.key} class={figure.key === "mapping" ? undefined : "right"}>
                    {figureText(figure, each === undefined ? undefined : figure.value(each))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3 class="of-machine">
        <MachineSwatch index={machine} /> {labels[machine]}
      </h3>
      <p class="links">
        <a href={fragmentOf({ ...state.value, view: "tile", machine, layer: name })}>Watch a tile of it</a>
        <a href={fragmentOf({ ...state.value, view: "machine", machine })}>Change the machine</a>
      </p>
      {layer === undefined ? (
        <p>{missingLayer[notes[machine] ?? ""] ?? "This machine has no such layer."}</p>
      ) : (
        <LayerDetails layer={layer} result={result} label={labels[machine] ?? ""} />
      )}
    </aside>
  );
}
