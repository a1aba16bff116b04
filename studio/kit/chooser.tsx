// A field that finds one of many by name or title: type to search, arrows and Enter to choose, and, where it may be
// anything, Enter for what was typed.

import { useId, useRef, useState } from "preact/hooks";

export interface ChooserOption {
  readonly value: string;
  readonly title: string;
}

interface ChooserProps {
  readonly label: string;
  readonly options: readonly ChooserOption[];
  /** What is chosen now; empty for a field that adds something and empties itself. */
  readonly value?: string;
  readonly placeholder?: string;
  /** Takes what is not in the list too. */
  readonly free?: boolean;
  readonly onChoose: (value: string) => void;
}

const matches = ({ value, title }: ChooserOption, words: readonly string[]): boolean => {
  const text = `${value} ${title}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

export function Chooser({ label, options, value = "", placeholder, free = false, onChoose }: ChooserProps) {
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  /** What is being typed; undefined shows the value. */
  const [typed, setTyped] = useState<string>();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const words = (typed ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  // What begins with the words comes before what only holds them, as where a title tells of another one.
  const begins = ({ value }: ChooserOption): number => (value.toLowerCase().startsWith(words.join(" ")) ? 0 : 1);
  const found = open
    ? options.filter((option) => matches(option, words)).toSorted((a, b) => begins(a) - begins(b))
    : [];
  const close = (): void => {
    setOpen(false);
    setTyped(undefined);
    setActive(-1);
  };
  const choose = (chosen: string): void => {
    close();
    if (chosen !== "" && chosen !== value) onChoose(chosen);
  };
  const move = (step: number): void => {
    setOpen(true);
    const next = Math.min(Math.max(active + step, 0), Math.max(found.length - 1, 0));
    setActive(next);
    list.current?.children.item(next)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") close();
    else if (event.key === "Enter") {
      event.preventDefault();
      const exact = options.find((option) => option.value === typed?.trim());
      const picked = found[active] ?? exact ?? (free && typed !== undefined ? undefined : found[0]);
      if (picked !== undefined) choose(picked.value);
      else if (free && typed !== undefined) choose(typed.trim());
    }
  };
  return (
    <div class="chooser">
      <label for={id}>{label}</label>
      <input
        id={id}
        role="combobox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 && open ? `${id}-${active}` : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={typed ?? value}
        placeholder={placeholder}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
        onClick={() => {
          setOpen(true);
        }}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          if (free && typed !== undefined) choose(typed.trim());
          else close();
        }}
      />
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={label} hidden={!open || found.length === 0}>
        {found.map((option, index) => (
          <li
            key={option.value}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active || option.value === value}
            // The field keeps the focus, or it would close before the click.
            onPointerDown={(event) => {
              event.preventDefault();
            }}
            onClick={() => {
              choose(option.value);
            }}
          >
            <b>{option.value}</b> <span>{option.title}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
