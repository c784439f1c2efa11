/** Firestore documents in the form of its REST interface. */

const ranks = { low: 0, medium: 1, high: 2, urgent: 3 };

/** A whole document, as shared/store writes it. Whole numbers must be stored as such: the rules ask for it. */
export function stored({ id: _, ...given }, now) {
  const priority = given.priority ?? "medium";
  return {
    type: "post.liked",
    category: "social",
    priority,
    rank: ranks[priority],
    icon: "heart",
    title: "Somebody liked your post",
    body: "",
    url: "",
    why: "recipient",
    held: "",
    groupId: "",
    target: { type: "", id: "", title: "", url: "" },
    actors: [],
    actions: [],
    actorCount: 1,
    eventCount: 1,
    entryCount: 1,
    revision: 1,
    createdAt: now,
    updatedAt: now,
    latestAt: now,
    openedAt: now,
    expireAt: new Date(now.getTime() + 400 * 86_400_000),
    seenAt: null,
    readAt: null,
    archivedAt: null,
    snoozedUntil: null,
    retractedAt: null,
    doneAction: null,
    push: { at: null, revision: 0, message: "" },
    ...given,
  };
}

export function encode(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, encodeValue(value)]));
}

function encodeValue(value) {
  if (value === null) return { nullValue: null };
  if (value instanceof Date) return { timestampValue: value.toISOString() };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encodeValue) } };
  if (typeof value === "object") return { mapValue: { fields: encode(value) } };
  if (typeof value === "number") return { integerValue: String(value) };
  return { stringValue: String(value) };
}

/** What the tests look at: texts and times as they are, null for null. */
export function decode(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Object.values(value)[0]]));
}

/** The same with maps and lists as what they are. */
export function deepDecode(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, deepValue(value)]));
}

function deepValue(value) {
  if (value.mapValue) return deepDecode(value.mapValue.fields ?? {});
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(deepValue);
  return Object.values(value)[0];
}
