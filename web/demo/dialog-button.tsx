import { type ReactNode, useId, useRef, useState } from "react";

interface DialogButtonProps {
  /** What the button says. */
  readonly label: string;
  readonly heading: string;
  /** Of the dialog; its button's is `open-` and this. */
  readonly testId: string;
  /** Rendered while the dialog is open. */
  readonly children: () => ReactNode;
}

/** A button that opens a modal dialog. The browser keeps the focus inside, and gives it back. */
export function DialogButton({ label, heading, testId, children }: DialogButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <button
        type="button"
        className="d-button"
        aria-haspopup="dialog"
        data-testid={`open-${testId}`}
        onClick={() => {
          dialog.current?.showModal();
          setOpen(true);
        }}
      >
        {label}
      </button>
      <dialog
        ref={dialog}
        className={`d-dialog d-${testId}`}
        aria-labelledby={id}
        data-testid={testId}
        onClose={() => setOpen(false)}
      >
        <header>
          <h2 id={id}>{heading}</h2>
          <button type="button" className="d-button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </header>
        {open && children()}
      </dialog>
    </>
  );
}
