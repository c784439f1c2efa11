import { useEffect, useId, useLayoutEffect, useRef } from "react";
import { type Notification, needsAnswer } from "../core";
import { Actions } from "./actions";
import { useSurroundings } from "./context";
import { useNotifications } from "./hooks";
import { Picture } from "./picture";
import { PriorityMark } from "./priority";

/**
 * Interrupts for what cannot wait: an urgent item that asks something and has just arrived. One at a time; "not now"
 * leaves it unread in the inbox. The platform's modal dialog keeps the focus inside and gives it back.
 */
export function UrgentDialog() {
  const { dialogs } = useSurroundings();
  const { toastQueue } = useNotifications();
  useEffect(() => {
    dialogs.set(dialogs.getSnapshot() + 1);
    return () => dialogs.set(dialogs.getSnapshot() - 1);
  }, [dialogs]);
  const item = toastQueue.find(toast => needsAnswer(toast.item))?.item;
  return item ? <Question item={item} /> : null;
}

function Question({ item }: { readonly item: Notification }) {
  const { inbox, words } = useSurroundings();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  // Closed while it is still in the page: only then does the platform give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="td-urgent"
      role="alertdialog"
      lang={words.locale}
      data-testid="urgent-dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-body`}
      onCancel={event => {
        event.preventDefault();
        inbox.dismissToast(item.id);
      }}
    >
      <article key={item.id} data-priority="urgent" className="td-urgent-item">
        <Picture item={item} />
        <h2 id={`${id}-title`} className="td-title" dir="auto">
          {item.title}
        </h2>
        <p className="td-body" id={`${id}-body`}>
          <PriorityMark item={item} />
          <span dir="auto">{item.body}</span>
        </p>
        <Actions item={item} />
        <button
          type="button"
          className="td-text-button"
          data-testid="later"
          onClick={() => inbox.dismissToast(item.id)}
        >
          {words.later}
        </button>
      </article>
    </dialog>
  );
}
