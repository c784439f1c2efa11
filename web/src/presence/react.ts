/** @packageDocumentation Presence in React. */
import { useEffect, useState } from "react";
import { absent, type PresenceOf } from "./follow";
import type { Watcher } from "./watch";

export type { PresenceOf } from "./follow";

/**
 * Whether these people are there and typing, by uid. They are listened to while the component is mounted; `presence` is null
 * until the person is signed in.
 */
export function usePresence(uids: readonly string[], presence: Watcher | null): ReadonlyMap<string, PresenceOf> {
  const [seen, setSeen] = useState<ReadonlyMap<string, PresenceOf>>(() => new Map());
  const key = JSON.stringify([...new Set(uids)].sort());
  useEffect(() => {
    if (!presence) return;
    const who: readonly string[] = JSON.parse(key);
    const stops = who.map(uid => presence.watch(uid, one => setSeen(before => new Map(before).set(uid, one))));
    return () => {
      for (const stop of stops) stop();
      setSeen(new Map());
    };
  }, [key, presence]);
  return new Map(uids.map(uid => [uid, seen.get(uid) ?? absent]));
}
