import { useId, useMemo } from "react";
import { categories, deviceZone } from "../../core/preferences";
import { useSurroundings } from "../context";
import type { PartProps } from "./part";
import { Section } from "./section";

const universal = "UTC"; // what the functions go by where no zone is chosen

/** By which clock, and in which language. */
export function Place({ state: { settings, preferences }, words: { place: own } }: PartProps) {
  const { words, preferences: options } = useSurroundings();
  const id = useId();
  const { timeZone, locale } = settings;
  const here = deviceZone();
  const zones = useMemo(() => zonesWith(timeZone, here), [timeZone, here]);
  const [info] = options?.categories ?? categories;
  const languages = [...new Set([...Object.keys(info?.title ?? {}), ...(locale ? [locale] : [])])];
  const names = new Intl.DisplayNames(words.locale, { type: "language" });
  return (
    <Section place="place" title={own.title}>
      <div className="td-field">
        <label htmlFor={`${id}-zone`}>{own.timeZone}</label>
        <select
          id={`${id}-zone`}
          data-testid="time-zone"
          value={timeZone}
          onChange={event => void preferences.setTimeZone(event.target.value)}
        >
          <option value="">{universal}</option>
          {zones.map(zone => (
            <option key={zone} value={zone}>
              {zone.replaceAll("_", " ")}
            </option>
          ))}
        </select>
        {here !== (timeZone || universal) && (
          <button
            type="button"
            className="td-text-button"
            data-testid="device-zone"
            onClick={() => void preferences.setTimeZone(here)}
          >
            {own.deviceIsIn(here.replaceAll("_", " "))}
          </button>
        )}
      </div>
      <div className="td-field">
        <label htmlFor={`${id}-language`}>{own.language}</label>
        <select
          id={`${id}-language`}
          data-testid="language"
          value={locale}
          onChange={event => void preferences.setLocale(event.target.value)}
        >
          <option value="">{own.usual}</option>
          {languages.map(language => (
            <option key={language} value={language}>
              {names.of(language)}
            </option>
          ))}
        </select>
      </div>
    </Section>
  );
}

/** All zones that the browser knows, and those two, which it may know by another name. */
function zonesWith(...ours: readonly string[]): readonly string[] {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return [...new Set([...known, ...ours])].filter(zone => zone && zone !== universal).sort();
}
