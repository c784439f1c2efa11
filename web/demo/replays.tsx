import { useState } from "react";
import { Icon } from "../src/react/icons";
import type { Person } from "./stack";

/** The sources whose real payloads the stack can replay, signed as the sender signs them. */
const sources = [
  { id: "github", label: "GitHub", icon: "code" },
  { id: "alertmanager", label: "Alertmanager", icon: "alert" },
  { id: "orders", label: "Order system", icon: "truck" },
] as const;

/** A button for each source: it sends one real payload that concerns the person, and says which and how it went. */
export function Replays({ to }: { readonly to: Person }) {
  const [said, say] = useState("");

  async function replay(source: (typeof sources)[number]) {
    say(`${source.label}: sending …`);
    try {
      const response = await fetch(`/replay/${source.id}?uid=${encodeURIComponent(to.uid)}`, { method: "POST" });
      say(`${source.label}: ${describe(await response.text(), response.status)}`);
    } catch (error) {
      say(`${source.label}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return (
    <>
      <p className="d-or d-quiet">or from a real system’s webhook</p>
      <div className="d-buttons">
        {sources.map(source => (
          <button
            key={source.id}
            type="button"
            className="d-button"
            data-testid={`replay-${source.id}`}
            title={`Replays a real payload of ${source.label} that concerns ${to.name}`}
            onClick={() => void replay(source)}
          >
            <Icon name={source.icon} />
            {source.label}
          </button>
        ))}
      </div>
      <p className="d-quiet d-replayed" role="status" data-testid="replayed">
        {said}
      </p>
    </>
  );
}

/** The stack answers what it sent and what the function said to it. */
function describe(text: string, status: number): string {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null && "sent" in answer && "status" in answer)
      return `${String(answer.sent)} → ${String(answer.status)}`;
  } catch {
    // not JSON: shown as it came
  }
  return `${status} ${text}`;
}
