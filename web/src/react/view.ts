/** Which of the items a tab, a category and a search leave: the pure part of the centre. */
import type { Notification } from "../core";

export type Tab = "all" | "unread" | "mentions" | "snoozed" | "archived";

export const allTabs: readonly Tab[] = ["all", "unread", "mentions", "snoozed", "archived"];

export interface View {
  readonly tab: Tab;
  /** Empty for all. */
  readonly category: string;
  readonly search: string;
}

export const wholeView: View = { tab: "all", category: "", search: "" };

/** The items of `view`, in their order. Archived and snoozed ones are lists of their own, and the caller's choice. */
export function choose(items: readonly Notification[], { tab, category, search }: View): readonly Notification[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  return items.filter(
    item =>
      (tab !== "unread" || item.readAt === null) &&
      (tab !== "mentions" || isMention(item)) &&
      (category === "" || item.category === category) &&
      (words.length === 0 || containsAll(item, words)),
  );
}

/** The categories that occur, in the order of the alphabet. */
export function categoriesOf(items: readonly Notification[]): readonly string[] {
  return [...new Set(items.map(item => item.category))].filter(Boolean).sort();
}

/** Whether somebody has named the person in it. */
export function isMention({ type }: Notification): boolean {
  return type.endsWith(".mentioned");
}

function containsAll(item: Notification, words: readonly string[]): boolean {
  const text = fold([item.title, item.body, ...item.actors.map(({ name }) => name)].join("\n"));
  return words.every(word => text.includes(word));
}

/** "Élodie" is found by "elodie". */
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
