/** What decided about an item, in words, and where the person changes it: the pure part of "Why do I get this?". */
import type { Notification } from "../../core";
import type { Everybody } from "../../core/model";
import type { PreferencesPlace } from "../preferences-options";
import { isMention } from "../view";
import type { HeldReason, WhyWords } from "./words";

export interface Reason {
  readonly text: string;
  /** The setting that decided; null where none did. */
  readonly place: PreferencesPlace | null;
}

const everybody: Everybody = "audience:everybody";
const longest = 60; // characters of a name that a producer has given

export function reasonsOf(item: Notification, words: WhyWords): readonly Reason[] {
  return [{ text: toldAs(item, words), place: null }, decided(item, words)];
}

function toldAs(item: Notification, words: WhyWords): string {
  const { why } = item;
  if (isMention(item)) return words.mentioned;
  if (why === everybody) return words.everybody;
  const [kind, name] = [why.slice(0, why.indexOf(":")), why.slice(why.indexOf(":") + 1)];
  return kind === "audience" && name ? words.audience(shortened(name)) : words.recipient;
}

/** The archive says more than the push: what is not wanted there is not pushed, either. */
function decided(item: Notification, words: WhyWords): Reason {
  const { held, muted } = item;
  const category: PreferencesPlace = { section: "category", category: item.category };
  if (muted === "mute") return { text: words.muted.mute, place: { section: "mutes" } };
  if (muted === "preference") return { text: words.muted.preference, place: category };
  if (held === "") return { text: item.priority === "urgent" ? words.urgent : words.heldNot, place: category };
  if (!isKnown(held, words)) return { text: words.heldOther(shortened(held)), place: category };
  return { text: words.held[held], place: places[held] ?? (held === "preference" ? category : null) };
}

const places: Readonly<Partial<Record<HeldReason, PreferencesPlace>>> = {
  mute: { section: "mutes" },
  quiet_hours: { section: "quiet" },
  budget: { section: "pushes" },
  do_not_disturb: { section: "disturb" },
};

function isKnown(held: string, words: WhyWords): held is HeldReason {
  return Object.hasOwn(words.held, held);
}

function shortened(name: string): string {
  return name.length > longest ? `${name.slice(0, longest)}…` : name;
}
