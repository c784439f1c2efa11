/** The writes that a person's choices are, each as small as it can be: two devices that change two things lose neither. */
import type { CategoryInfo } from "../categories";
import type { Target } from "../model";
import { isOnByDefault } from "./choices";
import {
  type Channel,
  type Day,
  type Digest,
  days,
  limits,
  type Mute,
  type ProfileChange,
  type QuietRange,
  type Settings,
} from "./model";
import { muteKey } from "./mute-key";

/** full: there is no room for another mute. refused: the rules do not allow it. failed: it could not be written. */
export type ChangeResult = "stored" | "full" | "refused" | "failed";

/** A choice that is the catalogue's is taken back instead of stored, so that it follows the catalogue. */
export function choiceOf(info: CategoryInfo, channel: Channel, wanted: boolean): ProfileChange {
  const value = wanted === isOnByDefault(info, channel) ? undefined : wanted;
  return { set: [{ path: ["preferences", channel, info.category], value }], due: false };
}

/** Silences the target, and removes the mutes that are over. "full" where there is no room; null where it cannot be muted. */
export function muteOf(
  target: Target,
  until: number | null,
  { mutes }: Settings,
  now: number,
): ProfileChange | "full" | null {
  const key = muteKey(target);
  if (key === null) return null;
  const over = mutes.filter(mute => mute.key !== key && mute.until !== null && mute.until <= now);
  const kept = mutes.filter(mute => mute.key !== key && !over.includes(mute));
  const length = kept.reduce((sum, mute) => sum + mute.key.length, key.length);
  if (kept.length >= limits.mutes || length > limits.muteKeys) return "full";
  const { set } = putMute({ key, title: target.title, until });
  return { set: [...set, ...over.flatMap(mute => unmuteOf(mute.key).set)], due: false };
}

export function putMute({ key, title, until }: Mute): ProfileChange {
  const value = { ...titled(title), ...(until === null ? {} : { until: new Date(until) }) };
  return { set: [{ path: ["mutes", key], value }], due: false };
}

function titled(title: string): { title?: string } {
  const short = title.slice(0, limits.muteTitle).replace(/[\uD800-\uDBFF]$/, ""); // no half of a character
  return short ? { title: short } : {};
}

export function unmuteOf(key: string): ProfileChange {
  return { set: [{ path: ["mutes", key], value: undefined }], due: false };
}

/** What is quiet where nobody has said anything else. */
const night: QuietRange = { from: "22:00", to: "07:00" };

/**
 * Turns the schedule on or off. The first time, every night is quiet. Who has said no time zone gets this device's, because
 * "22:00" is by the clock on their wall, and not by UTC.
 */
export function quietOf(enabled: boolean, { quietHours, timeZone }: Settings, deviceZone: string): ProfileChange {
  const isEmpty = days.every(day => quietHours.week[day].length === 0);
  const week = enabled && isEmpty ? rangesOf(days, [night]).set : [];
  const zone = enabled ? zoneUnlessSaid(timeZone, deviceZone) : [];
  return { set: [{ path: ["quietHours", "enabled"], value: enabled }, ...week, ...zone], due: true };
}

function zoneUnlessSaid(timeZone: string, deviceZone: string): ProfileChange["set"] {
  return timeZone === "" ? zoneOf(deviceZone).set : [];
}

/** All ranges that begin on each of the days. Only with a schedule that is there: `quietHours` needs `enabled`. */
export function rangesOf(on: readonly Day[], ranges: readonly QuietRange[]): ProfileChange {
  // Midnight as an end is the next day's beginning; but from midnight to midnight is the whole day, and not nothing.
  const value = ranges
    .slice(0, limits.ranges)
    .map(({ from, to }) => `${from}-${from === "00:00" && to === "00:00" ? "24:00" : to}`);
  return { set: on.map(day => ({ path: ["quietHours", "week", day], value })), due: true };
}

/** `until` in milliseconds since 1970; null until it is turned off. */
export function disturbOf(enabled: boolean, until: number | null): ProfileChange {
  const value = { enabled, ...(enabled && until !== null ? { until: new Date(until) } : {}) };
  return { set: [{ path: ["doNotDisturb"], value }], due: true };
}

/** Changes of the digest what is named, and nothing else; null ends it. Its hour is by the clock on the wall, too. */
export function digestOf(change: Partial<Digest> | null, { timeZone }: Settings, deviceZone: string): ProfileChange {
  if (change === null) return { set: [{ path: ["digest"], value: undefined }], due: true };
  const set = Object.entries(change).map(([name, value]) => ({ path: ["digest", name] as const, value }));
  return { set: [...set, ...zoneUnlessSaid(timeZone, deviceZone)], due: true };
}

/** null takes the limit back: what has waited because of it need not wait on. */
export function pushesOf(most: number | null): ProfileChange {
  return { set: [{ path: ["pushesPerHour"], value: most ?? undefined }], due: true };
}

export function zoneOf(timeZone: string): ProfileChange {
  return { set: [{ path: ["timeZone"], value: timeZone || undefined }], due: true };
}

export function localeOf(locale: string): ProfileChange {
  return { set: [{ path: ["locale"], value: locale || undefined }], due: false };
}
