import { expect, it } from "vitest";
// The words that the functions write, so that a new one cannot be forgotten here.
import facts from "../../../functions/notify/facts.go?raw";
import attention from "../../../shared/attention/attention.go?raw";
import { wordsOf } from "./words";

const reasons = [
  ...attention.matchAll(/\bBy\w+\s+Reason = "(\w+)"/g),
  // What a mail waits for is no reason of pushes.
  ...facts.matchAll(/\bbecause(?!Unseen)\w+\s+= "(\w+)"\s+\/\/ held:/g),
].map(([, reason = ""]) => reason);

it.each(["en", "de"])("has a word for each reason to hold a push: %s", lang => {
  const { locale, held } = wordsOf(lang);
  expect(locale).toBe(lang);
  expect(reasons.length).toBeGreaterThanOrEqual(12);
  expect(Object.keys(held.reasons).sort()).toEqual([...reasons].sort());
});

it("is English where nobody asks for another language that is there", () => {
  expect([null, "", "fr"].map(lang => wordsOf(lang).locale)).toEqual(["en", "en", "en"]);
});
