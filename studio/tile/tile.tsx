// The tile view: one tile of a layer on one machine as a film, cycle by cycle, with the controls that play it.

import { useEffect } from "preact/hooks";
import { grouped } from "../../src/report/units.ts";
import { Empty } from "../kit/empty.tsx";
import { Figure } from "../kit/figure.tsx";
import { Choose, Gallery, Reduced } from "./choose.tsx";
import { Controls } from "./controls.tsx";
import { asking, followChoice, refusal, sketch, tryAgain } from "./film.ts";
import { Picture } from "./picture.tsx";
import type { Shown } from "./playback.ts";
import { followFilm, shown } from "./playback.ts";
import { activityRows, frameWord } from "./shares.ts";
import { Agreement, Caption, Card, FilmLegend, Program } from "./side.tsx";
import { Timeline } from "./timeline.tsx";
import "../style/tile.css";

export function TileView() {
  useEffect(() => {
    const stopFilm = followFilm();
    const stopChoice = followChoice();
    return () => {
      stopChoice();
      stopFilm();
    };
  }, []);
  const film = shown.value;
  return (
    <div class="tile">
      <Choose />
      <Gallery open={film === undefined && refusal.value !== undefined} />
      {film === undefined ? <Nothing /> : <FilmView shown={film} />}
    </div>
  );
}

function Nothing() {
  const problem = refusal.value;
  if (problem !== undefined) {
    return (
      <Empty title={problem.kind === "input" ? "There is no film of this" : "Something broke"}>
        <p>{problem.message}</p>
        {problem.kind === "failure" ? (
          <button type="button" onClick={tryAgain}>
            Try again
          </button>
        ) : (
          <p>Choose another machine, mapping, layer or tile above, or one of the ready films.</p>
        )}
      </Empty>
    );
  }
  const title = asking.value ? "Stepping the machine through the tile" : "Reading the workload";
  if (asking.value || sketch.value === undefined) return <Empty title={title} busy />;
  return <Empty title="Choose a machine">Its film is made as soon as a machine and a layer are chosen.</Empty>;
}

function FilmView({ shown: film }: { readonly shown: Shown }) {
  const { replay } = film;
  return (
    <>
      <header class="tile-head">
        <h1>{replay.title}</h1>
        <p>{replay.sentences.join(" ")}</p>
        <Reduced />
        {replay.of !== undefined && replay.of > replay.cycles && (
          <p class="tile-reduced">
            The film shows the first {grouped(replay.cycles)} of the tile's {grouped(replay.of)} {frameWord(replay)}s.
          </p>
        )}
      </header>
      <div class="tile-player">
        <Controls replay={replay} />
        <Caption replay={replay} />
      </div>
      <h2 class="hidden">The film</h2>
      <div class="tile-columns">
        <div class="tile-main">
          <Figure title="The machine" rows={() => activityRows(replay)}>
            <Picture key={replay.title} shown={film} />
          </Figure>
          <Timeline replay={replay} />
          <Agreement replay={replay} />
        </div>
        <aside class="tile-side">
          <Program replay={replay} />
          <Card shown={film} />
          <FilmLegend replay={replay} />
        </aside>
      </div>
    </>
  );
}
