import type { ReactNode } from "react";

/**
 * Drawn on a grid of 24, in lines, so that they take the colour of the text around them. Functions, because Preact (in the
 * custom elements) notes in a drawing where it is drawn, and would so keep elements that have gone.
 */
const drawings = {
  bell: () => (
    <>
      <path d="M6 9.5a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4s2-1.5 2-6.5Z" />
      <path d="M10 19.5a2.2 2.2 0 0 0 4 0" />
    </>
  ),
  heart: () => <path d="M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.3a4.3 4.3 0 0 1 7.5 2.5C19.5 15.4 12 20 12 20Z" />,
  comment: () => <path d="M20 11.5a7.5 7 0 0 1-11 6.2L4.5 19l1.4-3.7A7.5 7 0 1 1 20 11.5Z" />,
  message: () => (
    <>
      <rect x="3.5" y="5.5" width="17" height="13" rx="2.5" />
      <path d="m4.5 7.5 7.5 6 7.5-6" />
    </>
  ),
  person: () => (
    <>
      <circle cx="10" cy="8" r="3.5" />
      <path d="M3.5 19.5c.5-3.7 3.2-5.5 6.5-5.5s6 1.8 6.5 5.5M18.5 8v6M15.5 11h6" />
    </>
  ),
  mention: () => (
    <>
      <circle cx="12" cy="12" r="3.5" />
      <path d="M15.5 8.5v4.7a2.3 2.3 0 0 0 4.7 0V12a8.2 8.2 0 1 0-3.5 6.7" />
    </>
  ),
  package: () => (
    <>
      <path d="m12 3.5 7.5 4v9L12 20.5l-7.5-4v-9l7.5-4Z" />
      <path d="m4.8 7.7 7.2 4 7.2-4M12 11.7v8.5M8.2 5.6l7.3 4" />
    </>
  ),
  alert: () => (
    <>
      <path d="M12 4 3 19.5h18L12 4Z" />
      <path d="M12 10v4.5M12 17v.1" />
    </>
  ),
  shield: () => (
    <>
      <path d="m12 3.5 7 2.7V11c0 4.5-3 7.8-7 9.5-4-1.7-7-5-7-9.5V6.2l7-2.7Z" />
      <path d="m9 11.8 2.2 2.2L15 10" />
    </>
  ),
  card: () => (
    <>
      <rect x="3" y="5.5" width="18" height="13" rx="2.5" />
      <path d="M3 10h18M6.5 14.8h4" />
    </>
  ),
  more: () => <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3" />,
  archive: () => (
    <>
      <rect x="3.5" y="4.5" width="17" height="4.5" rx="1.2" />
      <path d="M5 9v8.5a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9M10 13h4" />
    </>
  ),
  clock: () => (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7v5l3.2 2" />
    </>
  ),
  search: () => (
    <>
      <circle cx="11" cy="11" r="6.5" />
      <path d="m16 16 4.5 4.5" />
    </>
  ),
  close: () => <path d="m6 6 12 12M18 6 6 18" />,
  offline: () => (
    <path d="M8 8.5a4.5 4.5 0 0 0-1 10h9.5M11 6.6a5.2 5.2 0 0 1 6.6 4.4 3.9 3.9 0 0 1 2.3 5.6M4 4l16 16" />
  ),
  dot: () => <circle cx="12" cy="12" r="4.5" fill="currentColor" />,
  sound: () => <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />,
  mute: () => (
    <path d="M9 5.2a6 6 0 0 1 9 4.3c0 2 .3 3.4.7 4.5M16 16H4s2-1.5 2-6.5M10 19.5a2.2 2.2 0 0 0 4 0M4 4l16 16" />
  ),
  settings: () => (
    <>
      <path d="M4 7.5h8.5M17.5 7.5H20M4 16.5h2.5M11.5 16.5H20" />
      <circle cx="15" cy="7.5" r="2.5" />
      <circle cx="9" cy="16.5" r="2.5" />
    </>
  ),
  code: () => <path d="m8.5 7-5 5 5 5M15.5 7l5 5-5 5" />,
  star: () => <path d="m12 4 2.5 5.1 5.6.8-4.1 4 1 5.6-5-2.7-5 2.7 1-5.6-4.1-4 5.6-.8Z" />,
  check: () => (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="m8.5 12.2 2.5 2.5 4.7-5" />
    </>
  ),
  info: () => (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 11v5M12 7.9v.1" />
    </>
  ),
  megaphone: () => (
    <>
      <path d="M4 10v4l3 .3L16 19V5L7 9.7 4 10ZM19 9.5a4 4 0 0 1 0 5" />
      <path d="m7.5 14.5 1 5h2.5l-.8-4" />
    </>
  ),
  truck: () => (
    <>
      <path d="M3 6h11v10H3zM14 10h4l3 3v3h-7z" />
      <circle cx="7.5" cy="17" r="2" fill="var(--td-surface)" />
      <circle cx="17" cy="17" r="2" fill="var(--td-surface)" />
    </>
  ),
  cancelled: () => (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="m9 9 6 6M15 9l-6 6" />
    </>
  ),
} satisfies Record<string, () => ReactNode>;

export type IconName = keyof typeof drawings;

/** Other names for a drawing: the catalogue's icons, then the categories, which are what an unknown icon falls back to. */
const aliases: Readonly<Record<string, IconName>> = {
  like: "heart",
  resolved: "check",
  delivered: "check",
  mail: "message",
  envelope: "message",
  chat: "message",
  reply: "comment",
  follow: "person",
  user: "person",
  "user-plus": "person",
  "person-add": "person",
  friend: "person",
  at: "mention",
  box: "package",
  order: "package",
  assigned: "person",
  review: "check",
  fork: "code",
  release: "package",
  warning: "alert",
  error: "alert",
  siren: "alert",
  incident: "alert",
  lock: "shield",
  "credit-card": "card",
  payment: "card",
  success: "check",
  "check-circle": "check",
  announcement: "megaphone",
  social: "person",
  messages: "message",
  orders: "package",
  incidents: "alert",
  security: "shield",
  payments: "card",
  system: "info",
};

/** The drawing for an item of this icon and category. */
export function iconFor(icon: string, category: string): IconName {
  for (const name of [icon, category]) {
    if (Object.hasOwn(drawings, name)) return name as IconName;
    const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    if (alias) return alias;
  }
  return "bell";
}

/** A picture that says nothing by itself: the words are beside it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="td-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {drawings[name]()}
    </svg>
  );
}
