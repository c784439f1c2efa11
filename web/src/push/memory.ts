/**
 * What the worker knows about this browser from one event to the next, and what follows from each: pure. A worker is
 * ended whenever nothing happens, so all of it is stored.
 */
import type { KeptClick, Showable } from "./messages";

export interface Memory {
  /** Whose pushes this browser gets; null is nobody's, and none is shown. */
  readonly owner: string | null;
  /** The latest revision of each item that was shown or withdrawn, the last one at the end. */
  readonly dealt: readonly Dealt[];
  /** What the badge counts, by person: the unread items that a page has named, and those that were pushed since. */
  readonly unread: Readonly<Record<string, readonly string[]>>;
  /** Whose page each is, by the id of its client. */
  readonly pages: Readonly<Record<string, string>>;
  /** Presses that wait for a page of the person. */
  readonly clicks: readonly KeptClick[];
}

interface Dealt {
  readonly uid: string;
  readonly id: string;
  readonly revision: number;
}

export const blank: Memory = { owner: null, dealt: [], unread: {}, pages: {}, clicks: [] };

const mostDealt = 500; // a push that is later than 500 others shows again: better than a memory without an end
const mostClicks = 20;
const keepFor = 7 * 86_400_000; // ms; nobody expects an answer to be given weeks after it was pressed

/** Whether the item's revision is still to be shown to the person. */
export function isNew({ dealt }: Memory, uid: string, { id, revision }: { id: string; revision: number }): boolean {
  return !dealt.some(one => one.uid === uid && one.id === id && one.revision >= revision);
}

/** The item was shown. */
export function afterShow(memory: Memory, uid: string, item: Showable): Memory {
  const news = item.of.length > 0 ? item.of : [item.id];
  const counted =
    item.priority === "low" && item.of.length === 0
      ? memory
      : setUnread(memory, uid, [...unreadOf(memory, uid), ...news]);
  return deal(counted, { uid, id: item.id, revision: item.revision });
}

/** The person is done with the item: what comes late of it is not shown. */
export function afterWithdraw(memory: Memory, uid: string, id: string, revision: number): Memory {
  // Something newer is on the screen, and stays.
  if (memory.dealt.some(one => one.uid === uid && one.id === id && one.revision > revision)) return memory;
  const without = unreadOf(memory, uid).filter(one => one !== id);
  return deal(setUnread(memory, uid, without), { uid, id, revision });
}

function deal(memory: Memory, next: Dealt): Memory {
  const others = memory.dealt.filter(one => one.uid !== next.uid || one.id !== next.id);
  return { ...memory, dealt: [...others, next].slice(-mostDealt) };
}

/** Whether a summary of these items is of use no more: none of them is unread. */
export function isOver(memory: Memory, uid: string, of: readonly string[]): boolean {
  return of.length > 0 && !unreadOf(memory, uid).some(id => of.includes(id));
}

function unreadOf({ unread }: Memory, uid: string): readonly string[] {
  return Object.hasOwn(unread, uid) ? (unread[uid] ?? []) : [];
}

/** A page of the person knows exactly. */
export function setUnread(memory: Memory, uid: string, ids: readonly string[]): Memory {
  return { ...memory, unread: { ...memory.unread, [uid]: [...new Set(ids)] } };
}

/** The number for the app's icon; null if it is another person's. */
export function badgeFor(memory: Memory, uid: string): number | null {
  return memory.owner === null || memory.owner === uid ? unreadOf(memory, uid).length : null;
}

/** Pushes are for `uid` from now on: for nobody else if `alone`, otherwise only if they were nobody's. */
export function own(memory: Memory, uid: string, alone: boolean): Memory {
  return alone ? { ...guard(memory, uid), owner: uid } : { ...memory, owner: memory.owner ?? uid };
}

/** Somebody else than before is signed in: what was the other's is forgotten, and nobody's pushes are shown until `own`. */
export function guard(memory: Memory, uid: string): Memory {
  if (memory.owner === null || memory.owner === uid) return memory;
  return leave(memory, memory.owner);
}

/** The person has signed out: nothing of theirs is kept. */
export function leave(memory: Memory, uid: string): Memory {
  const { [uid]: _, ...unread } = memory.unread;
  return {
    owner: memory.owner === uid ? null : memory.owner,
    dealt: memory.dealt.filter(one => one.uid !== uid),
    unread,
    pages: Object.fromEntries(Object.entries(memory.pages).filter(([, whose]) => whose !== uid)),
    clicks: memory.clicks.filter(one => one.uid !== uid),
  };
}

/** A page has said whose it is. `open` are the clients there are: those that are gone are forgotten. */
export function setPage(memory: Memory, client: string, uid: string, open: readonly string[]): Memory {
  const pages = Object.entries(memory.pages).filter(([id]) => open.includes(id));
  return { ...memory, pages: { ...Object.fromEntries(pages), [client]: uid } };
}

export function keepClick(memory: Memory, click: KeptClick): Memory {
  return { ...memory, clicks: [...memory.clicks, click].slice(-mostClicks) };
}

/** What the person has pressed and no page has carried out. */
export function clicksOf({ clicks }: Memory, uid: string, now: number): readonly KeptClick[] {
  return clicks.filter(one => one.uid === uid && now - one.at < keepFor);
}

/** A page has carried them out. */
export function dropClicks(memory: Memory, done: readonly KeptClick[]): Memory {
  const isDone = (one: KeptClick) => done.some(({ uid, id, at }) => uid === one.uid && id === one.id && at === one.at);
  return { ...memory, clicks: memory.clicks.filter(one => !isDone(one)) };
}
