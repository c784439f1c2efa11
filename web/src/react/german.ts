import { loadOnce } from "../core/load-once";
import { atMost99, plural, type Words } from "./words";

const locale = "de";

export const german: Words = {
  locale,
  notifications: "Mitteilungen",
  bell(unread, { urgent, offline }) {
    const count = unread === 0 ? "alle gelesen" : `${atMost99(locale, unread)} ungelesene`;
    return `Mitteilungen, ${count}${urgent ? ", dringend" : ""}${offline ? ", offline" : ""}`;
  },
  close: "Schließen",
  tabs: { all: "Alle", unread: "Ungelesen", mentions: "Erwähnungen", snoozed: "Später", archived: "Archiv" },
  search: "Durchsuchen",
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
  sections: { waiting: "Wartet auf dich", today: "Heute", yesterday: "Gestern", earlier: "Früher" },
  about: (label, title) => `${label}: ${title}`,
  markUnread: "Als ungelesen markieren",
  itemMenu: title => `Mehr zu: ${title}`,
  archive: "Archivieren",
  unarchive: "Zurück in den Eingang",
  snooze: "Erinnern",
  snoozeFor: label => `Erinnern: ${label}`,
  wake: "Jetzt zurückholen",
  snoozedUntil: time => `Bis ${time}`,
  snoozeUntil: { hour: "In einer Stunde", evening: "Heute Abend", tomorrow: "Morgen", week: "Nächste Woche" },
  mute: title => (title ? `„${title}“ stummschalten` : "Stummschalten"),
  muteFor: { hours: "Für 8 Stunden", week: "Für eine Woche", ever: "Bis ich es zurücknehme" },
  unmute: "Wieder davon hören",
  less: "Weniger davon",
  why: "Warum bekomme ich das?",
  muted: { mute: "Stumm", preference: "In den Einstellungen aus" },
  preferences: {
    title: "Einstellungen für Mitteilungen",
    load: loadOnce(async () => (await import("./preferences/german")).germanPreferences),
  },
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
  notLoaded: {
    title: "Dieser Teil konnte nicht geladen werden",
    text: "Vielleicht fehlt die Verbindung, oder die Seite ist veraltet.",
  },
  undo: "Rückgängig",
  notice: {
    read: told => `${items(told)} als gelesen markiert.`,
    unread: told => `${items(told)} als ungelesen markiert.`,
    archived: told => `${items(told)} archiviert.`,
    unarchived: told => `${items(told)} zurück im Eingang.`,
    snoozed: told => `${items(told)} auf später verschoben.`,
    woken: told => `${items(told)} zurückgeholt.`,
    muted: told => `${items(told)} stummgeschaltet.`,
    unmuted: told => `${items(told)} ist nicht mehr stumm.`,
    full: told => `${items(told)}: Mehr kannst du nicht stummschalten. Nimm zuerst etwas zurück.`,
    undone: () => "Rückgängig gemacht.",
    "moved-on": told => `${items(told)} unverändert: Es gibt dort Neues.`,
    gone: told => `${items(told)} nicht zu ändern: nicht mehr vorhanden.`,
    refused: told => `${items(told)} unverändert: Diese Änderung ist nicht erlaubt.`,
    "signed-out": told => `${items(told)} unverändert: Du bist abgemeldet. Melde dich wieder an.`,
    unreachable: told =>
      `${change(told)} konnte nicht gespeichert werden: Der Server ist nicht erreichbar. Versuche es noch einmal.`,
    quota: told =>
      `${change(told)} konnte nicht gespeichert werden: Der Server ist überlastet. Versuche es später noch einmal.`,
    "not-loaded": told =>
      `${change(told)} konnte nicht gespeichert werden: Ein Teil der Seite fehlt. Lade die Seite neu.`,
    failed: told => `${change(told)} konnte nicht gespeichert werden. Versuche es noch einmal.`,
    waiting: told => `${change(told)} ist noch nicht gespeichert: Der Server antwortet nicht.`,
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
  keys: {
    title: "Tastenkürzel",
    next: "Nächste Mitteilung",
    previous: "Vorige Mitteilung",
    ends: "Erste und letzte",
    open: "Öffnen",
    archive: "Archivieren oder zurückholen",
    unread: "Als gelesen oder ungelesen markieren",
    snooze: "Später erinnern",
    undo: "Rückgängig",
    leave: "Liste verlassen, nach oben oder unten",
    toasts: "Zu den neuen Mitteilungen",
    close: "Schließen",
    help: "Diese Liste zeigen",
  },
  alerts: {
    turnOn: "Browser-Mitteilungen einschalten",
    on: "Browser-Mitteilungen sind an",
    blocked: "Browser-Mitteilungen sind in den Einstellungen des Browsers gesperrt",
    sound: "Ton bei dringenden",
  },
};

function change({ title }: { title: string }): string {
  return title ? `„${title}“` : "Deine Änderung";
}

function items({ count, title }: { count: number; title: string }): string {
  return title ? `„${title}“` : plural(locale, count, { one: "# Mitteilung", other: "# Mitteilungen" });
}
