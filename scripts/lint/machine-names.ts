// Finds the names of published machines in a text, for the rule that a mechanism names no machine.
//
// Two kinds of name. A distinctive one (`scnn`, `arrayflex`) is a fault wherever it is a word of its own, also inside
// an identifier (`scnnGrid`, `EYERISS_ROWS`). An ordinary one is also a word of the language (`sense`, `gamma`,
// `systolic`), so it is a fault only as a machine's name: an identifier or a mid-sentence comment word in the
// spelling of its publication (`Sense`, `SIGMA`), or a string that is nothing but the name (`"sense"`).

/** Where the text stands; it decides how strictly an ordinary word is read. */
export type TextKind = "identifier" | "string" | "comment";

/** Names of the project's brief that mean nothing but a machine. Files in src/accelerator/ add theirs. */
export const distinctiveNames: readonly string[] = [
  "arrayflex",
  "awb-gcn",
  "dfx",
  "eie",
  "eyeriss",
  "fabnet",
  "flexagon",
  "flexnn",
  "gcod",
  "hygcn",
  "magicube",
  "nuqmm",
  "s2ta",
  "sanger",
  "scnn",
  "smartdeal",
  "sparch",
  "sparten",
  "spartus",
  "spatten",
  "tpu",
  "vitcod",
];

/** Machines whose name is also a word, with the spelling that only the machine has (empty: no such spelling). */
export const ordinaryNames: Readonly<Record<string, readonly string[]>> = {
  "fixed-pipeline": [],
  gamma: ["Gamma", "GAMMA"],
  grid: [],
  phantom: ["Phantom"],
  sense: ["Sense"],
  sigma: ["SIGMA"],
  sprint: ["SPRINT"],
  systolic: [],
  vitality: ["ViTALiTy", "ViTALITy"],
};

/** The first machine named in `text`, as it is spelt there, or undefined. `extra` holds names beyond the lists above. */
export function machineNamed(text: string, kind: TextKind, extra: readonly string[] = []): string | undefined {
  const distinctive = [...distinctiveNames, ...extra.filter((name) => ordinaryNames[name] === undefined)];
  for (const name of distinctive) {
    const found = distinctiveMatch(text, name);
    if (found !== undefined) return found;
  }
  for (const [name, spellings] of Object.entries(ordinaryNames)) {
    if (kind === "string" && text.trim().toLowerCase() === name) return text.trim();
    for (const spelling of spellings) {
      if (kind === "comment" ? namedInProse(text, spelling) : text.trim() === spelling) return spelling;
    }
  }
  return undefined;
}

/** `name` in any case, with or without separators, where words begin and end around it. */
function distinctiveMatch(text: string, name: string): string | undefined {
  const pattern = new RegExp(name.split(/[-_ ]/).map(escapePattern).join("[-_ ]?"), "gi");
  for (const match of text.matchAll(pattern)) {
    const start = match.index;
    const end = start + match[0].length;
    if (wordStartsAt(text, start) && wordEndsAt(text, end)) return match[0];
  }
  return undefined;
}

/** A separator, a digit or a change from lower to upper case lies before `start`. */
function wordStartsAt(text: string, start: number): boolean {
  const before = text.charAt(start - 1);
  return start === 0 || !/[a-z]/i.test(before) || (/[a-z]/.test(before) && /[A-Z]/.test(text.charAt(start)));
}

/** A separator, a digit or the capital of a next word (`arrayFlexGrid`, `EIEQueue`) follows. */
function wordEndsAt(text: string, end: number): boolean {
  const next = text.charAt(end);
  if (!/[a-z]/i.test(next)) return true;
  if (!/[A-Z]/.test(next)) return false;
  return /[a-z0-9]/.test(text.charAt(end - 1)) || /[a-z]/.test(text.charAt(end + 1));
}

/** As a word that does not open a sentence, or anywhere when the spelling has a capital inside. */
function namedInProse(text: string, spelling: string): boolean {
  const distinct = /[A-Z]/.test(spelling.slice(1));
  for (const match of text.matchAll(new RegExp(`\\b${escapePattern(spelling)}\\b`, "g"))) {
    const before = text.slice(0, match.index).replace(/[\s*/"'`(]+$/, "");
    if (distinct || !(before === "" || /[.:!?]$/.test(before))) return true;
  }
  return false;
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
