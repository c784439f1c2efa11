import type { CategoryInfo } from "../categories";
import type { Clock } from "../clock";
import type { InboxUser } from "../connection";
import type { Database } from "../database";
import type { InboxLists } from "../lists";
import type { Notices } from "../notice";
import { createStore, type Readable } from "../store";
import {
  type ChangeResult,
  choiceOf,
  digestOf,
  disturbOf,
  localeOf,
  pushesOf,
  quietOf,
  rangesOf,
  zoneOf,
} from "./changes";
import { decodeSettings } from "./decode";
import { countLately, type Lately } from "./lately";
import { createListening } from "./listening";
import type { Channel, Day, Digest, PreferencesSnapshot, ProfileChange, QuietRange } from "./model";
import { createMuting, type Muting } from "./muting";
import { createSaving } from "./saving";

/**
 * What the person says about being told. It is listened to, and paid for, while somebody is subscribed: a read when it begins,
 * and one for each change of the profile, which the person's devices and open pages are in, too. Each change shows at once, waits
 * for the network, and springs back if it is refused; its promise settles when the server has answered, and never rejects.
 */
export interface Preferences extends Readable<PreferencesSnapshot>, Muting {
  /** Whether news of the category come by that way. */
  choose(info: CategoryInfo, channel: Channel, wanted: boolean): Promise<ChangeResult>;
  /** Turns the schedule on or off. The first time every night is quiet, by the clock of this device unless a zone was chosen. */
  setQuietHours(enabled: boolean): Promise<ChangeResult>;
  /** All ranges that begin on each of those days, at most four. The schedule must have been turned on once. */
  setRanges(days: Day | readonly Day[], ranges: readonly QuietRange[]): Promise<ChangeResult>;
  /** `until` in milliseconds since 1970, at most 366 days ahead; null is until it is turned off. */
  setDoNotDisturb(enabled: boolean, until?: number | null): Promise<ChangeResult>;
  /**
   * A mail with what is unread: `every` begins it, with 07:00 and Monday unless `at` and `on` say otherwise, by the clock of this device unless
   * a zone was chosen. What is left out stays as it is; null ends it.
   */
  setDigest(digest: Partial<Digest> | null): Promise<ChangeResult>;
  /** The most pushes in an hour, 1 to 60, urgent ones apart; null is as many as for everybody, which is also the most. */
  setPushesPerHour(most: number | null): Promise<ChangeResult>;
  /** An IANA name; empty is UTC. */
  setTimeZone(zone: string): Promise<ChangeResult>;
  /** A BCP 47 tag; empty is the catalogue's first language. */
  setLocale(locale: string): Promise<ChangeResult>;
  /** How often the person was told in the last seven days; at most a hundred reads, each time. */
  lately(): Promise<Lately>;
}

export interface OwnedPreferences extends Preferences {
  /** Begins to listen anew, now. */
  retry(): void;
  close(): void;
}

export interface PreferencesParts {
  readonly user: InboxUser;
  readonly database: Pick<Database, "profile" | "readPage">;
  /** What the inbox holds. */
  readonly inbox: () => Pick<InboxLists, "held" | "recent">;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly watchOnline: (listener: (online: boolean) => void) => () => void;
}

const nothingSaid: PreferencesSnapshot = { loaded: false, settings: decodeSettings(null), saving: "idle", error: null };

export function createPreferences(parts: PreferencesParts): OwnedPreferences {
  const { user, notices, clock, watchOnline, inbox } = parts;
  const { profile, readPage } = parts.database;
  const store = createStore(nothingSaid);
  const learn = (news: Partial<PreferencesSnapshot>) => store.set({ ...store.getSnapshot(), ...news });
  const settings = () => store.getSnapshot().settings;
  const saving = createSaving(now => now !== store.getSnapshot().saving && learn({ saving: now }));
  const listening = createListening(user, profile, learn, saving.pending);
  const stopOnline = watchOnline(online => {
    saving.online(online);
    listening.online(online);
  });
  const change = (what: ProfileChange | "full") => {
    if (what === "full") return saving.follow(Promise.resolve(what));
    const told = listening.expect(what);
    const doing = profile
      .write(what)
      .catch(() => "failed" as const)
      .finally(told);
    return saving.follow(doing);
  };
  return {
    getSnapshot: store.getSnapshot,
    subscribe(listener) {
      const release = listening.hold();
      const stop = store.subscribe(listener);
      return () => {
        stop();
        release();
      };
    },
    ...createMuting({ notices, clock, settings, change }),
    choose: (info, channel, wanted) => change(choiceOf(info, channel, wanted)),
    setQuietHours: enabled => change(quietOf(enabled, settings(), deviceZone())),
    setRanges: (days, ranges) => change(rangesOf([days].flat(), ranges)),
    setDoNotDisturb: (enabled, until = null) => change(disturbOf(enabled, until)),
    setDigest: digest => change(digestOf(digest, settings(), deviceZone())),
    setPushesPerHour: most => change(pushesOf(most)),
    setTimeZone: zone => change(zoneOf(zone)),
    setLocale: locale => change(localeOf(locale)),
    lately: () => countLately(readPage, inbox, clock.now()),
    retry: listening.retry,
    close() {
      for (const end of [stopOnline, listening.close, saving.close, store.close]) end();
    },
  };
}

/** The time zone of this device. */
export function deviceZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
