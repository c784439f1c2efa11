import { mutesAt } from "../../core/preferences";
import { useSurroundings } from "../context";
import { useNow } from "../hooks";
import type { PartProps } from "./part";
import { Section } from "./section";

/** What is muted, until when, and the way back. */
export function Mutes({ state: { settings, preferences }, words: { mutes: own } }: PartProps) {
  const { words } = useSurroundings();
  const mutes = mutesAt(settings, useNow());
  const time = new Intl.DateTimeFormat(words.locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <Section place="mutes" title={own.title} {...(mutes.length === 0 && { text: own.none })}>
      {mutes.length > 0 && (
        <ul>
          {mutes.map(mute => (
            <li key={mute.key} data-testid="mute">
              <div>
                <bdi>{mute.title}</bdi>
                <p>{mute.until === null ? own.ever : own.until(time.format(mute.until))}</p>
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
