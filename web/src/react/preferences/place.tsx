import { useMemo } from "react";
import { categories, deviceZone } from "../../core/preferences";
import { useSurroundings } from "../context";
import { Field } from "./field";
import type { PartProps } from "./part";
import { Section } from "./section";

const universal = "UTC"; // what the functions go by where no zone is chosen

/** By which clock, and in which language. */
export function Place({ state: { settings, preferences }, words: { place: own } }: PartProps) {
  const { words, preferences: options } = useSurroundings();
  const { timeZone, locale } = settings;
  const here = deviceZone();
  const zones = useMemo(() => zonesWith(timeZone, here), [timeZone, here]);
  const [info] = options?.categories ?? categories;
  const languages = [...new Set([...Object.keys(info?.title ?? {}), ...(locale ? [locale] : [])])];
  const names = new Intl.DisplayNames(words.locale, { type: "language" });
  return (
    <Section place="place" title={own.title}>
      <Field
        label={own.timeZone}
        testId="time-zone"
        value={timeZone}
        options={[["", universal], ...zones.map(zone => [zone, zone.replaceAll("_", " ")] as const)]}
        onChange={zone => void preferences.setTimeZone(zone)}
      >
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
      </Field>
      <Field
        label={own.language}
        testId="language"
        value={locale}
        options={[["", own.usual], ...languages.map(language => [language, names.of(language) ?? language] as const)]}
        onChange={language => void preferences.setLocale(language)}
      />
    </Section>
  );
}

/** All zones that the browser knows, and those two, which it may know by another name. */
function zonesWith(...ours: readonly string[]): readonly string[] {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return [...new Set([...known, ...ours])].filter(zone => zone && zone !== universal).sort();
}
