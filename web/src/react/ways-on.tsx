import { TextButton } from "./buttons";
import { useSurroundings } from "./context";

/** Tries once more. */
export function TryAgain({ onTry }: { readonly onTry: () => void }) {
  const { words } = useSurroundings();
  return (
    <TextButton testId="try-again" onClick={onTry}>
      {words.failed.retry}
    </TextButton>
  );
}

/** Loads the page anew, where nothing else helps. */
export function Reload() {
  const { words } = useSurroundings();
  return (
    <TextButton testId="reload" onClick={() => location.reload()}>
      {words.ended.reload}
    </TextButton>
  );
}
