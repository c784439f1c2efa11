import { type MouseEvent, useState } from "react";
import { type Action, type Notification, safeUrl } from "../core";
import { useSurroundings } from "./context";
import { Icon } from "./icons";
import { leadsAway } from "./leads-away";

interface ActionsProps {
  readonly item: Notification;
  readonly tabIndex?: number;
  /** A link was followed, and leads away from here. */
  readonly onFollowed?: (() => void) | undefined;
}

/** The item's choices, or which one was taken. */
export function Actions({ item, tabIndex, onFollowed }: ActionsProps) {
  const { inbox, words, onAct, onOpen } = useSurroundings();
  // Between the press and the cache's answer are a few milliseconds, in which nothing may be pressed twice.
  const [chosen, setChosen] = useState<string | null>(null);
  const done = item.doneAction ?? chosen;
  if (item.actions.length === 0) return null;
  if (done !== null) {
    const label = item.actions.find(({ id }) => id === done)?.label ?? done;
    return (
      <p className="td-done" data-testid="done">
        <Icon name="check" />
        {words.done(label)}
      </p>
    );
  }

  function take(action: Action, event: MouseEvent<HTMLElement>) {
    // The button goes; the row it was in keeps the focus.
    event.currentTarget.closest<HTMLElement>("article")?.focus({ preventScroll: true });
    setChosen(action.id);
    inbox.act(item.id, action.id).then(
      result => result === "moved-on" && setChosen(null),
      () => setChosen(null),
    );
    onAct?.(item, action.id);
  }

  return (
    <div className="td-actions">
      {item.actions.map(action => {
        const link = safeUrl(action.url);
        const shared = {
          className: "td-action",
          "data-style": action.style || undefined,
          "data-testid": `action-${action.id}`,
          tabIndex,
        };
        return link ? (
          <a
            key={action.id}
            {...shared}
            href={link}
            onClick={event => {
              take(action, event);
              onOpen?.(item, event);
              if (leadsAway(event)) onFollowed?.();
            }}
          >
            {action.label}
          </a>
        ) : (
          <button key={action.id} type="button" {...shared} onClick={event => take(action, event)}>
            {action.label}
          </button>
        );
      })}
    </div>
  );
}
