import { expect, it } from "vitest";
// The words that the functions write, so that a new one cannot be forgotten here.
import attention from "../../shared/attention/attention.go?raw";
import { heldText } from "./held";

const words = [...attention.matchAll(/\bBy(?!Default)\w+\s+Reason = "(\w+)"/g)].map(match => match[1] ?? "");

it("finds the functions' words", () => expect(words.length).toBeGreaterThanOrEqual(5));

it.each(words)("says for people that a push was held: %s", held => {
  expect(heldText(held, "Bob")).not.toBe(held);
});
