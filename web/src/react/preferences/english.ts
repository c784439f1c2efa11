import { plural } from "../words";
import type { PreferenceWords } from "./words";

const locale = "en";

export const englishPreferences: PreferenceWords = {
  back: "Back to the notifications",
  loading: "Loading your settings",
  failed: "Your settings cannot be reached. Trying again by itself.",
  saving: {
    saving: "Saving…",
    waiting: "Waiting for the network",
    saved: "Saved",
    full: "You have muted as much as you can. Take something back first.",
    refused: "The server did not allow this. All is as before.",
    failed: "This could not be saved. Try again.",
  },
  categories: {
    title: "What reaches you",
    text: "What is off in the app goes to the archive at once.",
    channels: { in_app: "In the app", push: "Push", email: "E-mail" },
    choice: (category, channel) => `${category}: ${channel}`,
    someAlwaysOn: "The most important of these always reach you.",
    always: "These always reach you.",
    archived: "No pushes, because it is off in the app.",
    lately: (count, exact) => plural(locale, count, { other: `${exact ? "" : "At least "}# in the last 7 days` }),
  },
  disturb: {
    title: "Do not disturb",
    off: "No pushes for a while. What is urgent comes nevertheless.",
    on: "On until you turn it off",
    onUntil: time => `On until ${time}`,
    forHours: "For 2 hours",
    tomorrow: time => `Until tomorrow, ${time}`,
    ever: "Until I turn it off",
    turnOff: "Turn off",
  },
  quiet: {
    title: "Quiet hours",
    text: "No pushes at these times. What is urgent comes nevertheless.",
    enable: "Keep quiet hours",
    none: "No quiet hours",
    from: day => `${day}: from`,
    to: day => `${day}: to`,
    nextDay: "next day",
    same: "A time must end at another minute than it begins.",
    add: day => `Add a time on ${day}`,
    remove: (day, range) => `Remove ${range} on ${day}`,
    everyDay: day => `Every day like ${day}`,
  },
  pushes: {
    title: "How many pushes",
    text: "What is over the limit comes later, in one push. What is urgent comes nevertheless.",
    hour: "In an hour",
    usual: "As usual",
    most: count => `No more than ${count}`,
  },
  digest: {
    title: "Summary by e-mail",
    off: "What is still unread, once a day or a week, to your confirmed address.",
    on: (time, zone, day) =>
      `What is still unread, every ${day ?? "day"} at ${time} (${zone}), to your confirmed address.`,
    every: "How often",
    never: "Never",
    daily: "Daily",
    weekly: "Weekly",
    day: "Day",
    time: "Time",
  },
  mutes: {
    title: "Muted",
    none: "Nothing is muted. The menu of a notification mutes what it is about.",
    until: time => `until ${time}`,
    ever: "until you take it back",
    remove: "Hear of it again",
  },
  place: {
    title: "Place and language",
    timeZone: "Time zone",
    deviceIsIn: zone => `This device is in ${zone}. Use that`,
    language: "Language of the notifications",
    usual: "As usual here",
  },
  why: {
    recipient: "It was sent to you.",
    mentioned: "It was sent to you because somebody mentioned you.",
    everybody: "It was sent to everybody.",
    audience: name => `It was sent to “${name}”, which you belong to.`,
    held: {
      preference: "There was no push: you want none of this kind.",
      mute: "There was no push: you have muted it.",
      snooze: "There was no push yet: you wanted to be reminded of it later.",
      quiet_hours: "There was no push yet: it came in your quiet hours.",
      do_not_disturb: "There was no push yet: you did not want to be disturbed.",
      presence: "There was no push: you had the app open.",
      interval: "There was no further push yet: another one had gone out a moment before.",
      budget: "There was no push yet: a lot had come in that hour. It comes in one push with the rest.",
    },
    heldOther: reason => `There was no push yet. The reason: ${reason}.`,
    heldNot: "None of your settings held a push back.",
    urgent: "It is urgent: quiet hours, do not disturb and your limit of pushes do not hold it back.",
    muted: {
      mute: "It went to the archive: you have muted what it is about.",
      preference: "It went to the archive: you have switched this kind off in the app.",
    },
    change: "Change this",
    alike(count, exact) {
      const items = plural(locale, count, { one: "# notification", other: "# notifications" });
      return `In the last 7 days, ${exact ? "" : "at least "}${items} like this reached you.`;
    },
  },
};
