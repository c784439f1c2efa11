import { useId } from "react";
import { type CategoryChoices, type CategoryInfo, categories, choicesOf } from "../../core/preferences";
import { useSurroundings } from "../context";
import type { PartProps } from "./part";
import { Section } from "./section";

/** Which categories come by which way. */
export function Categories({ state: { settings, preferences }, words }: PartProps) {
  const { preferences: options } = useSurroundings();
  const rows = choicesOf(settings, options?.categories ?? categories, options?.channels);
  const channels = rows[0]?.choices.map(({ channel }) => channel) ?? [];
  const own = words.categories;
  return (
    <Section title={own.title} text={own.text}>
      <table>
        <thead>
          <tr>
            <td />
            {channels.map(channel => (
              <th key={channel} scope="col">
                {own.channels[channel]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <Row
              key={row.info.category}
              row={row}
              words={words}
              onChoose={(channel, wanted) => void preferences.choose(row.info, channel, wanted)}
            />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

interface RowProps extends Pick<PartProps, "words"> {
  readonly row: CategoryChoices;
  readonly onChoose: (channel: CategoryChoices["choices"][number]["channel"], wanted: boolean) => void;
}

function Row({ row: { info, someAlwaysOn, choices }, words: { categories: own }, onChoose }: RowProps) {
  const { words } = useSurroundings();
  const id = useId();
  const title = titleOf(info, words.locale);
  const notes = [
    !info.mutable && own.always,
    someAlwaysOn && own.someAlwaysOn,
    choices.some(({ fixed }) => fixed === "archived") && own.archived,
  ].filter(Boolean);
  return (
    <tr data-place={`category-${info.category}`}>
      <th scope="row">
        {title}
        {notes.length > 0 && <p id={id}>{notes.join(" ")}</p>}
      </th>
      {choices.map(({ channel, on, fixed }) => (
        <td key={channel}>
          <label>
            <input
              type="checkbox"
              data-testid={`choose-${info.category}-${channel}`}
              aria-label={own.choice(title, own.channels[channel])}
              aria-describedby={notes.length > 0 ? id : undefined}
              checked={on}
              disabled={fixed !== null}
              onChange={event => onChoose(channel, event.target.checked)}
            />
          </label>
        </td>
      ))}
    </tr>
  );
}

/** In the language of the words, else in English, else its name. */
function titleOf({ title, category }: CategoryInfo, locale: string): string {
  const [language = ""] = locale.split("-");
  return title[locale] ?? title[language] ?? title.en ?? category;
}
