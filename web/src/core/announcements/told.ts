/** What is stored of the announcements to everybody, and how it becomes items of a person's: the pure part. */
import { decodeNotification } from "../decode";
import type { Everybody, Notification } from "../model";
import type { InboxError } from "../page";
import { fields, text } from "../unknown";

type Data = Readonly<Record<string, unknown>>;

/** The functions keep no more of them. */
export const mostAnnouncements = 20;

/** What the person has done about an announcement. */
export interface StoredMark {
  readonly data: Data;
  /** It has not reached the server yet. */
  readonly pending: boolean;
}

/** What everybody is told, and the person's marks. */
export interface ToldPage {
  readonly announcements: readonly { readonly id: string; readonly data: Data }[];
  /** By the announcement's id. */
  readonly marks: ReadonlyMap<string, StoredMark>;
  readonly fromCache: boolean;
}

/** Called by a listener. After `failed` the listener is over, and calls nothing more. */
export interface ToldObserver {
  page(page: ToldPage): void;
  failed(error: InboxError): void;
}

/** What of a person's profile decides how they are told. */
export interface Said {
  /** BCP 47; empty is the catalogue's first language. */
  readonly locale: string;
  /** The categories that they have switched off in the app. */
  readonly off: ReadonlySet<string>;
}

/** Who has said nothing, or of whom nobody knows it. */
export const saidNothing: Said = { locale: "", off: new Set() };

/** The fields of `users/{uid}` as Firestore's REST API writes them. */
export function decodeSaid(profile: unknown): Said {
  const { locale, preferences } = fields(profile) ?? {};
  const choices = Object.entries(inMap(inMap(preferences)?.in_app) ?? {});
  return {
    locale: text(fields(locale)?.stringValue),
    off: new Set(choices.flatMap(([category, choice]) => (fields(choice)?.booleanValue === false ? [category] : []))),
  };
}

const inMap = (value: unknown) => fields(fields(fields(value)?.mapValue)?.fields);

/** The announcements as the person's items. One of a category that they have switched off is in the archive, until they take it out. */
export function itemsOf({ announcements, marks }: ToldPage, { locale, off }: Said): readonly Notification[] {
  return announcements.map(({ id, data }) => {
    const { data: mark, pending } = marks.get(id) ?? { data: {}, pending: false };
    const { seenAt, readAt, archivedAt, snoozedUntil } = mark;
    const own = {
      seenAt,
      readAt,
      archivedAt,
      snoozedUntil,
      revision: 1,
      eventCount: 1,
      why: "audience:everybody" satisfies Everybody,
      actions: [],
    };
    const item = decodeNotification(id, { ...data, ...wordsIn(data, locale), ...own }, pending);
    const muted = off.has(item.category) && data.mutable !== false && !("archivedAt" in mark);
    return muted ? { ...item, archivedAt: item.updatedAt, muted: "preference" } : item;
  });
}

/** "de-AT" is served by "de". What the announcement does not have in a language, it says in the catalogue's first one. */
function wordsIn(data: Data, locale: string): Data {
  const all = Object.entries(fields(data.words) ?? {});
  const [language = ""] = locale.toLowerCase().split("-");
  const exact = all.find(([name]) => name.toLowerCase() === locale.toLowerCase());
  const [, words] = exact ?? all.find(([name]) => name.toLowerCase() === language) ?? [];
  const { title, body } = fields(words) ?? data;
  return { title, body };
}
