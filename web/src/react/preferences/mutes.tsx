import { type Mute, mutesAt } from "../../core/preferences";
import { useSurroundings } from "../context";
import { useNow } from "../hooks";
import type { PartProps } from "./part";
import { Section } from "./section";
import type { PreferenceWords } from "./words";

/** What is muted, until when, and the way back. */
export function Mutes({ state: { settings, preferences }, words: { mutes: own } }: PartProps) {
  const { words } = useSurroundings();
  const mutes = mutesAt(settings, useNow());
  return (
    <Section place="mutes" title={own.title} {...(mutes.length === 0 && { text: own.none })}>
      {mutes.length > 0 && (
        <ul>
          {mutes.map(mute => (
            <li key={mute.key} data-testid="mute">
              <div>
                <bdi>{mute.title}</bdi>
                <p>{mutedUntil(mute, own, words.locale)}</p>
              </div>
              <button
                type="button"
                className="td-action"
                data-testid="unmute"
                aria-label={words.about(own.remove, mute.title)}
                onClick={event => {
                  event.currentTarget.closest("fieldset")?.querySelector("legend")?.focus();
                  void preferences.unmute(mute);
                }}
              >
                {own.remove}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function mutedUntil({ until }: Mute, own: PreferenceWords["mutes"], locale: string): string {
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return until === null ? own.ever : own.until(time.format(until));
}
