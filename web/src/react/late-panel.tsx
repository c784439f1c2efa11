import { type ComponentProps, type ComponentType, useCallback, useEffect, useState } from "react";
import { loadOnce } from "../core/load-once";
import { TextButton } from "./buttons";
import { useSurroundings } from "./context";
import type { NotificationPanelProps, NotificationPanel as Panel } from "./panel";
import { WaysOn } from "./ways-on";

let loaded: ComponentType<NotificationPanelProps> | null = null;
const loadPart = loadOnce(() => import("./panel"));
const load = async () => {
  loaded = (await loadPart()).NotificationPanel;
};

/**
 * Loads the panel ahead of the press that opens it, unless there is no network: a browser may remember that a file could not be
 * loaded, for as long as the page is open.
 */
export function preloadPanel() {
  if (navigator.onLine) load().catch(() => {});
}

/**
 * What the centre shows, for a place of its own in a page: heading, tabs, search, list. Fills the height it is given. Its code
 * (the half of the components) loads when it is first shown, unless it was loaded ahead.
 */
export function NotificationPanel(props: ComponentProps<typeof Panel>) {
  const { words } = useSurroundings();
  const [isMissing, setMissing] = useState(loaded ? false : undefined);
  const attempt = useCallback(
    () =>
      load().then(
        () => setMissing(false),
        () => setMissing(true),
      ),
    [],
  );
  useEffect(() => void attempt(), [attempt]);

  const Loaded = loaded;
  if (Loaded) return <Loaded {...props} />;
  if (!isMissing) return <div className="td-inbox" aria-busy="true" data-testid="panel-loading" />;
  return (
    <div className="td-inbox" lang={words.locale} data-testid="panel-failed" role="alert">
      <div className="td-note">
        <h2>{words.notLoaded.title}</h2>
        <p>{words.notLoaded.text}</p>
        <WaysOn onTry={attempt} />
        {props.onClose && (
          <TextButton testId="close" onClick={props.onClose}>
            {words.close}
          </TextButton>
        )}
      </div>
    </div>
  );
}
