import { atMost99, plural, type Words } from "./words";

const locale = "de";

export const german: Words = {
  locale,
  notifications: "Mitteilungen",
  bell(unread, urgent) {
    if (unread === 0) return "Mitteilungen, alle gelesen";
    return `Mitteilungen, ${atMost99(locale, unread)} ungelesene${urgent ? ", dringend" : ""}`;
  },
  close: "Schließen",
  tabs: { all: "Alle", unread: "Ungelesen", mentions: "Erwähnungen", snoozed: "Später", archived: "Archiv" },
  search: "Mitteilungen durchsuchen",
  clearSearch: "Suche leeren",
  category: "Kategorie",
  allCategories: "Alle Kategorien",
  categories: {
    social: "Kontakte",
    messages: "Nachrichten",
    code: "Code",
    orders: "Bestellungen",
    incidents: "Störungen",
    security: "Sicherheit",
    payments: "Zahlungen",
    system: "System",
  },
  more: "Mehr",
  markAllRead: "Alle gelesen",
  archiveAll: "Alle archivieren",
  markRead: "Als gelesen markieren",
  markItemRead: title => `Als gelesen markieren: ${title}`,
  markUnread: "Als ungelesen markieren",
  itemMenu: title => `Mehr zu: ${title}`,
  archive: "Archivieren",
  unarchive: "Zurück in den Eingang",
  snooze: "Erinnern",
  wake: "Jetzt zurückholen",
  snoozedUntil: time => `Bis ${time}`,
  snoozeUntil: { hour: "In einer Stunde", evening: "Heute Abend", tomorrow: "Morgen", week: "Nächste Woche" },
  unread: "Ungelesen.",
  sending: "Wird gespeichert …",
  done: label => `Erledigt: ${label}`,
  priority: { urgent: "Dringend", high: "Wichtig", low: "Niedrige Priorität" },
  justNow: "gerade eben",
  loading: "Mitteilungen werden geladen",
  loadMore: "Ältere anzeigen",
  empty: {
    all: { title: "Alles ruhig", text: "Was dich betrifft, erscheint hier, sobald es geschieht." },
    unread: { title: "Alles gelesen", text: "Nichts wartet auf dich." },
    mentions: { title: "Keine Erwähnungen", text: "Wenn dich jemand nennt, steht es hier." },
    snoozed: { title: "Nichts für später", text: "Woran du erinnert werden willst, wartet hier." },
    archived: { title: "Nichts archiviert", text: "Was du weglegst, findest du hier wieder." },
    search: { title: "Nichts gefunden", text: "Versuche andere Wörter oder alle Kategorien." },
  },
  failed: {
    title: "Dein Eingang ist nicht erreichbar",
    text: "Es wird von selbst weiter versucht. Was du siehst, kann älter sein.",
    retry: "Jetzt versuchen",
  },
  ended: { title: "Die Verbindung ist beendet", text: "Lade die Seite neu, um Neues zu sehen.", reload: "Neu laden" },
  undo: "Rückgängig",
  notice: {
    read: told => `${items(told)} als gelesen markiert.`,
    unread: told => `${items(told)} als ungelesen markiert.`,
    archived: told => `${items(told)} archiviert.`,
    unarchived: told => `${items(told)} zurück im Eingang.`,
    snoozed: told => `${items(told)} auf später verschoben.`,
    woken: told => `${items(told)} zurückgeholt.`,
    undone: () => "Rückgängig gemacht.",
    "moved-on": told => `${items(told)} unverändert: Es gibt dort Neues.`,
    failed: told =>
      `${told.title ? `„${told.title}“` : "Deine Änderung"} konnte nicht gespeichert werden. Versuche es noch einmal.`,
    goingOn: "Es geht weiter …",
  },
  connection: {
    reconnecting: "Verbindung wird aufgebaut …",
    offline: "Offline. Änderungen bleiben erhalten, bis du zurück bist.",
  },
  toasts: "Neue Mitteilungen (F6)",
  dismiss: "Schließen",
  waiting: count => plural(locale, count, { one: "# weitere", other: "# weitere" }),
  announce: (count, titles) =>
    `${plural(locale, count, { one: "# neue Mitteilung", other: "# neue Mitteilungen" })}: ${titles}`,
  closeAll: "Alle schließen",
  urgentWaiting: title => `Dringend: ${title}. Eine Frage erscheint, wenn du zu tippen aufhörst.`,
  urgentHeading: "Bitte antworten",
  later: "Nicht jetzt",
  alerts: {
    turnOn: "Browser-Mitteilungen einschalten",
    on: "Browser-Mitteilungen sind an",
    blocked: "Browser-Mitteilungen sind in den Einstellungen des Browsers gesperrt",
    sound: "Ton bei dringenden",
  },
};

function items({ count, title }: { count: number; title: string }): string {
  return title ? `„${title}“` : plural(locale, count, { one: "# Mitteilung", other: "# Mitteilungen" });
}
