import { useEffect, useId, useRef } from "react";
import { allChannels } from "../../core/preferences";
import { useSurroundings } from "../context";
import { focusWhenDrawn } from "../focus";
import { Icon } from "../icons";
import { NoticeBar } from "../notice-bar";
import type { PreferencesPlace } from "../preferences-options";
import { useLoaded } from "../use-loaded";
import { usePreferences } from "../use-preferences";
import { Categories } from "./categories";
import { Digest } from "./digest";
import { DoNotDisturb } from "./do-not-disturb";
import { Mutes } from "./mutes";
import type { PartProps } from "./part";
import { Place } from "./place";
import { Pushes } from "./pushes";
import { Quiet } from "./quiet";
import { SavingLine } from "./saving-line";
import { useStyles } from "./styles";
import type { PreferenceWords } from "./words";

export interface PreferencesProps {
  /** Where to begin; the focus goes there. */
  readonly at?: PreferencesPlace;
  /** Offers a way back, where the screen stands in the place of something else. */
  readonly onBack?: () => void;
  /** Offers a button that closes, where it is in something that can be closed. */
  readonly onClose?: () => void;
}

/** All that the person can say about being told; each change is saved at once. */
export function PreferencesScreen({ at, onBack, onClose }: PreferencesProps) {
  const { words } = useSurroundings();
  const root = useRef<HTMLElement>(null);
  const id = useId();
  const state = usePreferences();
  const own = useLoaded(words.preferences.load);
  const ready = own && state?.loaded ? { words: own, state } : null;
  useStyles();
  useBeginning(root, at, ready !== null, onBack !== undefined);
  return (
    <section
      ref={root}
      className="td-inbox td-prefs"
      lang={words.locale}
      aria-labelledby={id}
      data-testid="preferences"
    >
      <div className="td-head">
        {onBack && (
          <button
            type="button"
            className="td-icon-button td-back"
            data-testid="preferences-back"
            aria-label={own?.back ?? words.close}
            title={own?.back}
            onClick={onBack}
          >
            <svg className="td-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
              <path d="M19 12H5m6-6-6 6 6 6" />
            </svg>
          </button>
        )}
        <h2 id={id} tabIndex={-1}>
          {words.preferences.title}
        </h2>
        {onClose && (
          <button type="button" className="td-icon-button" aria-label={words.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <SavingLine state={state} words={own} />
      <div className="td-scroll">
        {ready ? <Parts {...ready} /> : <Waiting words={own} failed={(state?.error ?? null) !== null} />}
      </div>
      {!onBack && <NoticeBar />}
    </section>
  );
}

function Parts(part: PartProps) {
  const { preferences: options } = useSurroundings();
  const channels = options?.channels ?? allChannels;
  return (
    <>
      <DoNotDisturb {...part} />
      <Categories {...part} />
      <Quiet {...part} />
      {channels.includes("push") && <Pushes {...part} />}
      {channels.includes("email") && <Digest {...part} />}
      <Mutes {...part} />
      <Place {...part} />
    </>
  );
}

function Waiting({ words, failed }: { readonly words: PreferenceWords | null; readonly failed: boolean }) {
  return (
    <p className="td-note" role="status" data-testid="preferences-waiting">
      {failed ? words?.failed : words?.loading}
    </p>
  );
}

/** The focus goes to the setting that was asked for; in the place of something else at least to the heading. */
function useBeginning(
  root: React.RefObject<HTMLElement | null>,
  at: PreferencesPlace | undefined,
  ready: boolean,
  replaces: boolean,
) {
  const place = at && (at.section === "category" ? `category-${at.category}` : at.section);
  useEffect(() => {
    if (place === undefined || !ready) return;
    const found = root.current?.querySelector<HTMLElement>(`[data-place="${CSS.escape(place)}"]`);
    found?.scrollIntoView({ block: "center" });
    const first = "input:enabled, button, select";
    return focusWhenDrawn(
      () =>
        found?.querySelector<HTMLElement>(first) ?? (found ?? root.current)?.querySelector<HTMLElement>("legend, h2"),
    );
  }, [root, place, ready]);
  useEffect(() => {
    if (replaces && place === undefined) root.current?.querySelector("h2")?.focus();
  }, [root, place, replaces]);
}
