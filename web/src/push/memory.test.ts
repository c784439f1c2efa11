import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterShow,
  afterWithdraw,
  badgeFor,
  blank,
  clicksOf,
  dropClicks,
  guard,
  isNew,
  isOver,
  keepClick,
  leave,
  type Memory,
  own,
  setPage,
  setUnread,
} from "./memory";
import type { Showable } from "./messages";

const item = (id: string, revision: number, priority = "high"): Showable => ({
  id,
  revision,
  priority,
  title: id,
  body: "",
  url: "",
  actions: [],
  of: [],
  beacon: "",
});

/** Takes what arrives as the worker does, and answers which revisions were on the screen. */
function play(arrivals: readonly { id: string; revision: number; withdraw: boolean }[]) {
  let memory: Memory = own(blank, "ada", true);
  const shown: string[] = [];
  for (const { id, revision, withdraw } of arrivals) {
    if (withdraw) memory = afterWithdraw(memory, "ada", id, revision);
    else if (isNew(memory, "ada", { id, revision })) {
      shown.push(`${id} ${revision}`);
      memory = afterShow(memory, "ada", item(id, revision));
    }
  }
  return { memory, shown };
}

const arrival = fc.record({
  id: fc.constantFrom("a", "b"),
  revision: fc.integer({ min: 1, max: 5 }),
  withdraw: fc.boolean(),
});

describe("what is shown", () => {
  it("is each revision once, and never an older one after a newer one, whatever comes in which order", () => {
    fc.assert(
      fc.property(fc.array(arrival), arrivals => {
        const { shown } = play(arrivals);
        for (const id of ["a", "b"]) {
          const revisions = shown.filter(one => one.startsWith(id)).map(one => Number(one.slice(2)));
          expect(revisions).toEqual([...new Set(revisions)].sort((x, y) => x - y));
        }
      }),
    );
  });

  it("is nothing that was withdrawn before", () => {
    const late = { id: "a", revision: 2, withdraw: false };
    expect(play([{ id: "a", revision: 2, withdraw: true }, late]).shown).toEqual([]);
    expect(play([{ id: "a", revision: 1, withdraw: true }, late]).shown).toEqual(["a 2"]);
  });

  it("stays after the withdrawal of something older", () => {
    const { memory } = play([
      { id: "a", revision: 3, withdraw: false },
      { id: "a", revision: 2, withdraw: true },
    ]);
    expect(badgeFor(memory, "ada")).toBe(1);
    expect(isNew(memory, "ada", { id: "a", revision: 3 })).toBe(false);
  });

  it("is remembered by person: two people may have the same item", () => {
    const memory = afterShow(blank, "ada", item("a", 1));
    expect(isNew(memory, "bea", { id: "a", revision: 1 })).toBe(true);
  });

  it("is remembered to an end", () => {
    let memory = blank;
    for (let n = 0; n < 600; n++) memory = afterShow(memory, "ada", item(`n${n}`, 1));
    expect(memory.dealt).toHaveLength(500);
    expect(isNew(memory, "ada", { id: "n599", revision: 1 })).toBe(false);
  });
});

describe("the badge", () => {
  it("counts each unread item once, whether the page or a push told of it", () => {
    let memory = setUnread(own(blank, "ada", true), "ada", ["a", "b"]);
    memory = afterShow(afterShow(memory, "ada", item("b", 2)), "ada", item("c", 1));
    expect(badgeFor(memory, "ada")).toBe(3);
    memory = afterWithdraw(memory, "ada", "a", 1);
    expect(badgeFor(memory, "ada")).toBe(2);
  });

  it("does not count low ones", () => {
    expect(badgeFor(afterShow(blank, "ada", item("a", 1, "low")), "ada")).toBe(0);
  });

  it("counts what a summary is of, which is over once none of that is unread", () => {
    const summary = { ...item("catch-up", 1, "low"), of: ["a", "b"] };
    let memory = afterShow(own(blank, "ada", true), "ada", summary);
    expect(badgeFor(memory, "ada")).toBe(2);
    memory = afterWithdraw(memory, "ada", "a", 1);
    expect(isOver(memory, "ada", summary.of)).toBe(false);
    memory = setUnread(memory, "ada", ["c"]);
    expect(isOver(memory, "ada", summary.of)).toBe(true);
    expect(isOver(memory, "ada", [])).toBe(false);
  });

  it("is the owner's alone", () => {
    expect(badgeFor(setUnread(own(blank, "ada", true), "bea", ["a"]), "bea")).toBeNull();
  });

  it("takes names of the language for names", () => {
    expect(badgeFor(afterShow(blank, "__proto__", item("constructor", 1)), "constructor")).toBe(0);
  });
});

describe("whose pushes", () => {
  const adas = keepClick(afterShow(own(blank, "ada", true), "ada", item("a", 1)), {
    uid: "ada",
    id: "a",
    action: "",
    at: 0,
  });

  it("are nobody's while somebody else takes over, and then theirs", () => {
    expect(guard(adas, "bea").owner).toBeNull();
    expect(own(guard(adas, "bea"), "bea", true).owner).toBe("bea");
    expect(own(adas, "bea", true)).toEqual({ ...blank, owner: "bea" });
  });

  it("stay where each person has an address of their own", () => {
    expect(own(adas, "bea", false)).toEqual(adas);
  });

  it("stay when the same person comes back", () => expect(guard(adas, "ada")).toBe(adas));

  it("leave nothing behind when the person signs out", () => {
    expect(leave(setPage(adas, "client", "ada", ["client"]), "ada")).toEqual(blank);
  });
});

describe("kept presses", () => {
  const click = { uid: "ada", id: "a", action: "accept", at: 1000 };

  it("are the person's, until they are carried out", () => {
    const memory = keepClick(blank, click);
    expect(clicksOf(memory, "ada", 2000)).toEqual([click]);
    expect(clicksOf(memory, "bea", 2000)).toEqual([]);
    expect(clicksOf(dropClicks(memory, [click]), "ada", 2000)).toEqual([]);
    expect(clicksOf(dropClicks(memory, [{ ...click, at: 1 }]), "ada", 2000)).toEqual([click]);
  });

  it("are not carried out weeks later", () => {
    expect(clicksOf(keepClick(blank, click), "ada", 1000 + 8 * 86_400_000)).toEqual([]);
  });

  it("are few", () => {
    let memory = blank;
    for (let at = 0; at < 50; at++) memory = keepClick(memory, { ...click, at });
    expect(memory.clicks).toHaveLength(20);
  });
});

describe("pages", () => {
  it("are forgotten once they are gone", () => {
    const memory = setPage(setPage(blank, "one", "ada", ["one"]), "two", "bea", ["two"]);
    expect(memory.pages).toEqual({ two: "bea" });
  });
});
