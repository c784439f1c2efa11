/** What everybody is told, as items of the person's; and the server's time. */
import type { FirebaseApp } from "firebase/app";
import type { InboxUser } from "../connection";
import type { ServerLook } from "../database";
import type { AnnouncedObserver } from "../page";
import { askServer, type Late, listenToAnnouncements } from "./firestore";
import { decodeSaid, itemsOf, type Said, saidNothing, type ToldPage } from "./told";

/** The time and the profile come in one answer, at the price of one read: whoever asks second has it already. */
export interface Told {
  /** The server's time minus this machine's, in milliseconds; null if it does not answer. The first call may take an answer that is there. */
  offset(): Promise<number | null>;
  /**
   * Listens to the announcements. What the person has said decides about the language and about what they do not want to see, so it is
   * asked for once there is an announcement, which waits for the answer: nobody sees for a moment what they have switched off.
   * Without an answer it shows all the same, and the next change asks again.
   */
  listen(observer: AnnouncedObserver): () => void;
}

export function openTold(late: Late, app: FirebaseApp, user: InboxUser): Told {
  let latest: Promise<ServerLook> | null = null;
  let ahead: Promise<ServerLook> | null = null; // asked for the profile, and nobody goes by its time yet
  const look = () => {
    latest = askServer(late, app, user);
    return latest;
  };

  async function saidNow(): Promise<Said | null> {
    latest ??= ahead = look();
    const { profile } = await latest;
    if (profile !== null) return decodeSaid(profile);
    latest = null;
    return null;
  }

  return {
    async offset() {
      const answer = ahead ?? look();
      ahead = null;
      return (await answer).offset;
    },
    listen(observer) {
      let said: Said | null = null;
      let newest: ToldPage | null = null;

      async function take(page: ToldPage) {
        newest = page;
        if (page.announcements.length > 0) said ??= await saidNow();
        if (page === newest) observer.page({ items: itemsOf(page, said ?? saidNothing), fromCache: page.fromCache });
      }

      const stop = listenToAnnouncements(late, app, user.uid, {
        page: page => void take(page),
        failed: observer.failed,
      });
      return () => {
        newest = null;
        stop();
      };
    },
  };
}
