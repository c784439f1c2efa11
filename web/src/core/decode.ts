/**
 * Reading stored documents without trusting them: an older or newer writer must never break an inbox, so what is
 * missing or of the wrong kind becomes the value that shows least.
 */
import type { Action, Actor, Notification, Priority, Target } from "./model";
import { fields, integer, text, time } from "./unknown";

const priorities: readonly Priority[] = ["low", "medium", "high", "urgent"];

/** The data of `users/{uid}/notifications/{id}` as a {@link Notification}. */
export function decodeNotification(
  id: string,
  data: Readonly<Record<string, unknown>>,
  pending: boolean,
): Notification {
  const rank = integer(data.rank, 1);
  return {
    id,
    type: text(data.type),
    category: text(data.category),
    priority: priorities.find(priority => priority === data.priority) ?? priorityOf(rank),
    rank,
    icon: text(data.icon),
    title: text(data.title).trim() ? text(data.title) : titleFor(data),
    body: text(data.body),
    actors: list(data.actors, actor),
    actorCount: integer(data.actorCount, 0),
    eventCount: integer(data.eventCount, 0),
    target: target(data.target),
    url: text(data.url),
    actions: list(data.actions, action),
    doneAction: text(data.doneAction) || null,
    doneAt: time(data.doneAt),
    createdAt: time(data.createdAt) ?? 0,
    updatedAt: time(data.updatedAt) ?? 0,
    revision: integer(data.revision, 0),
    seenAt: time(data.seenAt),
    readAt: time(data.readAt),
    followedAt: time(data.followedAt),
    archivedAt: time(data.archivedAt),
    snoozedUntil: time(data.snoozedUntil),
    retractedAt: time(data.retractedAt),
    expireAt: time(data.expireAt),
    why: text(data.why),
    held: text(data.held),
    shown: shown(data),
    muted: text(data.muted),
    pending,
  };
}

/** A newer server may know more priorities than we do: what ranks above urgent is no less. */
function priorityOf(rank: number): Priority {
  return priorities[Math.min(Math.max(rank, 0), 3)] ?? "medium";
}

/** No row may be empty: what it happened to, else the type, "invoice.paid" as "Invoice paid". */
function titleFor(data: Readonly<Record<string, unknown>>): string {
  const words = text(data.type)
    .replace(/[._-]+/g, " ")
    .trim();
  return target(data.target)?.title.trim() || words.charAt(0).toUpperCase() + words.slice(1) || "…";
}

/** The last push, unless it was withdrawn. */
function shown({ push, withdrawn }: Readonly<Record<string, unknown>>): number {
  const last = integer(fields(push)?.revision, 0);
  return last > 0 && last > integer(fields(withdrawn)?.revision, 0) ? last : 0;
}

function list<T>(value: unknown, read: (entry: Readonly<Record<string, unknown>>) => T): readonly T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const found = fields(entry);
    return found ? [read(found)] : [];
  });
}

function actor(data: Readonly<Record<string, unknown>>): Actor {
  return { id: text(data.id), name: text(data.name), imageUrl: text(data.imageUrl) };
}

function action(data: Readonly<Record<string, unknown>>): Action {
  const style = data.style === "primary" || data.style === "danger" ? data.style : "";
  return { id: text(data.id), label: text(data.label), url: text(data.url), style };
}

function target(value: unknown): Target | null {
  const data = fields(value);
  if (!data || (!text(data.type) && !text(data.id))) return null;
  return {
    type: text(data.type),
    id: text(data.id),
    source: text(data.source),
    title: text(data.title),
    url: text(data.url),
  };
}
