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
 * Follows one person. `changed` is called at once when they come; when they go, after three seconds, or when their lease ends
 * without being renewed.
 */
export function follow(clock: Clock, changed: (presence: PresenceOf) => void) {
  let shown: Shown | null = null;
  let current = absent;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function set(next: PresenceOf) {
    if (next.online === current.online && next.typing === current.typing) return;
    current = next;
    changed(next);
  }

  function look() {
    clearTimeout(timer);
    const left = shown ? shown.expiresAt - clock.now() : 0;
    if (shown && left > 0) {
      set({ online: true, typing: shown.typing });
      timer = setTimeout(look, left + 1);
    } else if (current.online) {
      set({ online: true, typing: false });
      timer = setTimeout(() => set(absent), linger);
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
