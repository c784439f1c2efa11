// Written by go test ./shared/catalog -run TestTheWebsCategories -update: a change belongs in shared/catalog/types.yaml.

/** What choices are about, as a settings page shows it. */
export interface CategoryInfo {
  readonly category: string;
  /** By language. */
  readonly title: Readonly<Record<string, string>>;
  /** Where at least one of its types goes by default. */
  readonly channels: readonly ("in_app" | "push" | "email")[];
  /** Its types that no choice and no mute holds back. */
  readonly alwaysOn: readonly string[];
  /** False where all of its types are always on: there is nothing to choose. */
  readonly mutable: boolean;
}

export const categories: readonly CategoryInfo[] = [
  {
    category: "social",
    title: { en: "People and posts", de: "Menschen und Beiträge" },
    channels: ["in_app", "push"],
    alwaysOn: [],
    mutable: true,
  },
  {
    category: "messages",
    title: { en: "Messages", de: "Nachrichten" },
    channels: ["in_app", "push"],
    alwaysOn: [],
    mutable: true,
  },
  {
    category: "code",
    title: { en: "Code and reviews", de: "Code und Reviews" },
    channels: ["in_app", "push"],
    alwaysOn: [],
    mutable: true,
  },
  {
    category: "orders",
    title: { en: "Orders", de: "Bestellungen" },
    channels: ["in_app", "push"],
    alwaysOn: [],
    mutable: true,
  },
  {
    category: "incidents",
    title: { en: "Incidents", de: "Störungen" },
    channels: ["in_app", "push"],
    alwaysOn: [],
    mutable: true,
  },
  {
    category: "security",
    title: { en: "Security", de: "Sicherheit" },
    channels: ["in_app", "push", "email"],
    alwaysOn: ["security.alert"],
    mutable: true,
  },
  {
    category: "payments",
    title: { en: "Payments", de: "Zahlungen" },
    channels: ["in_app", "push", "email"],
    alwaysOn: [],
    mutable: true,
  },
  {
    category: "system",
    title: { en: "Announcements and the system", de: "Ankündigungen und System" },
    channels: ["in_app", "push"],
    alwaysOn: [],
    mutable: true,
  },
];
