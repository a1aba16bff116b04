// A layer on one machine, in full: cycle stack, multiplications, traffic, energy, events, zeros, mapping, alternatives.

import { useMemo, useRef } from "preact/hooks";
import { componentColour, foldedEnergy } from "../data/prepare.ts";
import type { BenchResult } from "../data/prepare.ts";
import { nestSvg } from "../../../src/report/html/nest.ts";
import { causeColour } from "../../../src/report/html/palette.ts";
import { engineering, grouped, percent, plural, significant, times } from "../../../src/report/units.ts";
import type { LayerResult } from "../../../src/simulate/result.ts";

interface DetailsProps {
  readonly layer: LayerResult;
  /** Whose pictures have a colour for every cause and component. */
  readonly result: BenchResult;
  readonly label: string;
}

const checks: Readonly<Record<LayerResult["check"], string>> = {
  exact: "Every output was compared with the golden evaluator and equals it.",
  sampled: "Outputs taken at random were compared with the golden evaluator and equal it.",
  off: "Outputs were not compared: shapes without values of their own.",
};

export function LayerDetails({ layer, result, label }: DetailsProps) {
  const { causes, names } = useMemo(() => ({ causes: result.causes, names: foldedEnergy(result).names }), [result]);
  return (
    <div class="details">
      <Bars
        title="Where the cycles went"
        total={layer.cycles}
        entries={Object.entries(layer.stack)}
        colour={(name) => causeColour(causes.indexOf(name))}
        print={grouped}
        note={layer.bound === undefined ? undefined : `Held back most by: ${layer.bound}.`}
      />
      <Multiplications layer={layer} />
      <Bars
        title="Energy by component"
        total={layer.energy.total}
        entries={Object.entries(layer.energy.components).sort(([, a], [, b]) => b - a)}
        colour={(name) => componentColour(names, name)}
        print={(value) => engineering(value, "J")}
      />
      <Traffic layer={layer} />
      <Mapping layer={layer} label={label} />
      <Zeros layer={layer} />
      <Alternatives layer={layer} />
      <Events layer={layer} />
      <p class="soft">{checks[layer.check]}</p>
    </div>
  );
}

interface BarsProps {
  readonly title: string;
  readonly total: number;
  readonly entries: readonly (readonly [name: string, value: number])[];
  readonly colour: (name: string) => string;
  readonly print: (value: number) => string;
  readonly note?: string | undefined;
}

/** Shares of a total as bars with their numbers. */
function Bars({ title, total, entries, colour, print, note }: BarsProps) {
  const shown = entries.map(([name, value]) => ({ name, value })).filter(({ value }) => value > 0);
  return (
    <section>
      <h4>{title}</h4>
      <ul class="bars">
        {shown.map(({ name, value }) => (
          <li key={name}>
            <span class="bar-name">{name}</span>
            <span class="bar-value">
              {print(value)} <span class="soft">{percent(value / (total || 1))}</span>
            </span>
            <span
              class="bar"
              style={{ "--share": `${(100 * value) / (total || 1)}%`, "--c": colour(name) }}
              aria-hidden="true"
            />
          </li>
        ))}
      </ul>
      {note !== undefined && <p class="soft">{note}</p>}
    </section>
  );
}

function Multiplications({ layer: { macs, utilisation, nonZeros } }: { readonly layer: LayerResult }) {
  return (
    <section>
      <h4>Multiplications</h4>
      <dl class="pairs">
        {(["dense", "effectual", "executed", "skipped", "gated"] as const).map((key) => (
          <div key={key}>
            <dt>
              {key}
              {key === "effectual" && macs.effectualSource === "expected" ? " (expected)" : ""}
            </dt>
            <dd>{grouped(macs[key])}</dd>
          </div>
        ))}
        <div>
          <dt>utilisation</dt>
          <dd>{percent(utilisation)}</dd>
        </div>
        {nonZeros !== undefined && (
          <div>
            <dt>stored entries of A, B</dt>
            <dd>
              {grouped(nonZeros.A)}, {grouped(nonZeros.B)}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Traffic({ layer: { traffic } }: { readonly layer: LayerResult }) {
  const memories = Object.entries(traffic);
  if (memories.length === 0) return null;
  return (
    <section>
      <h4>Traffic, far to near</h4>
      <div class="scroll" tabIndex={0} role="region" aria-label="Traffic by memory and operand">
        <table>
          <thead>
            <tr>
              <th scope="col">memory</th>
              <th scope="col" class="right">
                read
              </th>
              <th scope="col" class="right">
                written
              </th>
              {(["A", "B", "C"] as const).map((operand) => (
                <th key={operand} scope="col" class="right">
                  {operand}, both ways
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {memories.map(([memory, { read, write, operands }]) => (
              <tr key={memory}>
                <th scope="row">{memory}</th>
                <td class="right">{engineering(read, "B")}</td>
                <td class="right">{engineering(write, "B")}</td>
                {(["A", "B", "C"] as const).map((operand) => (
                  <td key={operand} class="right">
                    {engineering(operands[operand].read + operands[operand].write, "B")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Mapping({ layer: { mapping, loops, nest, name }, label }: Omit<DetailsProps, "result">) {
  const dialog = useRef<HTMLDialogElement>(null);
  // The drawing escapes every name that it holds (`html` of src/report/html/markup.ts).
  const picture = useMemo(
    () => (nest === undefined ? undefined : { __html: nestSvg(`Loop nest of ${name} on ${label}`, nest).markup }),
    [nest, name, label],
  );
  return (
    <section>
      <h4>Mapping</h4>
      <p>{mapping}</p>
      {loops.length > 0 && (
        <pre class="loops" tabIndex={0}>
          {loops.join("\n")}
        </pre>
      )}
      {picture !== undefined && (
        <>
          <button type="button" onClick={() => dialog.current?.showModal()}>
            Show its picture
          </button>
          <dialog ref={dialog} class="nest-dialog" aria-label={`Loop nest of ${name} on ${label}`}>
            <div class="panel-head">
              <h3>
                {name} on {label}
              </h3>
              <button type="button" class="icon" aria-label="Close" onClick={() => dialog.current?.close()}>
                ×
              </button>
            </div>
            <div class="nest-picture" tabIndex={0} dangerouslySetInnerHTML={picture} />
            <p class="soft">
              Memories from far to near. Dots on a loop: operands whose tile it changes; the others stay. Arrows grow
              with the bytes that they move; dashed, partial sums that come back.
            </p>
          </dialog>
        </>
      )}
    </section>
  );
}

function Zeros({ layer: { sparsity } }: { readonly layer: LayerResult }) {
  if (sparsity === undefined || sparsity.length === 0) return null;
  return (
    <section>
      <h4>Zeros: by statistics, and as counted</h4>
      <table>
        <thead>
          <tr>
            <th scope="col">figure</th>
            <th scope="col" class="right">
              statistics
            </th>
            <th scope="col" class="right">
              counted
            </th>
            <th scope="col" class="right">
              error
            </th>
          </tr>
        </thead>
        <tbody>
          {sparsity.map(({ figure, statistical, actual, error }) => (
            <tr key={figure}>
              <th scope="row">{figure}</th>
              <td class="right">{significant(statistical, 4)}</td>
              <td class="right">{significant(actual, 4)}</td>
              <td class="right">{percent(error)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** At most this many other mappings; a search may have met hundreds. */
const mostAlternatives = 24;

function Alternatives({ layer }: { readonly layer: LayerResult }) {
  const { alternatives, seconds, energy } = layer;
  const others = alternatives.toSorted((a, b) => a.seconds - b.seconds).slice(0, mostAlternatives);
  if (others.length === 0) return null;
  return (
    <section>
      <h4>Other mappings that were tried</h4>
      <div class="scroll" tabIndex={0} role="region" aria-label="Other mappings">
        <table>
          <thead>
            <tr>
              <th scope="col">mapping</th>
              <th scope="col" class="right">
                time
              </th>
              <th scope="col" class="right">
                over the chosen
              </th>
              <th scope="col" class="right">
                energy
              </th>
              <th scope="col" class="right">
                over the chosen
              </th>
            </tr>
          </thead>
          <tbody>
            {others.map((other, index) => (
              <tr key={index}>
                <th scope="row">{other.mapping}</th>
                <td class="right">{engineering(other.seconds, "s")}</td>
                <td class="right">{times(other.seconds / seconds)}</td>
                <td class="right">{engineering(other.energy, "J")}</td>
                <td class="right">{times(other.energy / energy.total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {alternatives.length > others.length && (
        <p class="soft">
          The fastest {others.length} of {plural(alternatives.length, "mapping")}.
        </p>
      )}
    </section>
  );
}

function Events({ layer: { counts } }: { readonly layer: LayerResult }) {
  const events = Object.entries(counts);
  if (events.length === 0) return null;
  return (
    <details>
      <summary>{plural(events.length, "kind")} of events, counted</summary>
      <dl class="pairs">
        {events.map(([event, count]) => (
          <div key={event}>
            <dt>{event}</dt>
            <dd>{grouped(count)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
