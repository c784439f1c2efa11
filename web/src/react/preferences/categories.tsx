import { useId } from "react";
import { type CategoryChoices, type CategoryInfo, categories, choicesOf, type Lately } from "../../core/preferences";
import { useSurroundings } from "../context";
import type { PartProps } from "./part";
import { Section } from "./section";
import { useLately } from "./use-lately";

/** Which categories come by which way. */
export function Categories(part: PartProps) {
  const { title, text } = part.words.categories;
  const lately = useLately(part.state);
  return (
    <Section title={title} text={text}>
      <Choices {...part} lately={lately} />
    </Section>
  );
}

interface ChoicesProps extends PartProps {
  /** One category, and not all. */
  readonly only?: string;
  /** Null while nobody knows. */
  readonly lately: Lately | null;
}

/** The switches of the categories, and how often each category came lately. Nothing where there is no such category. */
export function Choices({ state: { settings, preferences }, words, only, lately }: ChoicesProps) {
  const { preferences: options } = useSurroundings();
  const all = options?.categories ?? categories;
  const shown = only === undefined ? all : all.filter(({ category }) => category === only);
  const rows = choicesOf(settings, shown, options?.channels);
  const channels = rows[0]?.choices.map(({ channel }) => channel) ?? [];
  if (rows.length === 0) return null;
  return (
    <table>
      <thead>
        <tr>
          <td />
          {channels.map(channel => (
            <th key={channel} scope="col">
              {words.categories.channels[channel]}
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
            lately={lately}
            onChoose={(channel, wanted) => void preferences.choose(row.info, channel, wanted)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps extends Pick<ChoicesProps, "words" | "lately"> {
  readonly row: CategoryChoices;
  readonly onChoose: (channel: CategoryChoices["choices"][number]["channel"], wanted: boolean) => void;
}

function Row({ row: { info, someAlwaysOn, choices }, words: { categories: own }, lately, onChoose }: RowProps) {
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
        {/* Its line is there before it is known, so that nothing moves under the pointer. */}
        <p data-testid={`lately-${info.category}`}>
          <bdi>{lately ? own.lately(lately.categories.get(info.category) ?? 0, lately.exact) : "\u00a0"}</bdi>
        </p>
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
