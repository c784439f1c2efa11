/**
 * Reading the profile without trusting it: what is missing, of the wrong kind or beyond the limits becomes what was never said.
 */
import { fields, text, time } from "../unknown";
import {
  allChannels,
  type Channel,
  type Day,
  type Digest,
  days,
  limits,
  type Mute,
  type QuietRange,
  type Settings,
} from "./model";
import { isMuteKey, titleOfKey } from "./mute-key";

type Data = Readonly<Record<string, unknown>>;

const localeForm = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;
const rangeForm = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;
const timeForm = /^([01]\d|2[0-3]):[0-5]\d$/;
const mostCategories = 200; // the rules allow 1,000 letters of names in each channel

/** The data of `users/{uid}`; null where there is no such document, because nothing was said yet. */
export function decodeSettings(data: Data | null): Settings {
  const preferences = fields(data?.preferences);
  const disturb = fields(data?.doNotDisturb);
  return {
    locale: formed(text(data?.locale), 35, localeForm.test.bind(localeForm)),
    timeZone: formed(text(data?.timeZone), 64, isTimeZone),
    chosen: Object.fromEntries(allChannels.map(channel => [channel, choices(preferences?.[channel])])) as Record<
      Channel,
      ReadonlyMap<string, boolean>
    >,
    mutes: mutes(data?.mutes),
    quietHours: quietHours(data?.quietHours),
    doNotDisturb: { enabled: disturb?.enabled === true, until: time(disturb?.until) },
    digest: digest(data?.digest),
    pushesPerHour: pushesPerHour(data?.pushesPerHour),
  };
}

function formed(value: string, longest: number, isRight: (value: string) => boolean): string {
  return value.length <= longest && isRight(value) ? value : "";
}

/** Whether the browser knows the zone. The functions take an unknown one for UTC. */
export function isTimeZone(zone: string): boolean {
  try {
    return zone !== "" && Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}

function choices(value: unknown): ReadonlyMap<string, boolean> {
  const said = Object.entries(fields(value) ?? {}).slice(0, mostCategories);
  return new Map(said.flatMap(([category, wanted]) => (typeof wanted === "boolean" ? [[category, wanted]] : [])));
}

function mutes(value: unknown): readonly Mute[] {
  return Object.entries(fields(value) ?? {})
    .filter(([key]) => isMuteKey(key))
    .slice(0, limits.mutes)
    .map(([key, mute]) => {
      const { title, until } = fields(mute) ?? {};
      const shown = [text(title), titleOfKey(key), key].find(words => words.trim() !== "") ?? key;
      return { key, title: shown.trim().slice(0, limits.muteTitle).trim(), until: time(until) };
    })
    .sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity) || a.title.localeCompare(b.title));
}

function quietHours(value: unknown): Settings["quietHours"] {
  const quiet = fields(value);
  const stored = fields(quiet?.week);
  const week = Object.fromEntries(days.map(day => [day, ranges(stored?.[day])])) as Record<Day, readonly QuietRange[]>;
  return { enabled: quiet?.enabled === true, week };
}

function ranges(value: unknown): readonly QuietRange[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, limits.ranges).flatMap((range: unknown) => {
    const [, from, to] = rangeForm.exec(text(range)) ?? [];
    return from && to ? [{ from, to }] : [];
  });
}

/** Hour and day are optional: the functions take 07:00 and Monday. */
function digest(value: unknown): Digest | null {
  const { every, at, on } = fields(value) ?? {};
  if (every !== "day" && every !== "week") return null;
  return { every, at: timeForm.test(text(at)) ? text(at) : "07:00", on: days.find(day => day === on) ?? "mon" };
}

function pushesPerHour(value: unknown): number | null {
  const isRight = (number: unknown): number is number => Number.isInteger(number);
  return isRight(value) && value >= 1 && value <= limits.pushesPerHour ? value : null;
}
