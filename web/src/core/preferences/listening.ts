/** Listens to the profile while somebody is subscribed. */
import { type Connection, type InboxUser, keepListening } from "../connection";
import { ahead } from "./ahead";
import { decodeSettings } from "./decode";
import type { PreferencesSnapshot, ProfileChange } from "./model";
import type { ProfilePage, ProfileSource } from "./profile";

export interface Listening {
  /** Somebody wants to know. Returns the function that says that they do not any more; calling that twice is fine. */
  hold(): () => void;
  online(online: boolean): void;
  /**
   * A change is on its way: shows what will be, whatever else is told meanwhile, until the function that is returned is
   * called. Then Firestore has said the same, or the change was refused or has not even reached it.
   */
  expect(change: ProfileChange): () => void;
  retry(): void;
  close(): void;
}

export function createListening(
  user: InboxUser,
  profile: ProfileSource,
  learn: (news: Partial<PreferencesSnapshot>) => void,
  pending: (pending: boolean) => void,
): Listening {
  let holders = 0;
  let connection: Connection | null = null;
  let last: ProfilePage | null = null;
  let isOnline = true;
  const expected = new Set<ProfileChange>();

  const settingsOf = ({ items: [stored] }: ProfilePage) =>
    decodeSettings([...expected].reduce(ahead, stored?.data ?? null));

  function show(page: ProfilePage) {
    last = page;
    const [stored] = page.items;
    // An empty cache says nothing while the server may. Without a network, who has said nothing yet can still say something.
    const loaded = stored !== undefined || !page.fromCache || !isOnline;
    if (loaded) learn({ loaded, settings: settingsOf(page), error: null });
    pending(stored?.pending ?? false);
  }

  /** What is known grows old from now on: whoever looks next waits for the cache or the server. */
  function close() {
    connection?.close();
    connection = last = null;
    learn({ loaded: false });
  }

  return {
    hold() {
      holders++;
      connection ??= keepListening<ProfilePage>(user, profile.listen, {
        page: show,
        trouble: error => learn({ error: error.code }),
      });
      let left = false;
      return () => {
        if (left) return;
        left = true;
        if (--holders === 0) close();
      };
    },
    online(online) {
      isOnline = online;
      if (last) show(last);
    },
    expect(change) {
      expected.add(change);
      if (last) learn({ settings: settingsOf(last) });
      return () => {
        if (expected.delete(change) && last) show(last);
      };
    },
    retry: () => connection?.retry(),
    close,
  };
}
