// Beside the picture: the program at its line, the card of a part, the legend, and the figures that must agree.

import { computed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { operandColour } from "../../src/report/html/palette.ts";
import { grouped } from "../../src/report/units.ts";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { activities } from "../../src/simulate/replay/replay.ts";
import { activityOrder, kindWords, looks, patternName } from "./activities.ts";
import { Patterns } from "./picture.tsx";
import type { Shown } from "./playback.ts";
import { cycle, pinned, playing, pointed, seek, shown } from "./playback.ts";
import { shortNumber } from "./scene.ts";
import { frameWord, historyOf, latest } from "./shares.ts";

const line = computed(() => shown.value?.replay.program.line[cycle.value]);

export function Program({ replay }: { readonly replay: Replay }) {
  const current = line.value;
  const list = useRef<HTMLOListElement>(null);
  useLayoutEffect(() => {
    const box = list.current;
    const item = current === undefined ? undefined : box?.children[current];
    if (box === null || !(item instanceof HTMLElement)) return;
    // Within its own box only: the page must not move while a film plays.
    if (item.offsetTop < box.scrollTop || item.offsetTop + item.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = item.offsetTop - box.clientHeight / 3;
    }
  }, [current]);
  if (replay.program.lines.length === 0) return null;
  return (
    <section class="tile-program" aria-label="Program">
      <h3>Program</h3>
      <ol ref={list} tabIndex={0} aria-label="Lines of the program">
        {replay.program.lines.map((text, index) => (
          <li key={index} aria-current={index === current ? "step" : undefined}>
            <code style={{ "--indent": String(text.length - text.trimStart().length) }}>{text.trim()}</code>
          </li>
        ))}
      </ol>
    </section>
  );
}

const captionPlace = computed(() => {
  const captions = shown.value?.replay.captions ?? [];
  return latest(
    captions.map(({ cycle }) => cycle),
    cycle.value,
  );
});

/** What happens now, in a sentence; read aloud where the reader steps, but not while the film runs. */
export function Caption({ replay }: { readonly replay: Replay }) {
  const text = replay.captions[captionPlace.value]?.text ?? "";
  return (
    <p class="tile-caption" aria-live={playing.value ? "off" : "polite"} data-place={captionPlace.value}>
      {text}
    </p>
  );
}

export function Card({ shown: { replay, scene } }: { readonly shown: Shown }) {
  const index = pointed.value ?? pinned.value;
  const part = index === undefined ? undefined : replay.parts[index];
  return (
    <section class="tile-card" aria-label="Part">
      {part === undefined || index === undefined ? (
        <>
          <h3>A part</h3>
          <p class="soft">Point at a box of the picture to see what it holds and what it did. A click keeps it here.</p>
        </>
      ) : (
        <>
          <h3>
            {part.name} <span class="soft">{kindWords[part.kind]}</span>
          </h3>
          <Now replay={replay} index={index} first={scene.slotStart[index] ?? 0} slots={scene.slotStart.at(-1) ?? 0} />
          <History replay={replay} index={index} />
        </>
      )}
    </section>
  );
}

interface NowProps {
  readonly replay: Replay;
  readonly index: number;
  readonly first: number;
  readonly slots: number;
}

function Now({ replay, index, first, slots }: NowProps) {
  const at = cycle.value;
  const part = replay.parts[index];
  const activity = activities[replay.activity[at * replay.parts.length + index] ?? 0] ?? "idle";
  return (
    <>
      <p>
        <Sign activity={activity} /> <b>{activity}</b>: {looks[activity].meaning}
      </p>
      <dl>
        {part?.slots.map(({ name, operand }, slot) => {
          const value = replay.values[at * slots + first + slot] ?? NaN;
          const most = slot === 0 && part.capacity !== undefined ? ` of ${grouped(part.capacity)}` : "";
          return (
            <div key={slot}>
              <dt>
                {operand !== undefined && <Operand operand={operand} />} {name}
              </dt>
              <dd>{Number.isNaN(value) ? (most === "" ? "–" : `0${most}`) : `${longNumber(value)}${most}`}</dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

const longNumber = (value: number): string =>
  Number.isInteger(value) ? grouped(value).replace("-", "−") : shortNumber(value);

const historyWidth = 300;

/** A part's activity over all cycles; a click goes to one. */
function History({ replay, index }: { readonly replay: Replay; readonly index: number }) {
  const runs = useMemo(() => historyOf(replay, index), [replay, index]);
  const x = (at: number): number => (at / replay.cycles) * historyWidth;
  const busy = runs.reduce((sum, { start, end, activity }) => sum + (activity === "useful" ? end - start : 0), 0);
  return (
    <>
      <svg
        class="tile-history"
        viewBox={`0 0 ${historyWidth} 20`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Useful in ${busy} of ${replay.cycles} ${frameWord(replay)}s`}
        onClick={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          seek(Math.floor(((event.clientX - left) / width) * replay.cycles));
        }}
      >
        <Patterns prefix="history" />
        <rect class="ground" width={historyWidth} height={20} />
        {runs.map(({ start, end, activity }) =>
          activity === "idle" ? null : (
            <rect
              key={start}
              x={x(start)}
              width={x(end) - x(start)}
              height={20}
              fill={`url(#${patternName("history", activity)})`}
            />
          ),
        )}
        <rect class="now" x={x(cycle.value)} width={Math.max(1.5, x(1))} height={20} />
      </svg>
      <p class="soft">
        useful in {grouped(busy)} of {grouped(replay.cycles)} {frameWord(replay)}s
      </p>
    </>
  );
}

export const Operand = ({ operand }: { readonly operand: "A" | "B" | "C" }) => (
  <span class="tile-operand" style={{ "--c": operandColour(operand) }}>
    {operand}
  </span>
);

/** An activity's colour, pattern and sign in a small box. */
export const Sign = ({ activity }: { readonly activity: (typeof activities)[number] }) => (
  <svg class="tile-sign" viewBox="0 0 20 20" aria-hidden="true">
    <rect class="ground" x={0.75} y={0.75} width={18.5} height={18.5} rx={3} />
    <rect
      x={0.75}
      y={0.75}
      width={18.5}
      height={18.5}
      rx={3}
      fill={activity === "idle" ? "none" : `url(#${patternName("legend", activity)})`}
      stroke={looks[activity].colour}
      stroke-width={1.5}
    />
    <text x={10} y={14.5} text-anchor="middle" font-size={13} font-weight={700}>
      {looks[activity].mark}
    </text>
  </svg>
);

const operandWords = { A: "weights", B: "inputs", C: "results and sums" } as const;

/** What activities, operands and forms mean: those of this film. */
export function FilmLegend({ replay }: { readonly replay: Replay }) {
  const used = useMemo(() => {
    const found = new Set(replay.activity);
    for (const { activity } of replay.timeline.flatMap(({ segments }) => segments)) {
      found.add(activities.indexOf(activity));
    }
    return activityOrder.filter((activity) => found.has(activities.indexOf(activity)));
  }, [replay]);
  const operands = (["A", "B", "C"] as const).filter(
    (operand) =>
      replay.links.some((link) => link.operand === operand) ||
      replay.parts.some(({ slots }) => slots.some((slot) => slot.operand === operand)),
  );
  return (
    <section class="tile-legend" aria-label="Legend">
      <svg class="hidden" aria-hidden="true">
        <Patterns prefix="legend" />
      </svg>
      <h3>What the colours say</h3>
      <ul>
        {used.map((activity) => (
          <li key={activity}>
            <Sign activity={activity} />
            <span>
              <b>{activity}</b> {looks[activity].meaning}
            </span>
          </li>
        ))}
        {operands.map((operand) => (
          <li key={operand}>
            <Operand operand={operand} />
            <span>{operandWords[operand]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The stepped machine beside the run's own figures. */
export function Agreement({ replay }: { readonly replay: Replay }) {
  if (replay.agreement.length === 0) return null;
  const differing = replay.agreement.filter(({ stepped, run }) => stepped !== run);
  const equations = (figures: Replay["agreement"], sign: string): string =>
    figures.map(({ figure, stepped, run }) => `${grouped(stepped)} ${sign} ${grouped(run)} ${figure}`).join("; ");
  return (
    <section class="tile-agreement" aria-label="Agreement">
      {differing.length === 0 ? (
        <p class="good">
          The stepped tile and the closed form of the run agree: {equations(replay.agreement.slice(0, 1), "=")}.
        </p>
      ) : (
        <p class="bad">The stepped tile and the closed form of the run differ: {equations(differing, "≠")}.</p>
      )}
      {replay.agreement.length > 1 && (
        <p class="soft">
          {equations(
            replay.agreement.slice(differing.length === 0 ? 1 : 0).filter(({ stepped, run }) => stepped === run),
            "=",
          )}
          .
        </p>
      )}
    </section>
  );
}
