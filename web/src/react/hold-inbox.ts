/** Open inboxes, each held by the components that use it: one for an app and a person, however often it is asked for. */
import type { FirebaseApp } from "firebase/app";
import { type Inbox, type InboxOptions, openInbox } from "../core";

interface Held {
  readonly inbox: Inbox;
  readonly user: InboxOptions["user"];
  holders: number;
}

export interface Hold {
  readonly inbox: Inbox;
  release(): void;
}

/** Answers what holds inboxes. They are opened by `open`. */
export function createHolder(open: (options: InboxOptions) => Inbox) {
  const apps = new WeakMap<FirebaseApp, Map<string, Held>>();

  return function hold(options: InboxOptions): Hold {
    const { app, user } = options;
    const people = apps.get(app) ?? new Map<string, Held>();
    apps.set(app, people);
    let held = people.get(user.uid);
    if (held?.user !== user) {
      // The same person, signed in anew: the old sign-in's token is of no use, and two listeners would cost twice.
      held?.inbox.close();
      held = { inbox: open(options), user, holders: 0 };
      people.set(user.uid, held);
    }
    const mine = held;
    mine.holders++;
    let released = false;
    return {
      inbox: mine.inbox,
      release() {
        if (released) return;
        released = true;
        mine.holders--;
        // StrictMode, and a component that is drawn anew, hold again within the same task.
        setTimeout(() => {
          if (mine.holders > 0 || people.get(user.uid) !== mine) return;
          people.delete(user.uid);
          mine.inbox.close();
        });
      },
    };
  };
}

export const holdInbox = createHolder(openInbox);
