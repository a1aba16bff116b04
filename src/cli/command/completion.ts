// `heddle completion <shell>`: the script that a shell evaluates to complete heddle's commands, flags and values.

import { InputError } from "../../base/error.ts";
import type { CliContext } from "../context.ts";

/** COMP_WORDBREAKS of bash splits words at `=` and `:`, so what the shell already holds is cut off the proposals. */
const bash = `# heddle completion for bash: eval "$(heddle completion bash)"
_heddle() {
  local line="\${COMP_LINE:0:COMP_POINT}" word prefix
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word="\${words[\${#words[@]}-1]}"
  prefix="\${word%"\${COMP_WORDS[COMP_CWORD]}"}"
  [[ \${COMP_WORDS[COMP_CWORD]} == [=:] ]] && prefix="$word"
  COMPREPLY=()
  local proposal
  while IFS= read -r proposal; do
    COMPREPLY+=("\${proposal#"$prefix"}")
  done < <(heddle __complete "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *[=:/,] ]] && compopt -o nospace
}
complete -F _heddle heddle
`;

const zsh = `#compdef heddle
# heddle completion for zsh: eval "$(heddle completion zsh)"
_heddle() {
  local -a proposals
  proposals=("\${(@f)$(heddle __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -z "\${proposals[1]}" ]] && return 1
  if [[ \${#proposals} == 1 && "\${proposals[1]}" == *[=:/,] ]]; then
    compadd -S '' -- "\${proposals[@]}"
  else
    compadd -- "\${proposals[@]}"
  fi
}
if [ "$funcstack[1]" = "_heddle" ]; then _heddle "$@"; else compdef _heddle heddle; fi
`;

const fish = `# heddle completion for fish: heddle completion fish | source
function __heddle_complete
  set -l words (commandline -opc) (commandline -ct)
  heddle __complete $words[2..-1] 2>/dev/null
end
complete -c heddle -f -a '(__heddle_complete)'
`;

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };

export async function completion(context: CliContext, _flags: object, shell: string): Promise<void> {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (script === undefined) {
    const known = Object.keys(scripts);
    throw new InputError({
      message: "no completion for this shell",
      found: shell,
      expected: `one of ${known.join(", ")}`,
      known,
    });
  }
  await context.print(script);
}
