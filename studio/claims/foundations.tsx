// What the claims of a machine rest on: how many of its parameters are stated, recalled, derived, assumed or fitted, and
// which.

import type { Strength } from "../../src/base/source.ts";
import { plural } from "../../src/report/units.ts";
import { shownValue } from "../../src/workbench/request/parameter-text.ts";
import type { CatalogueMachine } from "../engine/api.ts";
import { strengths } from "../kit/strength.ts";

const order = ["fitted", "assumed", "recalled", "derived", "stated"] as const satisfies readonly Strength[];

export function Foundations({ machine }: { readonly machine: CatalogueMachine }) {
  const entries = Object.entries(machine.parameters);
  const groups = order.flatMap((strength) => {
    const members = entries.filter(([, { source }]) => source.strength === strength);
    return members.length === 0 ? [] : [{ strength, members }];
  });
  const summary = groups.map(({ strength, members }) => `${members.length} ${strength}`).join(", ");
  return (
    <details class="foundations">
      <summary>
        Rests on {plural(entries.length, "parameter")}: {summary}
      </summary>
      {groups.map(({ strength, members }) => (
        <div key={strength}>
          <h3>
            <span aria-hidden="true">{strengths[strength].sign}</span> {strength}: {strengths[strength].meaning}
          </h3>
          <ul>
            {members.map(([path, parameter]) => (
              <li key={path}>
                <code>{path}</code> {shownValue(parameter, parameter.default)} <span>{parameter.source.text}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </details>
  );
}
