const ring = "M12 3.5a8.5 8.5 0 1 0 .01 0Z";

/** Drawn on a grid of 24, each as one line, so that they take the colour of the text around them. */
const drawings = {
  bell: "M6 9.5a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4s2-1.5 2-6.5ZM10 19.5a2.2 2.2 0 0 0 4 0",
  heart: "M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.3a4.3 4.3 0 0 1 7.5 2.5C19.5 15.4 12 20 12 20Z",
  comment: "M20 11.5a7.5 7 0 0 1-11 6.2L4.5 19l1.4-3.7A7.5 7 0 1 1 20 11.5Z",
  message: "M5.5 5.5h13a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2ZM4.5 7.5l7.5 6 7.5-6",
  person: "M10 4.5a3.5 3.5 0 1 0 .01 0ZM3.5 19.5c.5-3.7 3.2-5.5 6.5-5.5s6 1.8 6.5 5.5M18.5 8v6M15.5 11h6",
  mention: "M12 8.5a3.5 3.5 0 1 0 .01 0ZM15.5 8.5v4.7a2.3 2.3 0 0 0 4.7 0V12a8.2 8.2 0 1 0-3.5 6.7",
  package: "M12 3.5l7.5 4v9L12 20.5l-7.5-4v-9l7.5-4ZM4.8 7.7l7.2 4 7.2-4M12 11.7v8.5M8.2 5.6l7.3 4",
  alert: "M12 4 3 19.5h18L12 4ZM12 10v4.5M12 17v.1",
  shield: "M12 3.5l7 2.7V11c0 4.5-3 7.8-7 9.5-4-1.7-7-5-7-9.5V6.2l7-2.7ZM9 11.8l2.2 2.2L15 10",
  card: "M5 5.5h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-14a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2ZM3 10h18M6.5 14.8h4",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  archive:
    "M4.5 4.5h15a1 1 0 0 1 1 1v2.5a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-2.5a1 1 0 0 1 1-1ZM5 9v8.5a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9M10 13h4",
  clock: `${ring}M12 7v5l3.2 2`,
  search: "M11 4.5a6.5 6.5 0 1 0 .01 0ZM16 16l4.5 4.5",
  close: "M6 6l12 12M18 6 6 18",
  offline: "M8 8.5a4.5 4.5 0 0 0-1 10h9.5M11 6.6a5.2 5.2 0 0 1 6.6 4.4 3.9 3.9 0 0 1 2.3 5.6M4 4l16 16",
  dot: "M12 12h.01",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  mute: "M9 5.2a6 6 0 0 1 9 4.3c0 2 .3 3.4.7 4.5M16 16H4s2-1.5 2-6.5M10 19.5a2.2 2.2 0 0 0 4 0M4 4l16 16",
  settings: "M4 7.5h8.5M17.5 7.5H20M4 16.5h2.5M11.5 16.5H20M15 5a2.5 2.5 0 1 0 .01 0ZM9 14a2.5 2.5 0 1 0 .01 0Z",
  code: "M8.5 7l-5 5 5 5M15.5 7l5 5-5 5",
  star: "M12 4l2.5 5.1 5.6.8-4.1 4 1 5.6-5-2.7-5 2.7 1-5.6-4.1-4 5.6-.8Z",
  check: `${ring}M8.5 12.2l2.5 2.5 4.7-5`,
  info: `${ring}M12 11v5M12 7.9v.1`,
  megaphone: "M4 10v4l3 .3L16 19V5L7 9.7 4 10ZM19 9.5a4 4 0 0 1 0 5M7.5 14.5l1 5h2.5l-.8-4",
  truck: "M5.8 16H3V6h11v10H9.2M14 10h4l3 3v3h-2.3M14 16h1.3M7.5 15a2 2 0 1 0 .01 0ZM17 15a2 2 0 1 0 .01 0Z",
  cancelled: `${ring}M9 9l6 6M15 9l-6 6`,
} satisfies Record<string, string>;

/** Lines that are wider than the others: their dots. */
const widths: { readonly [name in keyof typeof drawings]?: number } = { more: 3, dot: 10.8 };

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
      <path d={drawings[name]} strokeWidth={widths[name]} />
    </svg>
  );
}
