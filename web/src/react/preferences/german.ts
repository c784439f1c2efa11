import { plural } from "../words";
import type { PreferenceWords } from "./words";

const locale = "de";

export const germanPreferences: PreferenceWords = {
  back: "Zurück zu den Mitteilungen",
  loading: "Einstellungen werden geladen",
  failed: "Deine Einstellungen sind nicht erreichbar. Es wird von selbst weiter versucht.",
  saving: {
    saving: "Wird gespeichert …",
    waiting: "Wartet auf das Netz",
    saved: "Gespeichert",
    full: "Mehr kannst du nicht stummschalten. Nimm zuerst etwas zurück.",
    refused: "Der Server erlaubt das nicht. Alles ist wie zuvor.",
    failed: "Das konnte nicht gespeichert werden. Versuche es noch einmal.",
  },
  categories: {
    title: "Was dich erreicht",
    text: "Was in der App aus ist, kommt sofort ins Archiv.",
    channels: { in_app: "In der App", push: "Push", email: "E-Mail" },
    choice: (category, channel) => `${category}: ${channel}`,
    someAlwaysOn: "Das Wichtigste davon erreicht dich immer.",
    always: "Das erreicht dich immer.",
    archived: "Kein Push, weil es in der App aus ist.",
    lately: (count, exact) => plural(locale, count, { other: `${exact ? "" : "Mindestens "}# in den letzten 7 Tagen` }),
  },
  disturb: {
    title: "Nicht stören",
    off: "Eine Weile kein Push. Dringendes kommt trotzdem.",
    on: "An, bis du es ausschaltest",
    onUntil: time => `An bis ${time}`,
    forHours: "Für 2 Stunden",
    tomorrow: time => `Bis morgen, ${time}`,
    ever: "Bis ich es ausschalte",
    turnOff: "Ausschalten",
  },
  quiet: {
    title: "Ruhezeiten",
    text: "Zu diesen Zeiten kein Push. Dringendes kommt trotzdem.",
    enable: "Ruhezeiten einhalten",
    none: "Keine Ruhezeit",
    from: day => `${day}: von`,
    to: day => `${day}: bis`,
    nextDay: "am Tag danach",
    same: "Eine Zeit muss zu einer anderen Minute enden, als sie beginnt.",
    add: day => `Zeit hinzufügen: ${day}`,
    remove: (day, range) => `Entfernen: ${range}, ${day}`,
    everyDay: day => `Jeden Tag wie ${day}`,
  },
  pushes: {
    title: "Wie viele Pushes",
    text: "Was über der Grenze liegt, kommt später in einem Push. Dringendes kommt trotzdem.",
    hour: "In einer Stunde",
    usual: "Wie üblich",
    most: count => `Höchstens ${count}`,
  },
  digest: {
    title: "Zusammenfassung per E-Mail",
    off: "Was noch ungelesen ist, einmal am Tag oder in der Woche, an deine bestätigte Adresse.",
    on: (time, zone, day) =>
      `Was noch ungelesen ist, jeden ${day ?? "Tag"} um ${time} (${zone}), an deine bestätigte Adresse.`,
    every: "Wie oft",
    never: "Nie",
    daily: "Täglich",
    weekly: "Wöchentlich",
    day: "Tag",
    time: "Uhrzeit",
  },
  mutes: {
    title: "Stummgeschaltet",
    none: "Nichts ist stummgeschaltet. Das Menü einer Mitteilung schaltet stumm, worum es in ihr geht.",
    until: time => `bis ${time}`,
    ever: "bis du es zurücknimmst",
    remove: "Wieder davon hören",
  },
  place: {
    title: "Ort und Sprache",
    timeZone: "Zeitzone",
    deviceIsIn: zone => `Dieses Gerät ist in ${zone}. Das nehmen`,
    language: "Sprache der Mitteilungen",
    usual: "Wie hier üblich",
  },
  why: {
    recipient: "Es wurde dir geschickt.",
    mentioned: "Es wurde dir geschickt, weil dich jemand erwähnt hat.",
    everybody: "Es wurde allen geschickt.",
    audience: name => `Es wurde an „${name}“ geschickt, und da gehörst du dazu.`,
    held: {
      preference: "Es gab keinen Push: Du willst für diese Art keinen.",
      mute: "Es gab keinen Push: Du hast es stummgeschaltet.",
      snooze: "Es gab noch keinen Push: Du wolltest später daran erinnert werden.",
      quiet_hours: "Es gab noch keinen Push: Es kam in deiner Ruhezeit.",
      do_not_disturb: "Es gab noch keinen Push: Du wolltest nicht gestört werden.",
      presence: "Es gab keinen Push: Du hattest die App offen.",
      interval: "Es gab noch keinen weiteren Push: Kurz zuvor kam einer.",
      budget: "Es gab noch keinen Push: In der Stunde kam schon viel. Es kommt mit dem Rest in einem Push.",
    },
    heldOther: reason => `Es gab noch keinen Push. Der Grund: ${reason}.`,
    heldNot: "Keine deiner Einstellungen hat einen Push zurückgehalten.",
    urgent: "Es ist dringend: Ruhezeiten, „Nicht stören“ und deine Grenze für Pushes halten es nicht zurück.",
    muted: {
      mute: "Es kam ins Archiv: Du hast stummgeschaltet, worum es geht.",
      preference: "Es kam ins Archiv: Du hast diese Art in der App ausgeschaltet.",
    },
    change: "Das ändern",
    alike(count, exact) {
      const least = exact ? "" : "mindestens ";
      return plural(locale, count, {
        one: `In den letzten 7 Tagen hat dich ${least}# Mitteilung wie diese erreicht.`,
        other: `In den letzten 7 Tagen haben dich ${least}# Mitteilungen wie diese erreicht.`,
      });
    },
  },
};
