import { useState } from "react";
import type { Notification } from "../../core";
import { muteKey, mutesAt } from "../../core/preferences";
import { useSurroundings } from "../context";
import { useNow } from "../hooks";
import { MuteMenu } from "../mute-menu";
import { NoticeBar } from "../notice-bar";
import type { PreferencesPlace } from "../preferences-options";
import { SmallDialog } from "../small-dialog";
import { usePreferences } from "../use-preferences";
import { Choices } from "./categories";
import { mutedUntil } from "./mutes";
import type { PartProps } from "./part";
import { reasonsOf } from "./reasons";
import { SavingLine } from "./saving-line";
import { useStyles } from "./styles";
import { useLately } from "./use-lately";
import type { PreferenceWords } from "./words";

export interface WhyProps {
  readonly item: Notification;
  readonly words: PreferenceWords;
  /** Leads to a setting; undefined where the product has its settings elsewhere. */
  readonly onChange: ((place: PreferencesPlace) => void) | undefined;
  readonly onClose: () => void;
}

/** Why the person is told, what decided by which way, and how often the like came lately; each with what changes it. */
export function Why({ item, words: own, onChange, onClose }: WhyProps) {
  const { words } = useSurroundings();
  const state = usePreferences();
  useStyles();
  return (
    <SmallDialog title={words.why} testId="why" className="td-why" onClose={onClose}>
      {reasonsOf(item, own.why).map(({ text, place }) => (
        <div key={text}>
          <p>
            <bdi>{text}</bdi>
          </p>
          {place && place.section !== "category" && onChange && (
            <button
              type="button"
              className="td-text-button"
              data-testid="why-change"
              onClick={() => {
                onClose();
                onChange(place);
              }}
            >
              {own.why.change}
            </button>
          )}
        </div>
      ))}
      {state?.loaded && <Change item={item} state={state} words={own} />}
      <NoticeBar />
    </SmallDialog>
  );
}

/** How often the like came lately, and beside it the choices of its category, and the mute of what it is about. */
function Change({ item, state, words: own }: PartProps & Pick<WhyProps, "item">) {
  const { preferences: options } = useSurroundings();
  const lately = useLately(state);
  return (
    <>
      <div className="td-setting">
        {/* Its line is there before it is known, so that nothing moves under the pointer. */}
        <p data-testid="alike">
          <bdi>{lately ? own.why.alike(lately.types.get(item.type) ?? 0, lately.exact) : "\u00a0"}</bdi>
        </p>
        {options && <Choices state={state} words={own} only={item.category} lately={lately} />}
        <Mute item={item} state={state} words={own} />
      </div>
      <SavingLine state={state} words={own} />
    </>
  );
}

/** One button, muted or not, so that the focus stays where it is. */
function Mute({ item, state, words: own }: PartProps & Pick<WhyProps, "item">) {
  const { words } = useSurroundings();
  const now = useNow();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { target } = item;
  const key = muteKey(target);
  if (!target || key === null) return null;
  const mute = mutesAt(state.settings, now).find(muted => muted.key === key);
  return (
    <div className="td-why-mute">
      <button
        type="button"
        className="td-action"
        data-testid="why-mute"
        aria-haspopup="menu"
        onClick={event => setAnchor(event.currentTarget)}
      >
        <bdi>{words.mute(target.title)}</bdi>
      </button>
      {mute && (
        <p data-testid="why-muted">{words.about(words.muted.mute, mutedUntil(mute, own.mutes, words.locale))}</p>
      )}
      {anchor && <MuteMenu item={item} target={target} anchor={anchor} onClose={() => setAnchor(null)} />}
    </div>
  );
}
