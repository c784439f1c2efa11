import { badgeText, type Notice } from "../core";
import type { Section } from "./days";
import type { PreferenceWords } from "./preferences/words";

/** Every word the components say by themselves. The items' sentences come from the catalogue, in the recipient's language. */
export interface Words {
  /** BCP 47; for times, numbers and lists, and for assistive technology to pronounce the words right. */
  readonly locale: string;
  readonly notifications: string;
  /** The bell's name. `unread` is the badge's number, 0 for none, and from 100 on "99+". */
  readonly bell: (unread: number, state: BellState) => string;
  readonly close: string;
  readonly tabs: {
    readonly all: string;
    readonly unread: string;
    readonly mentions: string;
    readonly snoozed: string;
    readonly archived: string;
  };
  /** The name of the search, and what stands in its field, where a narrow screen has room for a dozen letters. */
  readonly search: string;
  readonly clearSearch: string;
  readonly category: string;
  readonly allCategories: string;
  /** By the catalogue's name; one that is missing here is shown as it is. */
  readonly categories: Readonly<Record<string, string>>;
  readonly more: string;
  readonly markAllRead: string;
  readonly archiveAll: string;
  /** The headings in the list, for what waits for the person, and below it the days. */
  readonly sections: Readonly<Record<Section, string>>;
  /** The name of an item's button; `title` tells the buttons apart for those who do not see the rows. */
  readonly about: (label: string, title: string) => string;
  readonly markRead: string;
  readonly markUnread: string;
  readonly itemMenu: (title: string) => string;
  readonly archive: string;
  readonly unarchive: string;
  /** The heading of the times. */
  readonly snooze: string;
  /** The button that snoozes until the first of the times, whose label is "In an hour" or the like. */
  readonly snoozeFor: (label: string) => string;
  /** Ends a snooze now. */
  readonly wake: string;
  /** `time` is when it comes back. */
  readonly snoozedUntil: (time: string) => string;
  readonly snoozeUntil: {
    readonly hour: string;
    readonly evening: string;
    readonly tomorrow: string;
    readonly week: string;
  };
  /** In an item's menu: its target is to be heard of no more. `title` is what it is called, "" where nobody knows. */
  readonly mute: (title: string) => string;
  readonly muteFor: { readonly hours: string; readonly week: string; readonly ever: string };
  /** Takes a mute back. */
  readonly unmute: string;
  /** In an item's menu: leads to what the person chose for its category. */
  readonly less: string;
  /** In an item's menu: what decided that the person is told, how often they are, and what changes it. */
  readonly why: string;
  /** On an item whose last news went to the archive, by the reason. */
  readonly muted: { readonly mute: string; readonly preference: string };
  readonly preferences: {
    readonly title: string;
    /** The sentences of the screen; most people never open it, so they may come when it is. */
    readonly load: () => Promise<PreferenceWords>;
  };
  readonly unread: string;
  readonly sending: string;
  /** `label` is the action that was chosen. */
  readonly done: (label: string) => string;
  readonly priority: { readonly urgent: string; readonly high: string; readonly low: string };
  readonly justNow: string;
  readonly loading: string;
  readonly loadMore: string;
  readonly empty: Readonly<Record<"all" | "unread" | "mentions" | "snoozed" | "archived" | "search", Note>>;
  readonly failed: Note & { readonly retry: string };
  /** Firestore has ended itself, and only a new page helps. */
  readonly ended: Note & { readonly reload: string };
  /** A part of the page is missing: no network, or the page is older than the files on the server. */
  readonly notLoaded: Note;
  readonly undo: string;
  /** What was done, or why it was not. `title` is empty where it is about several items. */
  readonly notice: Readonly<Record<NoticeKind, (told: { count: number; title: string }) => string>> & {
    readonly goingOn: string;
  };
  readonly connection: { readonly reconnecting: string; readonly offline: string };
  /** The toasts' region; F6 leads there. */
  readonly toasts: string;
  readonly dismiss: string;
  /** How many more wait behind the toasts on screen. */
  readonly waiting: (count: number) => string;
  /** Read out by assistive technology when something new has arrived. `titles` is a list in words, of the first few. */
  readonly announce: (count: number, titles: string) => string;
  readonly closeAll: string;
  readonly urgentHeading: string;
  /** Read out at once while somebody types, when something urgent waits for the end of it. */
  readonly urgentWaiting: (title: string) => string;
  readonly later: string;
  /** The dialog that lists the keys. */
  readonly keys: KeyWords;
  readonly alerts: { readonly turnOn: string; readonly on: string; readonly blocked: string; readonly sound: string };
}

export interface BellState {
  /** Whether something urgent is unread. */
  readonly urgent: boolean;
  /** Whether there is no network. */
  readonly offline: boolean;
}

/** What each key does. */
export interface KeyWords {
  readonly title: string;
  readonly next: string;
  readonly previous: string;
  readonly ends: string;
  readonly open: string;
  readonly archive: string;
  readonly unread: string;
  readonly snooze: string;
  readonly undo: string;
  readonly leave: string;
  readonly toasts: string;
  readonly close: string;
  readonly help: string;
}

type NoticeKind = Notice["kind"];

interface Note {
  readonly title: string;
  readonly text: string;
}

/**
 * The form that the language has for the number, with the number itself for "#". Which forms a language has,
 * `new Intl.PluralRules(locale).resolvedOptions().pluralCategories` says: English "one" and "other", Polish "few" and "many"
 * besides, Arabic six. A form that is not given is "other".
 */
export function plural(locale: string, count: number, forms: { other: string } & Partial<PluralForms>): string {
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms.other;
  return form.replace("#", new Intl.NumberFormat(locale).format(count));
}

type PluralForms = Readonly<Record<Intl.LDMLPluralRule, string>>;

/** "A", "A and B", "A, B and C", as the language has it. */
export function inWords(locale: string, parts: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(parts);
}

/** A count as the badge has it: "3", and from 100 on "99+". */
export function atMost99(locale: string, count: number): string {
  return count > 99 ? badgeText(count) : new Intl.NumberFormat(locale).format(count);
}
