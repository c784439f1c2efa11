import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { IconButton } from "./buttons";
import { useSurroundings } from "./context";

interface SmallDialogProps {
  readonly title: string;
  readonly testId: string;
  readonly className?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog that somebody has asked for, with a title and a way to close it. It gives the focus back. */
export function SmallDialog({ title, testId, className = "", onClose, children }: SmallDialogProps) {
  const { words } = useSurroundings();
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
      className={`td-menu td-keys ${className}`}
      data-testid={testId}
      aria-labelledby={id}
      onKeyDown={event => event.stopPropagation()}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="td-head">
        <h2 id={id}>{title}</h2>
        <IconButton
          icon="close"
          className="td-icon-button"
          testId={`${testId}-close`}
          aria-label={words.close}
          onClick={onClose}
        />
      </div>
      {children}
    </dialog>
  );
}
