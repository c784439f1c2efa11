import { type MouseEvent, type ReactNode, useState } from "react";
import { type Action, type Notification, safeUrl } from "../core";
import { useSurroundings } from "./context";
import { Icon } from "./icons";
import { leadsAway } from "./leads-away";

interface ActionsProps {
  readonly item: Notification;
  readonly tabIndex?: number;
  /** Stands before the first answer that is dangerous, or at the end. */
  readonly aside?: ReactNode;
  /** A link was followed, and leads away from here. */
  readonly onFollowed?: (() => void) | undefined;
}

const order = { primary: 0, "": 1, danger: 2 } as const;

/** The answers in our order, whatever the producer's is: the one to expect first, what is dangerous last. */
export function inOrder(actions: readonly Action[]): readonly Action[] {
  return [...actions].sort((a, b) => order[a.style] - order[b.style]);
}

/** The item's choices, or which one was taken. */
export function Actions({ item, tabIndex, aside, onFollowed }: ActionsProps) {
  const { inbox, words, onAct } = useSurroundings();
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
      result => result !== "stored" && setChosen(null),
      () => setChosen(null),
    );
    onAct?.(item, action.id);
  }

  const answers = (dangerous: boolean) =>
    inOrder(item.actions)
      .filter(({ style }) => (style === "danger") === dangerous)
      .map(action => <Answer key={action.id} {...{ item, action, tabIndex, onFollowed }} onTake={take} />);
  return (
    <div className="td-actions">
      {answers(false)}
      {aside}
      {answers(true)}
    </div>
  );
}

interface AnswerProps {
  readonly item: Notification;
  readonly action: Action;
  readonly tabIndex: number | undefined;
  readonly onFollowed: (() => void) | undefined;
  readonly onTake: (action: Action, event: MouseEvent<HTMLElement>) => void;
}

/** One choice: a link where it leads somewhere, a button otherwise. */
function Answer({ item, action, tabIndex, onFollowed, onTake }: AnswerProps) {
  const { onOpen, slots } = useSurroundings();
  const link = safeUrl(action.url);
  const shared = {
    className: "td-action",
    "data-style": action.style || undefined,
    "data-testid": `action-${action.id}`,
    tabIndex,
  };

  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onTake(action, event);
    onOpen?.(item, event);
    if (leadsAway(event)) onFollowed?.();
  }

  const answer = link ? (
    <a {...shared} href={link} onClick={follow}>
      {action.label}
    </a>
  ) : (
    <button type="button" {...shared} onClick={event => onTake(action, event)}>
      {action.label}
    </button>
  );
  return slots.action ? (
    <slots.action item={item} action={action}>
      {answer}
    </slots.action>
  ) : (
    answer
  );
}
