import { atMost99, plural, type Words } from "./words";

const locale = "en";

export const english: Words = {
  locale,
  notifications: "Notifications",
  bell(unread, { urgent, offline }) {
    const count = unread === 0 ? "nothing unread" : `${atMost99(locale, unread)} unread`;
    return `Notifications, ${count}${urgent ? ", urgent" : ""}${offline ? ", offline" : ""}`;
  },
  close: "Close",
  tabs: { all: "All", unread: "Unread", mentions: "Mentions", snoozed: "Snoozed", archived: "Archived" },
  search: "Search notifications",
  clearSearch: "Clear the search",
  category: "Category",
  allCategories: "All categories",
  categories: {
    social: "Social",
    messages: "Messages",
    code: "Code",
    orders: "Orders",
    incidents: "Incidents",
    security: "Security",
    payments: "Payments",
    system: "System",
  },
  more: "More",
  markAllRead: "Mark all read",
  archiveAll: "Archive all",
  markRead: "Mark read",
  sections: { waiting: "Waiting for you", today: "Today", yesterday: "Yesterday", earlier: "Earlier" },
  about: (label, title) => `${label}: ${title}`,
  markUnread: "Mark unread",
  itemMenu: title => `More about: ${title}`,
  archive: "Archive",
  unarchive: "Move back to inbox",
  snooze: "Remind me",
  snoozeFor: label => `Remind me ${label.charAt(0).toLowerCase()}${label.slice(1)}`,
  wake: "Bring back now",
  snoozedUntil: time => `Until ${time}`,
  snoozeUntil: { hour: "In an hour", evening: "This evening", tomorrow: "Tomorrow", week: "Next week" },
  unread: "Unread.",
  sending: "Saving…",
  done: label => `Done: ${label}`,
  priority: { urgent: "Urgent", high: "Important", low: "Low priority" },
  justNow: "just now",
  loading: "Loading notifications",
  loadMore: "Show older",
  empty: {
    all: { title: "All quiet", text: "What concerns you shows up here, the moment it happens." },
    unread: { title: "All read", text: "Nothing is waiting for you." },
    mentions: { title: "No mentions", text: "When somebody names you, it shows up here." },
    snoozed: { title: "Nothing snoozed", text: "What you want to be reminded of waits here." },
    archived: { title: "Nothing archived", text: "What you put away can be found here." },
    search: { title: "Nothing matches", text: "Try other words, or all categories." },
  },
  failed: {
    title: "Your inbox cannot be reached",
    text: "Trying again by itself. What you see may be older.",
    retry: "Try now",
  },
  ended: { title: "The connection has ended", text: "Load the page again to see what is new.", reload: "Reload" },
  notLoaded: {
    title: "This part could not be loaded",
    text: "The connection may be gone, or this page is out of date. Try again, or load the page again.",
  },
  undo: "Undo",
  notice: {
    read: told => `${items(told)} marked read.`,
    unread: told => `${items(told)} marked unread.`,
    archived: told => `${items(told)} archived.`,
    unarchived: told => `${items(told)} moved back to the inbox.`,
    snoozed: told => `${items(told)} snoozed.`,
    woken: told => `${items(told)} brought back.`,
    undone: () => "Undone.",
    "moved-on": told => `${items(told)} stayed as before: something new has happened there.`,
    gone: told => `${items(told)} cannot be changed: no longer there.`,
    refused: told => `${items(told)} stayed as before: this change is not allowed.`,
    "signed-out": told => `${items(told)} stayed as before: you are signed out. Sign in again.`,
    unreachable: told => `${change(told)} could not be saved: the server cannot be reached. Try again.`,
    quota: told => `${change(told)} could not be saved: the server has too much to do. Try again later.`,
    "not-loaded": told => `${change(told)} could not be saved: a part of this page is missing. Load the page again.`,
    failed: told => `${change(told)} could not be saved. Try again.`,
    waiting: told => `${change(told)} is not saved yet: the server does not answer.`,
    goingOn: "Going on…",
  },
  connection: { reconnecting: "Connecting…", offline: "Offline. Changes are kept until you are back." },
  toasts: "New notifications (F6)",
  dismiss: "Dismiss",
  waiting: count => plural(locale, count, { other: "# more" }),
  announce: (count, titles) =>
    `${plural(locale, count, { one: "# new notification", other: "# new notifications" })}: ${titles}`,
  closeAll: "Close all",
  urgentWaiting: title => `Urgent: ${title}. A question opens when you stop typing.`,
  urgentHeading: "Needs your answer",
  later: "Not now",
  keys: {
    title: "Keyboard shortcuts",
    next: "Next notification",
    previous: "Previous notification",
    ends: "First and last",
    open: "Open",
    archive: "Archive, or move back",
    unread: "Mark read or unread",
    snooze: "Remind me later",
    undo: "Undo",
    leave: "Leave the list, up or down",
    toasts: "To the new notifications",
    close: "Close",
    help: "Show this list",
  },
  alerts: {
    turnOn: "Turn on browser notifications",
    on: "Browser notifications are on",
    blocked: "Browser notifications are blocked in the browser’s settings",
    sound: "Sound for urgent ones",
  },
};

function change({ title }: { title: string }): string {
  return title ? `“${title}”` : "Your change";
}

function items({ count, title }: { count: number; title: string }): string {
  return title ? `“${title}”` : plural(locale, count, { one: "# item", other: "# items" });
}
