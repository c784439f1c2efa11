/** Figures as `GET /v1/insight/types` answers them after a believable week, for the pictures and the checks of what people look at. */

const day = 86_400_000; // ms
const second = 1_000_000; // µs

/** A type: how many a day, what part of them comes to each step, how long people take, and what holds its pushes. */
const types = [
  {
    type: "post.liked",
    daily: 640,
    parts: { shown: 1, pushed: 0.21, displayed: 0.18, seen: 0.61, opened: 0.12, acted: 0 },
    seen: [5400, 64_000],
    held: { interval: 0.42, presence: 0.19, quiet_hours: 0.12, preference: 0.06 },
  },
  {
    type: "comment.created",
    daily: 210,
    parts: { shown: 0.99, pushed: 0.55, displayed: 0.5, seen: 0.83, opened: 0.47, acted: 0 },
    seen: [1260, 30_000],
    held: { presence: 0.21, quiet_hours: 0.14, mute: 0.05, budget: 0.04 },
  },
  {
    type: "friend.requested",
    daily: 38,
    parts: { shown: 1, pushed: 0.8, displayed: 0.75, seen: 0.95, opened: 0.31, acted: 0.71 },
    seen: [300, 9000],
    held: { quiet_hours: 0.13, do_not_disturb: 0.05 },
  },
  {
    type: "order.shipped",
    daily: 96,
    parts: {
      shown: 1,
      pushed: 0.72,
      displayed: 0.7,
      seen: 0.9,
      opened: 0.55,
      acted: 0,
      mailed: 0.4,
      bounced: 0.02,
      unsubscribed: 0.03,
    },
    seen: [640, 22_000],
    held: { quiet_hours: 0.16, presence: 0.08, no_device: 0.04 },
  },
  {
    type: "security.alert",
    daily: 4,
    parts: { shown: 1, pushed: 1, displayed: 1, seen: 1, opened: 0.9, acted: 0.8 },
    seen: [18, 240],
    held: {},
  },
];

export function someFigures(from = "2026-11-21", to = "2026-11-27") {
  const rows = [];
  const held = [];
  for (let at = Date.parse(from), n = 0; at <= Date.parse(to); at += day, n++) {
    const date = new Date(at).toISOString().slice(0, 10);
    for (const [place, { type, daily, parts, seen, held: reasons }] of types.entries()) {
      const wave = 1 + 0.3 * Math.sin(n + place); // no two days are alike
      const accepted = Math.round(daily * wave);
      const part = share => Math.round(accepted * share);
      const [median, p95] = seen.map(seconds => Math.round(seconds * second * (2 - wave)));
      rows.push({
        ...none,
        ...{ type, channel: "in_app", day: date, accepted, shown: part(parts.shown), seen: part(parts.seen) },
        ...{ opened: part(parts.opened), acted: part(parts.acted), seenMedianMicros: median, seenP95Micros: p95 },
        ...{ timed: part(parts.shown), medianMicros: Math.round(38_000 * wave), p95Micros: Math.round(120_000 * wave) },
      });
      if (parts.mailed) {
        const mails = {
          mailed: part(parts.mailed),
          bounced: part(parts.bounced),
          unsubscribed: part(parts.unsubscribed),
        };
        rows.push({ ...none, type, channel: "email", day: date, ...mails });
      }
      rows.push({
        ...none,
        type,
        channel: "push",
        day: date,
        pushed: part(parts.pushed),
        displayed: part(parts.displayed),
      });
      for (const [reason, share] of Object.entries(reasons)) {
        held.push({ type, channel: "push", day: date, reason, count: part(share), released: 0, seen: 0 });
      }
    }
  }
  return { from, to, rows, held };
}

const none = Object.fromEntries(
  [
    ...[
      "accepted",
      "shown",
      "pushed",
      "held",
      "retried",
      "mailed",
      "bounced",
      "unsubscribed",
      "withdrawn",
      "deadLettered",
      "timed",
      "medianMicros",
    ],
    ...["p95Micros", "displayed", "seen", "opened", "acted", "dismissed", "mutedAfter", "seenMedianMicros"],
    ...["seenP95Micros", "actedMedianMicros", "actedP95Micros"],
  ].map(name => [name, 0]),
);

/** Has the page be answered with those figures, whatever days it asks for. */
export function answerWith(page, figures) {
  return page.route("**/v1/insight/types?*", route => route.fulfill({ json: figures }));
}
