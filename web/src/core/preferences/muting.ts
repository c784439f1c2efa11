/** Mutes, each with a notice that offers the way back. */
import type { Clock } from "../clock";
import type { Target } from "../model";
import type { Notices } from "../notice";
import { type ChangeResult, muteOf, putMute, unmuteOf } from "./changes";
import type { Mute, ProfileChange, Settings } from "./model";
import { muteKey } from "./mute-key";

export interface Muting {
  /** Silences the target until then (milliseconds since 1970), or with null until it is taken back; can be undone. */
  mute(target: Target, until: number | null): Promise<ChangeResult>;
  /** Takes a mute back; can be undone. */
  unmute(mute: Mute): Promise<ChangeResult>;
}

export interface MutingParts {
  readonly notices: Notices;
  readonly clock: Clock;
  readonly settings: () => Settings;
  readonly change: (what: ProfileChange | "full") => Promise<ChangeResult>;
}

export function createMuting({ notices, clock, settings, change }: MutingParts): Muting {
  function tell(kind: "muted" | "unmuted", title: string, what: ProfileChange | "full", back: ProfileChange) {
    const told = { count: 1, title, busy: false };
    notices.show({ kind, ...told }, () => {
      notices.show({ kind: "undone", ...told });
      void change(back);
    });
    const doing = change(what);
    void doing.then(result => {
      if (result !== "stored") notices.show({ kind: result, ...told });
    });
    return doing;
  }

  return {
    async mute(target, until) {
      const key = muteKey(target);
      const what = muteOf(target, until, settings(), clock.now());
      if (key === null || what === null) return "failed";
      const before = settings().mutes.find(mute => mute.key === key);
      return tell("muted", target.title, what, before ? putMute(before) : unmuteOf(key));
    },
    unmute: mute => tell("unmuted", mute.title, unmuteOf(mute.key), putMute(mute)),
  };
}
