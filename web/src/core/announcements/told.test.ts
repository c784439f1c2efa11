import { describe, expect, it } from "vitest";
import { decodeSaid, itemsOf, type StoredMark, saidNothing } from "./told";

const at = (ms: number) => ({ toMillis: () => ms });
const data = {
  type: "system.maintenance",
  category: "system",
  priority: "high",
  rank: 2,
  title: "Down on Sunday",
  body: "For an hour",
  words: { de: { title: "Am Sonntag zu" }, "pt-BR": { title: "Fora do ar", body: "Uma hora" } },
  url: "/status",
  mutable: true,
  createdAt: at(1),
  updatedAt: at(2),
  expireAt: at(3),
};

function shown(given: {
  readonly data?: object;
  readonly mark?: StoredMark;
  readonly said?: Partial<typeof saidNothing>;
}) {
  const announcements = [{ id: "a", data: { ...data, ...given.data } }];
  const marks = new Map(given.mark ? [["a", given.mark]] : []);
  const [item] = itemsOf({ announcements, marks, fromCache: false }, { ...saidNothing, ...given.said });
  return item;
}

describe("an announcement", () => {
  it("is an unread item of the person's, which nobody has marked yet", () => {
    expect(shown({})).toMatchObject({
      id: "a",
      priority: "high",
      title: "Down on Sunday",
      url: "/status",
      updatedAt: 2,
      expireAt: 3,
      revision: 1,
      seenAt: null,
      readAt: null,
      archivedAt: null,
      target: null,
      actions: [],
      why: "audience:everybody",
      pending: false,
    });
  });

  it.each([
    ["de-AT", "Am Sonntag zu", ""],
    ["de", "Am Sonntag zu", ""],
    ["pt-br", "Fora do ar", "Uma hora"],
    ["pt", "Down on Sunday", "For an hour"],
    ["fr", "Down on Sunday", "For an hour"],
    ["", "Down on Sunday", "For an hour"],
  ])("speaks to somebody whose language is %j", (locale, title, body) => {
    expect(shown({ said: { locale } })).toMatchObject({ title, body });
  });

  it("has the person's marks, and no more of that document than the marks", () => {
    const mark = { data: { seenAt: at(4), readAt: at(5), snoozedUntil: at(6), title: "Mine", rank: 3 }, pending: true };
    expect(shown({ mark })).toMatchObject({
      title: "Down on Sunday",
      rank: 2,
      seenAt: 4,
      readAt: 5,
      archivedAt: null,
      snoozedUntil: 6,
      expireAt: 3,
      pending: true,
    });
  });

  it("of a category that is switched off is in the archive, until it is taken out", () => {
    const said = { off: new Set(["system"]) };
    expect(shown({ said })).toMatchObject({ archivedAt: 2, muted: "preference" });
    const taken = { data: { archivedAt: null, expireAt: at(3) }, pending: false };
    expect(shown({ said, mark: taken })).toMatchObject({ archivedAt: null, muted: "" });
    expect(shown({ said, data: { mutable: false } })).toMatchObject({ archivedAt: null });
    expect(shown({ said: { off: new Set(["social"]) } })).toMatchObject({ archivedAt: null });
  });

  it.each([
    ["words of another kind", { words: "de" }],
    ["no words", { words: null }],
    ["words without a title", { words: { de: {} } }],
  ])("with %s still says something", (_what, wrong) => {
    expect(shown({ data: wrong, said: { locale: "de" } })?.title).not.toBe("");
  });
});

it.each([
  [{ locale: { stringValue: "de" } }, "de", []],
  [
    {
      preferences: {
        mapValue: {
          fields: {
            in_app: { mapValue: { fields: { system: { booleanValue: false }, code: { booleanValue: true } } } },
          },
        },
      },
    },
    "",
    ["system"],
  ],
  [{ locale: { integerValue: "3" }, preferences: { mapValue: {} } }, "", []],
  [{}, "", []],
  [null, "", []],
  ["nothing", "", []],
])("reads what %j says", (profile, locale, off) => {
  const said = decodeSaid(profile);
  expect(said.locale).toBe(locale);
  expect([...said.off]).toEqual(off);
});
