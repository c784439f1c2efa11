import { useSurroundings } from "./context";
import { SmallDialog } from "./small-dialog";
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
  { does: "leave", keys: ["Ctrl+Home", "Ctrl+End"] },
  { does: "toasts", keys: ["F6"] },
  { does: "close", keys: ["Esc"] },
  { does: "help", keys: ["?"] },
];

/** Lists the keys, in a modal dialog that gives the focus back. */
export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  const { words } = useSurroundings();
  return (
    <SmallDialog title={words.keys.title} testId="keys-help" onClose={onClose}>
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
    </SmallDialog>
  );
}
