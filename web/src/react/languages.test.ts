import { describe, expect, it } from "vitest";
import { polish } from "../testing/polish";
import { english } from "./english";
import { german } from "./german";
import { inWords, plural, type Words } from "./words";

const languages: readonly Words[] = [english, german, polish];
const counts = [0, 1, 2, 3, 5, 11, 21, 22, 99, 100, 1234];

/** Every sentence of `words`, each by the name that leads to it: a function says its sentences for many numbers. */
function sentences(words: object, path = ""): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(words)) {
    const at = `${path}${name}`;
    if (typeof value === "string") found.set(at, [value]);
    else if (typeof value === "function") found.set(at, said(at, value));
    else for (const [inner, text] of sentences(value, `${at}.`)) found.set(inner, text);
  }
  return found;
}

function said(at: string, say: (...given: unknown[]) => string): readonly string[] {
  const state = { urgent: true, offline: true };
  if (at.startsWith("notice.")) return counts.flatMap(count => [say({ count, title: "" }), say({ count, title: "T" })]);
  if (/\.(lately|alike)$/.test(at)) return counts.flatMap(count => [say(count, true), say(count, false)]);
  return /^(bell|announce|waiting)$/.test(at)
    ? counts.map(count => say(count, at === "bell" ? state : "T"))
    : [say("T", "T")];
}

/** All of them: those of the preferences come when they are opened. */
async function everySentence({ preferences: { title, load }, ...words }: Words) {
  return sentences({ ...words, preferences: { title, ...(await load()) } });
}

describe.each(languages.map(words => [words.locale, words] as const))("%s", async (locale, words) => {
  const own = await everySentence(words);
  const inEnglish = await everySentence(english);

  it("has every sentence that English has, and no other", () => {
    // Categories are the catalogue's: one without a name is shown as it is.
    const names = (all: ReadonlyMap<string, unknown>) =>
      [...all.keys()].filter(name => !name.startsWith("categories."));
    expect(names(own).sort()).toEqual(names(inEnglish).sort());
  });

  it("leaves none empty, and no number out", () => {
    for (const [name, texts] of own) {
      for (const text of texts) expect(`${name}: ${text}`).toMatch(/: .*\S/);
      for (const text of texts) expect(text).not.toMatch(/#|undefined|NaN|\[object/);
    }
  });

  it("is a language that the browser knows", () => {
    expect(Intl.PluralRules.supportedLocalesOf(locale)).toEqual([locale]);
  });
});

it.each([
  [1, "1 nowe powiadomienie: A"],
  [2, "2 nowe powiadomienia: A"],
  [5, "5 nowych powiadomień: A"],
  [12, "12 nowych powiadomień: A"],
  [22, "22 nowe powiadomienia: A"],
])("a language with four forms has the right one for %i", (count, sentence) => {
  expect(polish.announce(count, "A")).toBe(sentence);
});

it("so has one with six", () => {
  const forms = { zero: "zero", one: "one", two: "two", few: "few", many: "many", other: "other" };
  expect([0, 1, 2, 3, 11, 100].map(count => plural("ar", count, forms))).toEqual(Object.values(forms));
  expect(plural("ar", 3, { other: "#" })).toBe(new Intl.NumberFormat("ar").format(3));
  expect(inWords("pl", ["A", "B", "C"])).toBe("A, B i C");
});
