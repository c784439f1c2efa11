/**
 * What a person says about being told, as it is in `users/{uid}`: the owner's fields, for a client of theirs. web/README.md has
 * the contract, infra/firestore.rules the limits.
 */

/** A way to a person. */
export type Channel = "in_app" | "push" | "email";

export const allChannels: readonly Channel[] = ["in_app", "push", "email"];

export type Day = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

export const days: readonly Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The rules allow no more of each. */
export const limits = {
  mutes: 200,
  /** Bytes of a mute's key; it is ASCII. */
  muteKey: 400,
  /** Bytes of all keys together. */
  muteKeys: 20_000,
  /** Characters of a mute's title. */
  muteTitle: 100,
  /** Ranges that begin on one day. */
  ranges: 4,
  pushesPerHour: 60,
} as const;

/** A time without disturbance, by the clock on the person's wall: "22:00" to "07:00". An end that is not after the start is on the next day. */
export interface QuietRange {
  readonly from: string;
  readonly to: string;
}

export interface QuietHours {
  readonly enabled: boolean;
  /** By the day on which each range begins. */
  readonly week: Readonly<Record<Day, readonly QuietRange[]>>;
}

export interface DoNotDisturb {
  readonly enabled: boolean;
  /** Milliseconds since 1970; null is until it is turned off. */
  readonly until: number | null;
}

/** When the person wants a mail with what is unread. */
export interface Digest {
  readonly every: "day" | "week";
  /** By the clock on the person's wall: "07:00". */
  readonly at: string;
  /** The day of a weekly one. */
  readonly on: Day;
}

/** One target that is silenced. */
export interface Mute {
  /** See `muteKey`. */
  readonly key: string;
  /** What the target is called; what the key says where nobody knows. */
  readonly title: string;
  /** Milliseconds since 1970; null is until it is taken back. */
  readonly until: number | null;
}

export interface Settings {
  /** BCP 47, the language of the items' words; empty is the catalogue's first one. */
  readonly locale: string;
  /** IANA; empty is UTC. */
  readonly timeZone: string;
  /** What was chosen, by channel and category. What is not there is left to the catalogue. */
  readonly chosen: Readonly<Record<Channel, ReadonlyMap<string, boolean>>>;
  /** The next to end first, those without an end last. Those that are over are left out by `mutesAt`. */
  readonly mutes: readonly Mute[];
  readonly quietHours: QuietHours;
  readonly doNotDisturb: DoNotDisturb;
  /** null is never. */
  readonly digest: Digest | null;
  /** The most pushes in an hour, 1 to 60, urgent ones apart; null is as many as for everybody, which is also the most. */
  readonly pushesPerHour: number | null;
}

/**
 * What became of the last change. waiting: there is no network, and it is kept until there is. full: there is no room for
 * another mute. refused: the server does not allow it. failed: it could not be written. After the last three all is as before.
 */
export type Saving = "idle" | "saving" | "waiting" | "saved" | "full" | "refused" | "failed";

export interface PreferencesSnapshot {
  /** False until the cache or the server has answered whoever looks, or there is no network to wait for. */
  readonly loaded: boolean;
  readonly settings: Settings;
  readonly saving: Saving;
  /** Set while it cannot listen; it tries again by itself. */
  readonly error: string | null;
}

/** One write: values by their paths in the document, undefined removes what is there. */
export interface ProfileChange {
  readonly set: readonly { readonly path: readonly [string, ...string[]]; readonly value: unknown }[];
  /** Whether it changes when the person may be disturbed, or when the digest goes: the functions then look at once. */
  readonly due: boolean;
}
