import { plural } from "../../src/react";
import type { Step, Until } from "./figures";

/** Every word of the page. */
export interface InsightWords {
  readonly locale: string;
  readonly title: string;
  readonly text: string;
  readonly back: string;
  /** The other language, in that language. */
  readonly other: string;
  readonly span: {
    readonly legend: string;
    readonly from: string;
    readonly to: string;
    readonly show: string;
    readonly last: (days: number) => string;
  };
  readonly loading: string;
  readonly loaded: (types: number, from: string, to: string) => string;
  readonly failed: string;
  readonly again: string;
  readonly nothing: { readonly title: string; readonly text: string; readonly demo: string };
  readonly table: string;
  /** The heads of the tables' columns. */
  readonly type: string;
  readonly day: string;
  readonly total: string;
  readonly median: string;
  readonly p95: string;
  readonly steps: Readonly<Record<Step, string>>;
  readonly funnel: {
    readonly title: string;
    readonly text: string;
    /** `percent` is of the first step; "" for that itself. */
    readonly step: (name: string, count: string, percent: string) => string;
  };
  readonly held: {
    readonly title: string;
    readonly text: string;
    readonly none: string;
    readonly said: (count: string, reasons: string) => string;
    /** By the functions' names; one that is missing here is shown as it is. */
    readonly reasons: Readonly<Record<string, string>>;
  };
  readonly times: {
    readonly title: string;
    readonly legend: string;
    readonly until: Readonly<Record<Until, string>>;
    readonly none: Readonly<Record<Until, string>>;
    readonly said: (type: string, day: string, median: string, p95: string) => string;
  };
}

const english: InsightWords = {
  locale: "en",
  title: "What became of it",
  text: "How far the events went that products posted, by type. Days are in UTC; facts arrive within seconds and are kept for 30 days.",
  back: "Back to the demo",
  other: "Deutsch",
  span: {
    legend: "Which days",
    from: "From",
    to: "To",
    show: "Show",
    last: days => plural("en", days, { one: "Today", other: "Last # days" }),
  },
  loading: "Loading the figures",
  loaded: (types, from, to) =>
    `${from} to ${to}: ${plural("en", types, { one: "# type", other: "# types" })} of events`,
  failed: "The figures cannot be had.",
  again: "Look again",
  nothing: {
    title: "No facts on these days yet",
    text: "Post an event: press any button of the demo, such as “Like”. A few seconds later its way shows here.",
    demo: "To the buttons",
  },
  table: "As a table",
  type: "Type",
  day: "Day",
  total: "All",
  median: "Median",
  p95: "95 of 100",
  steps: {
    accepted: "Accepted",
    shown: "Shown",
    pushed: "Pushed",
    displayed: "Displayed",
    mailed: "Mailed",
    bounced: "Bounced",
    seen: "Seen",
    opened: "Opened",
    acted: "Acted",
    unsubscribed: "Mails ended",
  },
  funnel: {
    title: "How far each type went",
    text: "Persons, once for each event. What nobody tells yet is left out.",
    step: (name, count, percent) => (percent ? `${name} ${count}, ${percent}` : `${name} ${count}`),
  },
  held: {
    title: "Why pushes were held back",
    text: "Each time a device stayed quiet, by what decided it.",
    none: "On these days no push was held back.",
    said: (count, reasons) => `${count} held back: ${reasons}`,
    reasons: {
      preference: "Not wanted",
      mute: "Muted",
      snooze: "Snoozed",
      quiet_hours: "Quiet hours",
      do_not_disturb: "Do not disturb",
      presence: "App in view",
      interval: "One just before",
      budget: "Too many in an hour",
      default: "Not pushed by default",
      no_device: "No device",
      joined: "In another push",
      no_news: "Nothing new",
      unreachable: "No device can be reached",
      noticed: "Already seen",
    },
  },
  times: {
    title: "How long it took",
    legend: "Until it is",
    until: { shown: "there", seen: "seen" },
    none: {
      shown: "No event of this type was shown on these days.",
      seen: "Nobody has told yet when an item of this type was seen.",
    },
    said: (type, day, median, p95) => `${type} on ${day}: half within ${median}, 95 of 100 within ${p95}`,
  },
};

const german: InsightWords = {
  locale: "de",
  title: "Was daraus wurde",
  text: "Wie weit die Ereignisse kamen, die Produkte gemeldet haben, nach Typ. Tage gelten in UTC; Fakten kommen in Sekunden an und bleiben 30 Tage.",
  back: "Zurück zur Demo",
  other: "English",
  span: {
    legend: "Welche Tage",
    from: "Von",
    to: "Bis",
    show: "Zeigen",
    last: days => plural("de", days, { one: "Heute", other: "Letzte # Tage" }),
  },
  loading: "Zahlen werden geladen",
  loaded: (types, from, to) =>
    `${from} bis ${to}: ${plural("de", types, { one: "# Typ", other: "# Typen" })} von Ereignissen`,
  failed: "Die Zahlen sind nicht zu bekommen.",
  again: "Noch einmal sehen",
  nothing: {
    title: "An diesen Tagen gibt es noch keine Fakten",
    text: "Melde ein Ereignis: Drücke in der Demo einen Knopf, etwa „Like“. Wenige Sekunden später steht sein Weg hier.",
    demo: "Zu den Knöpfen",
  },
  table: "Als Tabelle",
  type: "Typ",
  day: "Tag",
  total: "Alle",
  median: "Median",
  p95: "95 von 100",
  steps: {
    accepted: "Angenommen",
    shown: "In der App",
    pushed: "Gepusht",
    displayed: "Angezeigt",
    mailed: "Gemailt",
    bounced: "Unzustellbar",
    seen: "Gesehen",
    opened: "Geöffnet",
    acted: "Beantwortet",
    unsubscribed: "Abbestellt",
  },
  funnel: {
    title: "Wie weit jeder Typ kam",
    text: "Personen, je Ereignis einmal. Was noch niemand meldet, fehlt.",
    step: (name, count, percent) => (percent ? `${name} ${count}, ${percent}` : `${name} ${count}`),
  },
  held: {
    title: "Warum Pushes zurückgehalten wurden",
    text: "Jedes Mal, dass ein Gerät still blieb, nach dem Grund.",
    none: "An diesen Tagen wurde kein Push zurückgehalten.",
    said: (count, reasons) => `${count} zurückgehalten: ${reasons}`,
    reasons: {
      preference: "Nicht gewollt",
      mute: "Stummgeschaltet",
      snooze: "Später erinnern",
      quiet_hours: "Ruhezeit",
      do_not_disturb: "Nicht stören",
      presence: "App war offen",
      interval: "Kurz zuvor einer",
      budget: "Zu viele in der Stunde",
      default: "Üblich ohne Push",
      no_device: "Kein Gerät",
      joined: "In anderem Push",
      no_news: "Nichts Neues",
      unreachable: "Kein Gerät erreichbar",
      noticed: "Schon gesehen",
    },
  },
  times: {
    title: "Wie lange es dauerte",
    legend: "Bis es",
    until: { shown: "da ist", seen: "gesehen ist" },
    none: {
      shown: "An diesen Tagen kam kein Ereignis dieses Typs an.",
      seen: "Noch hat niemand gemeldet, wann etwas von diesem Typ gesehen wurde.",
    },
    said: (type, day, median, p95) => `${type} am ${day}: die Hälfte in ${median}, 95 von 100 in ${p95}`,
  },
};

/** The words of `?lang=de`, else English. */
export function wordsOf(lang: string | null): InsightWords {
  return lang === "de" ? german : english;
}
