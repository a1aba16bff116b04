// The frame of the page: the views as links, what runs and what went wrong, and the view that is chosen, loaded when it is.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { DropPlace } from "./drop-place.tsx";
import { fragmentOf } from "./location.ts";
import { Notices } from "./notices.tsx";
import { problem, runNow } from "./results.ts";
import { RunStatus } from "./run-status.tsx";
import { state, views } from "./state.ts";
import type { View } from "./state.ts";
import { applyTheme, theme, themes } from "./theme.ts";
import { Empty } from "../kit/empty.tsx";

const names: Readonly<Record<View, string>> = { bench: "Bench", machine: "Machine", tile: "Tile", claims: "Claims" };

const load: Readonly<Record<View, () => Promise<ComponentType>>> = {
  bench: async () => (await import("../bench/bench.tsx")).Bench,
  machine: async () => (await import("../machine/machine.tsx")).MachineView,
  tile: async () => (await import("../tile/tile.tsx")).TileView,
  claims: async () => (await import("../claims/claims.tsx")).ClaimsView,
};

export function App() {
  const { view } = state.value;
  return (
    <>
      <a class="skip" href="#content" onClick={skipToContent}>
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          Heddle <span>studio</span>
        </a>
        <nav aria-label="Views">
          {views.map((each) => (
            <a
              key={each}
              href={fragmentOf({ ...state.value, view: each })}
              aria-current={each === view ? "page" : undefined}
            >
              {names[each]}
            </a>
          ))}
        </nav>
        <RunStatus />
        <label class="theme">
          <span class="hidden">Colours</span>
          <select
            value={theme.value}
            onChange={(event) => {
              applyTheme(themes.find((each) => each === event.currentTarget.value) ?? "system");
            }}
          >
            {themes.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      </header>
      <main id="content" tabIndex={-1}>
        <Trouble />
        <CurrentView view={view} />
      </main>
      <Notices />
      <DropPlace />
    </>
  );
}

/** The fragment holds the state, so a link within the page moves the focus itself. */
function skipToContent(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Trouble() {
  const trouble = problem.value;
  if (trouble === undefined) return null;
  return (
    <section class="trouble" role="alert">
      <h2>{trouble.kind === "input" ? "This cannot be run" : "Something broke"}</h2>
      <p>{trouble.message}</p>
      {trouble.kind === "failure" && (
        <button type="button" onClick={() => void runNow()}>
          Try again
        </button>
      )}
    </section>
  );
}

function CurrentView({ view }: { readonly view: View }) {
  const [loaded, setLoaded] = useState<{ readonly view: View; readonly Component: ComponentType }>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let wanted = true;
    const show = async (): Promise<void> => {
      try {
        const Component = await load[view]();
        if (wanted) setLoaded({ view, Component });
      } catch (error) {
        if (wanted) setFailure(error instanceof Error ? error.message : String(error));
      }
    };
    void show();
    return () => {
      wanted = false;
    };
  }, [view]);
  if (failure !== undefined) return <Empty title="This view could not be loaded">{failure}</Empty>;
  if (loaded?.view !== view) return <Empty title="Loading" busy />;
  return <loaded.Component />;
}
