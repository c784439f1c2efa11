/** Who is there, out of what arrives: pure but for its timers. */
import type { Clock } from "../core/clock";
import type { Shown } from "./documents";

export interface PresenceOf {
  readonly online: boolean;
  readonly typing: boolean;
}

export const absent: PresenceOf = { online: false, typing: false };

const linger = 3000; // ms; who goes from one page to another is not gone in between

/**
 * Follows one person. `tell` hears of each change: of who comes at once, of who goes after three seconds, or when the lease is
 * over without another word.
 */
export function follow(clock: Clock, tell: (presence: PresenceOf) => void) {
  let shown: Shown | null = null;
  let told = absent;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(next: PresenceOf) {
    if (next.online === told.online && next.typing === told.typing) return;
    told = next;
    tell(next);
  }

  function look() {
    clearTimeout(timer);
    const left = shown ? shown.expiresAt - clock.now() : 0;
    if (shown && left > 0) {
      say({ online: true, typing: shown.typing });
      timer = setTimeout(look, left + 1);
    } else if (told.online) {
      say({ online: true, typing: false });
      timer = setTimeout(() => say(absent), linger);
    }
  }

  const stopClock = clock.onJump(look);
  return {
    arrived(next: Shown | null) {
      shown = next;
      look();
    },
    close() {
      clearTimeout(timer);
      stopClock();
    },
  };
}
