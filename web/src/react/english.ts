import { plural, type Words } from "./words";

const locale = "en";

export const english: Words = {
  locale,
  notifications: "Notifications",
  bell(unread, urgent) {
    if (unread === 0) return "Notifications, nothing unread";
    return `Notifications, ${plural(locale, unread, { other: "# unread" })}${urgent ? ", urgent" : ""}`;
  },
  close: "Close",
  tabs: { all: "All", unread: "Unread", mentions: "Mentions", archived: "Archived" },
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
  markItemRead: title => `Mark read: ${title}`,
  markUnread: "Mark unread",
  itemMenu: title => `More about: ${title}`,
  archive: "Archive",
  unarchive: "Move back to inbox",
  snooze: "Remind me",
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
    archived: { title: "Nothing archived", text: "What you put away can be found here." },
    search: { title: "Nothing matches", text: "Try other words, or all categories." },
  },
  failed: {
    title: "Your inbox cannot be reached",
    text: "Trying again by itself. What you see may be older.",
    retry: "Try now",
  },
  connection: { reconnecting: "Connecting…", offline: "Offline. Changes are kept until you are back." },
  toasts: "New notifications (F6)",
  dismiss: "Dismiss",
  waiting: count => plural(locale, count, { other: "# more" }),
  announce: (count, titles) =>
    `${plural(locale, count, { one: "# new notification", other: "# new notifications" })}: ${titles}`,
  urgentHeading: "Needs your answer",
  later: "Not now",
  alerts: {
    turnOn: "Turn on browser notifications",
    on: "Browser notifications are on",
    blocked: "Browser notifications are blocked in the browser’s settings",
    sound: "Sound for urgent ones",
  },
};
