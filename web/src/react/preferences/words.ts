import type { Channel, Saving } from "../../core/preferences";

/** Every word of the preferences, and of why a person is told something. */
export interface PreferenceWords {
  readonly back: string;
  readonly loading: string;
  /** Nobody answers; it is tried again by itself. */
  readonly failed: string;
  /** What became of the last change. */
  readonly saving: Readonly<Record<Exclude<Saving, "idle">, string>>;
  readonly categories: {
    readonly title: string;
    readonly text: string;
    readonly channels: Readonly<Record<Channel, string>>;
    /** The name of a switch. */
    readonly choice: (category: string, channel: string) => string;
    /** Below a category of which some types come whatever is chosen. */
    readonly someAlwaysOn: string;
    /** Below a category where there is nothing to choose. */
    readonly always: string;
    /** Why there is no choice of pushes for what is off in the app. */
    readonly archived: string;
    /** Below a category: how many of it came in the last seven days. Not `exact` is at least so many. */
    readonly lately: (count: number, exact: boolean) => string;
  };
  readonly disturb: {
    readonly title: string;
    readonly off: string;
    readonly on: string;
    /** `time` is when it ends. */
    readonly onUntil: (time: string) => string;
    readonly forHours: string;
    /** `time` is eight in the morning, as the language has it. */
    readonly tomorrow: (time: string) => string;
    readonly ever: string;
    readonly turnOff: string;
  };
  readonly quiet: {
    readonly title: string;
    readonly text: string;
    readonly enable: string;
    /** A day without a range. */
    readonly none: string;
    /** The names of the two fields of a range; `day` is the day on which it begins. */
    readonly from: (day: string) => string;
    readonly to: (day: string) => string;
    /** After an end on the day after. */
    readonly nextDay: string;
    /** A range that would end where it begins. */
    readonly same: string;
    readonly add: (day: string) => string;
    readonly remove: (day: string, range: string) => string;
    /** Every day gets the ranges of this one. */
    readonly everyDay: (day: string) => string;
  };
  readonly pushes: {
    readonly title: string;
    readonly text: string;
    readonly hour: string;
    /** Who has set no limit. */
    readonly usual: string;
    readonly most: (count: number) => string;
  };
  readonly digest: {
    readonly title: string;
    /** Who gets none. */
    readonly off: string;
    /** `day` is the weekday of a weekly one, else null; `zone` is by whose clock, such as "Europe/Berlin". */
    readonly on: (time: string, zone: string, day: string | null) => string;
    /** How often, and the answers. */
    readonly every: string;
    readonly never: string;
    readonly daily: string;
    readonly weekly: string;
    /** On which day, and when. */
    readonly day: string;
    readonly time: string;
  };
  readonly mutes: {
    readonly title: string;
    readonly none: string;
    readonly until: (time: string) => string;
    readonly ever: string;
    readonly remove: string;
  };
  readonly place: {
    readonly title: string;
    readonly timeZone: string;
    /** This device is elsewhere. */
    readonly deviceIsIn: (zone: string) => string;
    readonly language: string;
    /** Who has chosen no language. */
    readonly usual: string;
  };
  readonly why: WhyWords;
}

/** Why a person is told something, and what decided by which way. */
export interface WhyWords {
  readonly recipient: string;
  /** Somebody has named the person. */
  readonly mentioned: string;
  readonly everybody: string;
  /** `name` is the audience's id. */
  readonly audience: (name: string) => string;
  /** Why there was no push, by the item's `held`. */
  readonly held: Readonly<Record<HeldReason, string>>;
  /** A reason that a newer server gives. */
  readonly heldOther: (reason: string) => string;
  readonly heldNot: string;
  /** What is urgent passes most settings. */
  readonly urgent: string;
  /** Why it went to the archive, by the item's `muted`. */
  readonly muted: { readonly mute: string; readonly preference: string };
  readonly change: string;
  /** How many of the same type came in the last seven days. Not `exact` is at least so many. */
  readonly alike: (count: number, exact: boolean) => string;
}

/** The words of shared/attention that stand on items. */
export type HeldReason =
  | "preference"
  | "mute"
  | "snooze"
  | "quiet_hours"
  | "do_not_disturb"
  | "presence"
  | "interval"
  | "budget";
