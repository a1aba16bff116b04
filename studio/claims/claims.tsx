// The claims view: what publications say beside what the model gives, how strong each source is, and what the machine
// that answers rests on.

import { useEffect } from "preact/hooks";
import type { Reproduction } from "../../src/workbench/reproduce.ts";
import { claimCounts, claimSummary, figure, publishedText, signed } from "../../src/report/claims.ts";
import type { CatalogueMachine } from "../engine/api.ts";
import { Empty } from "../kit/empty.tsx";
import { strengths } from "../kit/strength.ts";
import { DataTable } from "../kit/table.tsx";
import type { TableColumn } from "../kit/table.tsx";
import { catalogue } from "../shell/catalogue.ts";
import { option, setOption } from "../shell/state.ts";
import { derive, derived, deriveAll } from "./derive.ts";
import { Foundations } from "./foundations.tsx";
import { RatioFigure } from "./ratio-figure.tsx";
import "../style/claims.css";

const filters = ["all", "misses", "holds", "fitted"] as const;

const kept: Readonly<Record<(typeof filters)[number], (row: Reproduction) => boolean>> = {
  all: () => true,
  misses: (row) => !row.fitted && !row.holds,
  holds: (row) => !row.fitted && row.holds,
  fitted: (row) => row.fitted,
};

export function ClaimsView() {
  const machines = catalogue.value?.machines;
  useEffect(() => {
    if (machines !== undefined) void deriveAll(machines);
  }, [machines]);
  if (machines === undefined) return <Empty title="Loading" busy />;
  const claiming = machines.filter(({ claims }) => claims.length > 0);
  const wanted = option("claims.machine", "");
  const chosen = claiming.some(({ name }) => name === wanted) ? wanted : "";
  const shown = claiming.filter(({ name }) => chosen === "" || name === chosen);
  const filter = filters.find((each) => each === option("claims.show", "all")) ?? "all";
  const rows = claiming.flatMap(({ name }) => rowsOf(name));
  const waiting = claiming.filter(({ name }) => derived.value[name]?.kind === "running").map(({ name }) => name);
  const { counted, holding } = claimCounts(rows);
  return (
    <div class="claims">
      <header>
        <h1>Claims of publications, derived again</h1>
        <p>
          Each row is a figure that a publication states, beside the figure that this model gives when it runs the same
          workload; the error is ours less theirs, in the unit of both. Nothing is tuned to come out: a claim that a
          fitted constant enters is shown and not counted, and one that misses stays, with the best explanation. That
          the model equals its own cycle-by-cycle reference is another question, which the tests answer with no
          tolerance.
        </p>
        <p class="headline" role="status">
          {counted === 0 ? "Deriving …" : claimSummary(rows)}
          {waiting.length > 0 && counted > 0 && ` Deriving ${waiting.join(", ")} …`}
        </p>
        {counted > 0 && (
          <meter min={0} max={counted} value={holding} aria-label={`${holding} of ${counted} counted claims hold`} />
        )}
        <div class="filters">
          <label>
            machine{" "}
            <select
              value={chosen}
              onChange={(event) => {
                setOption("claims.machine", event.currentTarget.value, "");
              }}
            >
              <option value="">all</option>
              {claiming.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            show{" "}
            <select
              value={filter}
              onChange={(event) => {
                setOption("claims.show", event.currentTarget.value, "all");
              }}
            >
              {filters.map((each) => (
                <option key={each} value={each}>
                  {each === "all"
                    ? "all claims"
                    : each === "fitted"
                      ? "fitted, not counted"
                      : `those that ${each.slice(0, -1)}`}
                </option>
              ))}
            </select>
          </label>
        </div>
      </header>
      <RatioFigure rows={shown.flatMap(({ name }) => rowsOf(name)).filter(kept[filter])} />
      {shown.map((machine) => (
        <MachineClaims key={machine.name} machine={machine} keep={kept[filter]} />
      ))}
    </div>
  );
}

function rowsOf(name: string): readonly Reproduction[] {
  const found = derived.value[name];
  return found?.kind === "rows" ? found.rows : [];
}

const verdict = (row: Reproduction): string =>
  row.fitted ? `fitted (${row.holds ? "holds" : "misses"})` : row.holds ? "holds" : "misses";

function columnsOf(machine: CatalogueMachine): readonly TableColumn<Reproduction>[] {
  const sources = new Map(machine.claims.map(({ id, source }) => [id, source.text]));
  return [
    { key: "metric", title: "metric", value: (row) => row.metric },
    { key: "workload", title: "workload", value: (row) => row.workload },
    {
      key: "published",
      title: "published",
      align: "right",
      value: (row) => (typeof row.published === "number" ? row.published : row.published[0]),
      show: (row) => publishedText(row.published),
    },
    { key: "ours", title: "ours", align: "right", value: (row) => row.ours, show: (row) => figure(row.ours) },
    { key: "unit", title: "unit", value: (row) => row.unit },
    {
      key: "error",
      title: "error",
      align: "right",
      value: (row) => row.error,
      show: (row) => signed(row.error),
    },
    {
      key: "tolerance",
      title: "tolerance",
      align: "right",
      value: (row) => row.tolerance,
      show: (row) => `±${figure(row.tolerance)}`,
    },
    {
      key: "verdict",
      title: "verdict",
      value: verdict,
      show: (row) => (
        <span class={`verdict ${row.fitted ? "fitted" : row.holds ? "holds" : "misses"}`}>{verdict(row)}</span>
      ),
    },
    {
      key: "strength",
      title: "source",
      value: (row) => row.strength,
      show: (row) => (
        <span title={strengths[row.strength].meaning}>
          <span aria-hidden="true">{strengths[row.strength].sign}</span> {row.strength}
        </span>
      ),
    },
    {
      key: "rests",
      title: "what it rests on",
      value: (row) => [sources.get(row.id), row.note].filter(Boolean).join("; "),
      show: (row) => (
        <span class="note">
          {sources.get(row.id)}
          {row.note !== "" && <i>{row.note}</i>}
        </span>
      ),
    },
    { key: "id", title: "name", value: (row) => row.id, show: (row) => <code>{row.id}</code> },
  ];
}

function MachineClaims({
  machine,
  keep,
}: {
  readonly machine: CatalogueMachine;
  readonly keep: (row: Reproduction) => boolean;
}) {
  const { name, citation } = machine;
  const state = derived.value[name];
  return (
    <section aria-label={`Claims of ${name}`} class="publication">
      <h2>
        {name} <small>{machine.title}</small>
      </h2>
      <p class="cite">
        {citation.authors}: {citation.title}. {citation.venue} {citation.year}.
      </p>
      {(state === undefined || state.kind === "running") && (
        <p aria-busy="true">Deriving{machine.slowClaims ? ", which takes minutes" : ""} …</p>
      )}
      {state?.kind === "failure" && <p class="trouble">{state.message}</p>}
      {state?.kind === "rows" && (
        <>
          <p>
            {claimSummary(state.rows)}
            {state.recorded && " As last recorded with the sources: to derive them takes minutes."}{" "}
            {state.recorded && (
              <button type="button" onClick={() => void derive(name)}>
                Derive now
              </button>
            )}
          </p>
          <DataTable
            caption={`Claims of ${name}`}
            columns={columnsOf(machine)}
            rows={state.rows.filter(keep)}
            rowKey={(row) => row.id}
          />
        </>
      )}
      <Foundations machine={machine} />
    </section>
  );
}
