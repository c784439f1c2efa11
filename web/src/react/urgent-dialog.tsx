import { useEffect, useId, useLayoutEffect, useRef } from "react";
import { type Notification, needsAnswer } from "../core";
import { Actions } from "./actions";
import { useSurroundings } from "./context";
import { useGuard } from "./guard";
import { useNotifications, useNow } from "./hooks";
import { Picture } from "./picture";
import { PriorityMark } from "./priority";
import { useWhenCalm } from "./use-typing";
import { When } from "./when";

/**
 * Interrupts for what cannot wait: an urgent item that asks something and has just arrived. One at a time; "not now"
 * leaves it unread in the inbox. The platform's modal dialog keeps the focus inside and gives it back.
 *
 * It appears by itself, so it takes no key or press that was meant for something else: while somebody types it waits, and
 * is announced; the focus goes to the dialog and not to one of its answers; and its first half second takes no input.
 */
export function UrgentDialog() {
  const { dialogs, words } = useSurroundings();
  const { toastQueue } = useNotifications();
  useEffect(() => {
    dialogs.set(dialogs.getSnapshot() + 1);
    return () => dialogs.set(dialogs.getSnapshot() - 1);
  }, [dialogs]);
  const item = toastQueue.find(toast => needsAnswer(toast.item))?.item ?? null;
  const { shown, waiting } = useWhenCalm(item, ({ id }) => id);
  return (
    <>
      <div className="td-hidden" role="alert" lang={words.locale} data-testid="urgent-waiting">
        {waiting && words.urgentWaiting(waiting.title)}
      </div>
      {shown && <Question key={shown.id} item={shown} />}
    </>
  );
}

function Question({ item }: { readonly item: Notification }) {
  const { inbox, words } = useSurroundings();
  const dialog = useRef<HTMLDialogElement>(null);
  const { arm, isArmed, handlers } = useGuard();
  const id = useId();
  const later = () => inbox.dismissToast(item.id);

  // Closed while it is still in the page: only then does the platform give the focus back.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it appears.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.focus(); // showModal gives it to the first answer
    element?.scrollTo(0, 0); // which it may have scrolled to, past the question
    arm();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="td-urgent"
      role="alertdialog"
      tabIndex={-1}
      lang={words.locale}
      data-testid="urgent-dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-body ${id}-when`}
      {...handlers}
      onCancel={event => {
        event.preventDefault();
        if (!isArmed()) later();
      }}
    >
      <article data-priority="urgent" className="td-urgent-item">
        <Picture item={item} />
        <h2 id={`${id}-title`} className="td-title" dir="auto">
          {item.title}
        </h2>
        <p className="td-body" id={`${id}-body`}>
          <PriorityMark item={item} />
          <span dir="auto">{item.body}</span>
        </p>
        <WhoAndWhen id={`${id}-when`} item={item} />
        <Actions
          item={item}
          aside={
            <button type="button" className="td-action" data-testid="later" onClick={later}>
              {words.later}
            </button>
          }
        />
      </article>
    </dialog>
  );
}

function WhoAndWhen({ id, item }: { readonly id: string; readonly item: Notification }) {
  const now = useNow();
  return (
    <p className="td-urgent-when" id={id}>
      {item.actors[0]?.name && <bdi>{item.actors[0].name} · </bdi>}
      <When at={item.updatedAt} now={now} />
    </p>
  );
}
