import { useEffect, useState } from "react";
import { Face } from "./face";
import { type Push, readPushes } from "./fcm";
import type { Person } from "./stack";

const lookAgain = 2000; // ms

const format = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** What the fake FCM took: the pushes that would have rung somewhere. */
export function Pushes({ base, people }: { readonly base: string; readonly people: readonly Person[] }) {
  const [pushes, setPushes] = useState<readonly Push[] | null>(null);
  useEffect(() => {
    let current = true;
    const look = async () => {
      if (document.hidden) return;
      const found = await readPushes(base).catch(() => null);
      if (current) setPushes(found);
    };
    void look();
    const timer = setInterval(look, lookAgain);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [base]);

  return (
    <section className="d-card d-pushes" aria-label="Pushes" data-testid="pushes">
      <h2>
        Pushes to devices <span className="d-quiet">as the fake FCM took them</span>
      </h2>
      {pushes === null && <p className="d-quiet">The fake FCM does not answer.</p>}
      {pushes?.length === 0 && <p className="d-quiet">None yet. A mention, a message or an alert sends one.</p>}
      {pushes !== null && pushes.length > 0 && (
        <ol>
          {pushes.slice(0, 5).map(push => {
            const person = people.find(one => push.target.startsWith(`${one.uid}-`));
            return (
              <li key={push.key} data-testid="push">
                {person && <Face person={person} />}
                <span className="d-push-title">{push.title}</span>
                <span className="d-quiet d-device">{push.target}</span>
                <time className="d-quiet">{push.at === null ? "" : format.format(push.at)}</time>
                {push.outcome !== "" && <span className="d-push-outcome">{push.outcome}</span>}
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
