import { useState } from "react";
import { TextButton } from "./buttons";
import { useSurroundings } from "./context";

interface WayOnProps {
  /** Undefined loads the page anew, where nothing else helps. */
  readonly onTry?: (() => void) | undefined;
}

/** Tries once more. */
export function WayOn({ onTry }: WayOnProps) {
  const { words } = useSurroundings();
  return (
    <TextButton testId={onTry ? "try-again" : "reload"} onClick={onTry ?? (() => location.reload())}>
      {onTry ? words.failed.retry : words.ended.reload}
    </TextButton>
  );
}

/**
 * What helps where a part of the package is missing: to try again, and to load the page anew. If somebody has tried in vain although
 * the server answers, the file is gone, or the browser remembers for as long as the page is open that it was missing, as the HTML
 * standard had it until 2026 (whatwg/html#10327). Then only the latter helps, and the button that was pressed becomes the one for
 * that: it keeps the focus. `onTry` resolves when it is known whether the part has come.
 */
export function WaysOn({ onTry }: { readonly onTry: () => Promise<void> | void }) {
  const [isVain, setVain] = useState(false);
  async function tryAgain() {
    await onTry();
    fetch(location.href, { method: "HEAD" }).then(
      () => setVain(true),
      () => {}, // without a network trying again may help later
    );
  }
  return (
    <>
      <WayOn onTry={isVain ? undefined : tryAgain} /> {!isVain && <WayOn />}
    </>
  );
}
