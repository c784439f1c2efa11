/** A third language, as a product would add one: Polish, whose numbers have four forms. */
import { atMost99, plural, type Words } from "../react/words";

const locale = "pl";
const items = ({ count, title }: { count: number; title: string }) =>
  title
    ? `„${title}”`
    : plural(locale, count, { one: "# element", few: "# elementy", many: "# elementów", other: "# elementu" });

export const polish: Words = {
  locale,
  notifications: "Powiadomienia",
  bell(unread, { urgent, offline }) {
    const count =
      unread === 0
        ? "wszystko przeczytane"
        : `${atMost99(locale, unread)} ${plural(locale, unread, { one: "nieprzeczytane", few: "nieprzeczytane", other: "nieprzeczytanych" })}`;
    return `Powiadomienia, ${count}${urgent ? ", pilne" : ""}${offline ? ", offline" : ""}`;
  },
  close: "Zamknij",
  tabs: {
    all: "Wszystkie",
    unread: "Nieprzeczytane",
    mentions: "Wzmianki",
    snoozed: "Odłożone",
    archived: "Archiwum",
  },
  search: "Szukaj powiadomień",
  clearSearch: "Wyczyść",
  category: "Kategoria",
  allCategories: "Wszystkie kategorie",
  categories: { social: "Kontakty", orders: "Zamówienia" },
  more: "Więcej",
  markAllRead: "Oznacz wszystkie",
  archiveAll: "Archiwizuj wszystkie",
  sections: { waiting: "Czeka na ciebie", today: "Dzisiaj", yesterday: "Wczoraj", earlier: "Wcześniej" },
  about: (label, title) => `${label}: ${title}`,
  markRead: "Oznacz jako przeczytane",
  markUnread: "Oznacz jako nieprzeczytane",
  itemMenu: title => `Więcej: ${title}`,
  archive: "Archiwizuj",
  unarchive: "Przywróć",
  snooze: "Przypomnij",
  snoozeFor: label => `Przypomnij: ${label}`,
  wake: "Przywróć teraz",
  snoozedUntil: time => `Do ${time}`,
  snoozeUntil: { hour: "Za godzinę", evening: "Wieczorem", tomorrow: "Jutro", week: "W przyszłym tygodniu" },
  unread: "Nieprzeczytane.",
  sending: "Zapisywanie…",
  done: label => `Gotowe: ${label}`,
  priority: { urgent: "Pilne", high: "Ważne", low: "Niski priorytet" },
  justNow: "przed chwilą",
  loading: "Wczytywanie",
  loadMore: "Pokaż starsze",
  empty: {
    all: { title: "Cisza", text: "Tu pojawi się to, co cię dotyczy." },
    unread: { title: "Wszystko przeczytane", text: "Nic nie czeka." },
    mentions: { title: "Brak wzmianek", text: "Tu pojawi się, kto o tobie wspomniał." },
    snoozed: { title: "Nic nie odłożono", text: "Tu czeka to, o czym chcesz pamiętać." },
    archived: { title: "Archiwum jest puste", text: "Tu jest to, co odkładasz." },
    search: { title: "Nic nie znaleziono", text: "Spróbuj innych słów." },
  },
  failed: { title: "Skrzynka jest niedostępna", text: "Trwa ponawianie.", retry: "Spróbuj teraz" },
  ended: { title: "Połączenie zakończone", text: "Odśwież stronę.", reload: "Odśwież" },
  notLoaded: {
    title: "Nie udało się wczytać tej części",
    text: "Brak połączenia albo strona jest nieaktualna. Spróbuj ponownie lub odśwież stronę.",
  },
  undo: "Cofnij",
  notice: {
    read: told => `${items(told)}: przeczytane.`,
    unread: told => `${items(told)}: nieprzeczytane.`,
    archived: told => `${items(told)} w archiwum.`,
    unarchived: told => `${items(told)} z powrotem.`,
    snoozed: told => `${items(told)} na później.`,
    woken: told => `${items(told)} z powrotem.`,
    undone: () => "Cofnięto.",
    "moved-on": told => `${items(told)} bez zmian: jest tam coś nowego.`,
    gone: told => `${items(told)}: już nie istnieje.`,
    refused: told => `${items(told)} bez zmian: ta zmiana jest niedozwolona.`,
    "signed-out": told => `${items(told)} bez zmian: nie jesteś zalogowany. Zaloguj się ponownie.`,
    unreachable: told => `${items(told)}: nie zapisano, serwer jest nieosiągalny. Spróbuj ponownie.`,
    quota: told => `${items(told)}: nie zapisano, serwer jest przeciążony. Spróbuj później.`,
    "not-loaded": told => `${items(told)}: nie zapisano, brakuje części strony. Odśwież stronę.`,
    failed: told => `${items(told)}: nie udało się zapisać.`,
    waiting: told => `${items(told)}: jeszcze nie zapisano, serwer nie odpowiada.`,
    goingOn: "Trwa…",
  },
  connection: { reconnecting: "Łączenie…", offline: "Offline. Zmiany zostaną zachowane." },
  toasts: "Nowe powiadomienia (F6)",
  dismiss: "Zamknij",
  waiting: count => plural(locale, count, { one: "jeszcze #", few: "jeszcze #", other: "jeszcze #" }),
  announce: (count, titles) =>
    `${plural(locale, count, {
      one: "# nowe powiadomienie",
      few: "# nowe powiadomienia",
      many: "# nowych powiadomień",
      other: "# nowego powiadomienia",
    })}: ${titles}`,
  closeAll: "Zamknij wszystkie",
  urgentHeading: "Wymaga odpowiedzi",
  urgentWaiting: title => `Pilne: ${title}. Pytanie pojawi się, gdy przestaniesz pisać.`,
  later: "Nie teraz",
  keys: {
    title: "Skróty klawiszowe",
    next: "Następne",
    previous: "Poprzednie",
    ends: "Pierwsze i ostatnie",
    open: "Otwórz",
    archive: "Archiwizuj lub przywróć",
    unread: "Przeczytane lub nieprzeczytane",
    snooze: "Przypomnij później",
    undo: "Cofnij",
    leave: "Opuść listę",
    toasts: "Do nowych powiadomień",
    close: "Zamknij",
    help: "Pokaż tę listę",
  },
  alerts: { turnOn: "Włącz powiadomienia", on: "Powiadomienia włączone", blocked: "Zablokowane", sound: "Dźwięk" },
};
