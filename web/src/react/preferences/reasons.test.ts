import { expect, it } from "vitest";
// The words that the functions write, so that a new one cannot be forgotten here.
import attention from "../../../../shared/attention/attention.go?raw";
import { aNotification } from "../../testing/notifications";
import { polishPreferences } from "../../testing/polish-preferences";
import { englishPreferences } from "./english";
import { germanPreferences } from "./german";
import { reasonsOf } from "./reasons";

const { why } = englishPreferences;
const reasons = [...attention.matchAll(/\bBy(?!Default)\w+\s+Reason = "(\w+)"/g)].map(match => match[1] ?? "");

it.each([englishPreferences, germanPreferences, polishPreferences])(
  "has a sentence for each of the functions' reasons",
  words => {
    expect(reasons.length).toBeGreaterThanOrEqual(7);
    expect(Object.keys(words.why.held).sort()).toEqual([...new Set(reasons)].sort());
  },
);

it.each([
  [{}, why.recipient, why.heldNot, { section: "category", category: "social" }],
  [{ why: "audience:topic-a:b" }, why.audience("topic-a:b"), why.heldNot, { section: "category", category: "social" }],
  [{ why: "audience:everybody" }, why.everybody, why.heldNot, { section: "category", category: "social" }],
  [{ type: "issue.mentioned" }, why.mentioned, why.heldNot, { section: "category", category: "social" }],
  [{ priority: "urgent" } as const, why.recipient, why.urgent, { section: "category", category: "social" }],
  [{ held: "presence" }, why.recipient, why.held.presence, null],
  [{ held: "quiet_hours" }, why.recipient, why.held.quiet_hours, { section: "quiet" }],
  [{ held: "do_not_disturb" }, why.recipient, why.held.do_not_disturb, { section: "disturb" }],
  [{ held: "budget" }, why.recipient, why.held.budget, { section: "pushes" }],
  [{ held: "preference" }, why.recipient, why.held.preference, { section: "category", category: "social" }],
  [{ held: "mute", muted: "mute" }, why.recipient, why.muted.mute, { section: "mutes" }],
  [{ muted: "preference" }, why.recipient, why.muted.preference, { section: "category", category: "social" }],
  [{ held: "moon" }, why.recipient, why.heldOther("moon"), { section: "category", category: "social" }],
  [{ held: "constructor" }, why.recipient, why.heldOther("constructor"), { section: "category", category: "social" }],
])("says of %j why, and where to change it", (item, told, decided, place) => {
  expect(reasonsOf(aNotification(item), why)).toEqual([
    { text: told, place: null },
    { text: decided, place },
  ]);
});
