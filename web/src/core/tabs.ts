/**
 * What the tabs of one person tell each other. The items themselves need no telling: Firestore's cache is shared. Without
 * BroadcastChannel each tab is on its own.
 */
export type TabMessage =
  /** A toast was closed by hand, at this revision. */
  | { readonly kind: "dismissed"; readonly id: string; readonly revision: number }
  /** Somebody looks at a tab again, and this one may be the one that holds the connection for all. */
  | { readonly kind: "looked" };

export interface Tabs {
  tell(message: TabMessage): void;
  close(): void;
}

export function joinTabs(name: string, hear: (message: TabMessage) => void): Tabs {
  if (typeof BroadcastChannel === "undefined") return { tell() {}, close() {} };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => hear(data);
  return { tell: message => channel.postMessage(message), close: () => channel.close() };
}
