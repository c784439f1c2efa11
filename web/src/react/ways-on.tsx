import { useSurroundings } from "./context";

/** Tries once more. */
export function TryAgain({ onTry }: { readonly onTry: () => void }) {
  const { words } = useSurroundings();
  return (
    <button type="button" className="td-text-button" data-testid="try-again" onClick={onTry}>
      {words.failed.retry}
    </button>
  );
}

/** Loads the page anew, where nothing else helps. */
export function Reload() {
  const { words } = useSurroundings();
  return (
    <button type="button" className="td-text-button" data-testid="reload" onClick={() => location.reload()}>
      {words.ended.reload}
    </button>
  );
}
