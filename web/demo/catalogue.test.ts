import { describe, expect, it } from "vitest";
// The catalogue itself, so that a type which is renamed there cannot be forgotten here.
import catalogue from "../../shared/catalog/types.yaml?raw";
import { iconFor } from "../src/react/icons";
import { operations, social } from "./scenarios";

const types = new Set([...catalogue.matchAll(/^ {2}([a-z_]+(?:\.[a-z_]+)?):/gm)].map(match => match[1]));
const icons = [...catalogue.matchAll(/\bicon: (\w+)/g)].map(match => match[1] ?? "");
const categories = [...catalogue.matchAll(/^ {2}- \{name: (\w+),/gm)].map(match => match[1] ?? "");

const [alice, bob] = ["alice", "bob"].map(uid => ({ uid, name: uid, email: "", password: "" }));

describe("the catalogue", () => {
  it.each([...new Set(icons)])("has a drawing for its icon %s", icon => expect(iconFor(icon, "")).not.toBe("bell"));

  it("names categories, and each has a drawing to fall back to", () => {
    expect(categories.length).toBeGreaterThan(0);
    for (const category of categories) expect(iconFor("", category)).not.toBe("bell");
  });

  it.each([...social, ...operations].filter(({ id }) => id !== "broken"))(
    "knows every type that the button $label posts",
    scenario => {
      if (!alice || !bob) throw new Error("two people are needed");
      for (let times = 0; times < 6; times++) {
        expect([...types]).toContain(scenario.event({ actor: alice, to: bob, times }).type);
      }
    },
  );
});
