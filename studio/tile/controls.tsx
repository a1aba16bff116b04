// The player's controls: buttons, a slider, the speed; and the keys that do the same from anywhere in the view.

import { useEffect } from "preact/hooks";
import { grouped } from "../../src/report/units.ts";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import { cycle, pause, playing, seek, setSpeed, speed, speeds, stepBy, toggle } from "./playback.ts";
import { frameWord } from "./shares.ts";

/** What a key does; undefined where it is none of ours. */
function actionOf({ key, shiftKey }: KeyboardEvent): (() => void) | undefined {
  const step = shiftKey ? 10 : 1;
  switch (key) {
    case " ":
      return toggle;
    case "ArrowLeft":
      return () => stepBy(-step);
    case "ArrowRight":
      return () => stepBy(step);
    case "Home":
      return () => stepBy(-Infinity);
    case "End":
      return () => stepBy(Infinity);
    default:
      return undefined;
  }
}

/** Whether the focused element has another use for the key. */
function keepsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.matches("input[type=range]")) return key === " ";
  if (target.matches("input, select, textarea, [contenteditable]")) return true;
  if (key === " ") return target.closest("button, a, summary, [role=button]") !== null;
  return target.closest(".scroll, .tile-program ol, .tile-frame:focus") !== null;
}

export function Controls({ replay }: { readonly replay: Replay }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      const action = actionOf(event);
      if (action === undefined || keepsKey(event.target, event.key)) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
    };
  }, []);
  const word = frameWord(replay);
  return (
    <div class="tile-controls" role="group" aria-label="Player">
      <div class="buttons">
        <Button
          label={`First ${word}`}
          keys="Home"
          icon="M1 1h2.5v14H1zM14 1v14L4.5 8z"
          onPress={() => stepBy(-Infinity)}
        />
        <Button label={`One ${word} back`} keys="←" icon="M12.5 1v14L3 8z" onPress={() => stepBy(-1)} />
        <button
          type="button"
          class="main play"
          aria-keyshortcuts="Space"
          title={playing.value ? "Pause (space)" : "Play (space)"}
          onClick={toggle}
        >
          {playing.value ? "Pause" : "Play"}
        </button>
        <Button label={`One ${word} on`} keys="→" icon="M3.5 1v14L13 8z" onPress={() => stepBy(1)} />
        <Button
          label={`Last ${word}`}
          keys="End"
          icon="M15 1h-2.5v14H15zM2 1v14l9.5-7z"
          onPress={() => stepBy(Infinity)}
        />
      </div>
      <CycleSlider replay={replay} />
      <label class="speed">
        Speed
        <select
          value={String(speed.value)}
          onChange={(event) => {
            setSpeed(Number(event.currentTarget.value));
          }}
        >
          {speeds.map((each) => (
            <option key={each} value={String(each)}>
              {`${each} ${frameWord(replay)}${each === 1 ? "" : "s"} a second`}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

interface ButtonProps {
  readonly label: string;
  readonly keys: string;
  /** A path in 16 by 16. */
  readonly icon: string;
  readonly onPress: () => void;
}

const Button = ({ label, keys, icon, onPress }: ButtonProps) => (
  <button type="button" aria-label={label} title={`${label} (${keys})`} onClick={onPress}>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={icon} />
    </svg>
  </button>
);

function CycleSlider({ replay }: { readonly replay: Replay }) {
  const at = cycle.value;
  const total = replay.cycles;
  const word = frameWord(replay);
  return (
    <div class="cycle">
      <input
        type="range"
        aria-label={word === "cycle" ? "Cycle" : "Step"}
        aria-valuetext={`${word} ${at + 1} of ${total}`}
        min={1}
        max={total}
        step={1}
        value={at + 1}
        onPointerDown={() => {
          if (playing.value) pause();
        }}
        onInput={(event) => {
          seek(Number(event.currentTarget.value) - 1);
        }}
      />
      <output>
        {word} <b>{grouped(at + 1)}</b> of {grouped(total)}
      </output>
    </div>
  );
}
