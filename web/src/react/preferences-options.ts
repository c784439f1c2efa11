import type { CategoryInfo, Channel } from "../core/preferences";

/** What the product has to choose from. It counts for the screen, for its place in the centre and for the items' menus. */
export interface PreferencesOptions {
  /** The categories of the product's catalogue; those of ours unless given. */
  readonly categories?: readonly CategoryInfo[];
  /** The ways that the product has, in this order; all unless given. Leave out "email" where nothing sends mail. */
  readonly channels?: readonly Channel[];
}

/** A setting to show: all of it, or where to begin. */
export type PreferencesPlace =
  | { readonly section: "disturb" | "quiet" | "pushes" | "digest" | "mutes" | "place" }
  | { readonly section: "category"; readonly category: string };
