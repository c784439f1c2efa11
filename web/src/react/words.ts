/** Every word the components say by themselves. The items' sentences come from the catalogue, in the recipient's language. */
export interface Words {
  /** BCP 47; for times, and for assistive technology to pronounce the words right. */
  readonly locale: string;
  readonly notifications: string;
  /** The bell's name. `unread` is the badge's number, 0 for none. */
  readonly bell: (unread: number) => string;
  readonly markAllRead: string;
  /** The tooltip of an item's button. */
  readonly markRead: string;
  /** Its name; `title` tells the buttons apart for those who do not see the rows. */
  readonly markItemRead: (title: string) => string;
  readonly unread: string;
  readonly sending: string;
  readonly priority: { readonly urgent: string; readonly high: string };
  readonly justNow: string;
  readonly loading: string;
  readonly empty: { readonly title: string; readonly text: string };
  readonly failed: { readonly title: string; readonly text: string; readonly retry: string };
  readonly connection: { readonly reconnecting: string; readonly offline: string };
}

export const english: Words = {
  locale: "en",
  notifications: "Notifications",
  bell: unread => (unread === 0 ? "Notifications, nothing unread" : `Notifications, ${unread} unread`),
  markAllRead: "Mark all read",
  markRead: "Mark read",
  markItemRead: title => `Mark read: ${title}`,
  unread: "Unread.",
  sending: "Saving…",
  priority: { urgent: "Urgent", high: "Important" },
  justNow: "just now",
  loading: "Loading notifications",
  empty: { title: "All quiet", text: "What concerns you shows up here, the moment it happens." },
  failed: {
    title: "Your inbox cannot be reached",
    text: "Trying again by itself. What you see may be older.",
    retry: "Try now",
  },
  connection: { reconnecting: "Connecting…", offline: "Offline. Changes are kept until you are back." },
};
