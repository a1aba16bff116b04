// The result as files once it is whole, the command line that gives the same, and a link to what is chosen.

import { useEffect, useState } from "preact/hooks";
import { commandOf } from "./data/command.ts";
import { ask } from "../engine/client.ts";
import { copyText } from "../kit/clipboard.ts";
import { fileName, saveText } from "../kit/export.ts";
import { notify } from "../shell/notices.tsx";
import type { BenchResult } from "./data/prepare.ts";
import { missingText } from "./data/missing.ts";
import { outcomeOf } from "../shell/job-state.ts";
import { shown } from "../shell/results.ts";
import { files, job } from "../shell/state.ts";

/** Bytes equal to what `heddle compare --json` or `--csv` prints. */
async function saveResult(format: "json" | "csv"): Promise<void> {
  const state = shown.value;
  const outcome = state === undefined ? undefined : outcomeOf(state);
  if (state === undefined || outcome === undefined) return;
  try {
    const text = await ask((engine) => engine.document(format, outcome.runs), undefined, "first");
    saveText(`${fileName(state.job.workload)}.${format}`, text, format === "json" ? "application/json" : "text/csv");
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error));
  }
}

export function Exports({ result }: { readonly result: BenchResult }) {
  const [open, setOpen] = useState(false);
  const reason = missingText(result);
  const none = reason !== "";
  return (
    <section class="exports" aria-label="Save and share">
      <div class="export-buttons">
        <button
          type="button"
          disabled={none}
          aria-describedby={none ? "no-files" : undefined}
          onClick={() => void saveResult("json")}
        >
          Save JSON
        </button>
        <button
          type="button"
          disabled={none}
          aria-describedby={none ? "no-files" : undefined}
          onClick={() => void saveResult("csv")}
        >
          Save CSV
        </button>
        <button
          type="button"
          onClick={() => {
            const here = files.value.some(({ name }) => job.value.workload.includes(name));
            void copyText(location.href, here ? "Link without the files: who opens it opens them too. It is" : "Link");
          }}
        >
          Copy link
        </button>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          Command line
        </button>
        {reason !== "" && (
          <p class="soft" id="no-files">
            {reason}
          </p>
        )}
      </div>
      {open && <CommandLine />}
    </section>
  );
}

function CommandLine() {
  const { lines, config, note } = commandOf(job.value);
  const text = lines.join("\n");
  return (
    <div class="command">
      <p class="soft">The same on the command line, with the same bytes of JSON:</p>
      <pre tabIndex={0}>{text}</pre>
      <button type="button" onClick={() => void copyText(text, "Command")}>
        Copy the command
      </button>
      {config !== undefined && <Configuration name={config} />}
      {note !== undefined && <p class="soft">{note}</p>}
    </div>
  );
}

/** The file that the command names: machines with their parameters. */
function Configuration({ name }: { readonly name: string }) {
  const [text, setText] = useState("");
  const wanted = job.value;
  useEffect(() => {
    let current = true;
    const load = async (): Promise<void> => {
      try {
        const written = await ask((engine) => engine.configuration(wanted.machines), undefined, "first");
        if (current) setText(written);
      } catch (error) {
        notify(error instanceof Error ? error.message : String(error));
      }
    };
    void load();
    return () => {
      current = false;
    };
  }, [wanted]);
  return (
    <>
      <p class="soft">
        with <code>{name}</code>:
      </p>
      <pre tabIndex={0}>{text}</pre>
      <button type="button" onClick={() => void copyText(text, name)}>
        Copy the file
      </button>{" "}
      <button
        type="button"
        onClick={() => {
          saveText(name, text, "text/yaml");
        }}
      >
        Save the file
      </button>
    </>
  );
}
