import { useId, useLayoutEffect, useRef } from "react";
import { useSurroundings } from "./context";
import { Icon } from "./icons";
import type { KeyWords } from "./words";

/** The keys in the order in which people need them; where there are two, both do it. */
const keys: readonly { readonly does: keyof Omit<KeyWords, "title">; readonly keys: readonly string[] }[] = [
  { does: "next", keys: ["↓", "j"] },
  { does: "previous", keys: ["↑", "k"] },
  { does: "ends", keys: ["Home", "End"] },
  { does: "open", keys: ["Enter"] },
  { does: "archive", keys: ["e"] },
  { does: "unread", keys: ["u"] },
  { does: "snooze", keys: ["h"] },
  { does: "undo", keys: ["z"] },
  { does: "leave", keys: ["Ctrl + Home", "Ctrl + End"] },
  { does: "toasts", keys: ["F6"] },
  { does: "close", keys: ["Esc"] },
  { does: "help", keys: ["?"] },
];

/** Lists the keys, in a modal dialog that gives the focus back. */
export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
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
      className="td-menu td-keys"
      data-testid="keys-help"
      aria-labelledby={id}
      onKeyDown={event => event.stopPropagation()}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="td-head">
        <h2 id={id}>{words.keys.title}</h2>
        <button
          type="button"
          className="td-icon-button"
          aria-label={words.close}
          data-testid="keys-close"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <dl>
        {keys.map(({ does, keys: pressed }) => (
          <div key={does}>
            <dt>{words.keys[does]}</dt>
            <dd>
              {pressed.map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
