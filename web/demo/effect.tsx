import { useSyncExternalStore } from "react";
import { Icon } from "../src/react/icons";
import { lastOutcome } from "./backend";
import { Face } from "./face";
import { heldText } from "./held";
import type { Person } from "./stack";

/** What the press came to, beside the button: on a phone the screens are far below. */
export function Effect({ to }: { readonly to: Person }) {
  const outcome = useSyncExternalStore(lastOutcome.subscribe, lastOutcome.getSnapshot);
  if (!outcome) return null;
  const { status, watched, way } = outcome;
  const refused = status >= 400 || status < 0;
  const pushed = way.pushed !== null;
  const told = way.title ?? (refused ? "Refused: see the answer below." : watched ? "On its way …" : "Accepted.");
  return (
    <div className="d-effect" role="status" data-testid="effect" data-state={way.title || refused ? "told" : "waiting"}>
      <Face person={to} />
      <p>
        <span className="d-quiet">
          {to.name}’s screen{way.visible !== null && ` after ${Math.max(1, Math.round(way.visible))} ms`}
        </span>
        <bdi>{told}</bdi>
        {(pushed || way.noPush !== "") && (
          <span className="d-quiet" data-testid="effect-push">
            <Icon name={pushed ? "check" : "info"} />
            {pushed ? "Pushed to a device" : `No push: ${heldText(way.noPush, to.name)}`}
          </span>
        )}
      </p>
    </div>
  );
}
