import { type FocusEvent, useEffect, useId, useRef, useState } from "react";
import type { QuietRange } from "../../core/preferences";
import { Icon } from "../icons";
import type { PreferenceWords } from "./words";

interface RangeProps {
  /** The name of the day on which it begins. */
  readonly day: string;
  readonly range: QuietRange;
  readonly words: PreferenceWords["quiet"];
  readonly onChange: (range: QuietRange) => void;
  readonly onRemove: () => void;
}

const pause = 1200; // ms; who types a time goes through others, which are not meant

/** One range of a day: two fields, which are saved when the person leaves them or pauses. */
export function Range({ day, range, words, onChange, onRemove }: RangeProps) {
  const { draft, same, edit, commit } = useDraft(range, onChange);
  const id = useId();
  const over = draft.to <= draft.from && !same; // midnight
  const shown = `${shownAs(range.from)}–${shownAs(range.to)}`;
  const field = (end: "from" | "to") => (
    <input
      type="time"
      required
      data-testid={`quiet-${end}`}
      aria-label={words[end](day)}
      aria-invalid={same || undefined}
      aria-describedby={same || (over && end === "to") ? id : undefined}
      value={shownAs(draft[end])}
      onChange={event => edit({ [end]: event.target.value })}
    />
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears when the focus leaves both fields.
    <div className="td-range" onBlur={event => leaves(event) && commit()}>
      {field("from")}
      <span aria-hidden="true">–</span>
      {field("to")}
      <button
        type="button"
        className="td-row-button"
        data-testid="quiet-remove"
        aria-label={words.remove(day, shown)}
        onClick={event => {
          event.currentTarget.closest("li")?.querySelector<HTMLElement>("button.td-icon-button")?.focus();
          onRemove();
        }}
      >
        <Icon name="close" />
      </button>
      {over && (
        <span className="td-hidden" id={id}>
          {words.nextDay}
        </span>
      )}
      {same && (
        <small id={id} role="alert" data-testid="quiet-same">
          {words.same}
        </small>
      )}
    </div>
  );
}

/** What is being typed: it becomes a change when it is whole, and the person leaves it or pauses. */
function useDraft(range: QuietRange, onChange: (range: QuietRange) => void) {
  const [draft, setDraft] = useState(range);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef<() => void>(() => {});
  const { from, to } = range;
  // Another device, or a refusal, has the last word.
  useEffect(() => setDraft({ from, to }), [from, to]);
  const isWhole = draft.from !== "" && draft.to !== "";
  const same = isWhole && draft.from === draft.to && draft.from !== "00:00";
  latest.current = () => {
    clearTimeout(timer.current);
    if (isWhole && !same && (draft.from !== from || shownAs(draft.to) !== shownAs(to))) onChange(draft);
  };
  const commit = () => latest.current();
  // The screen may be left by a key while a time is typed.
  useEffect(() => () => latest.current(), []);
  return {
    draft,
    same,
    edit(change: Partial<QuietRange>) {
      setDraft({ ...draft, ...change });
      clearTimeout(timer.current);
      timer.current = setTimeout(commit, pause);
    },
    commit,
  };
}

function leaves({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>): boolean {
  return !currentTarget.contains(relatedTarget);
}

/** Midnight at the end of a day is the next day's beginning: a field of times knows no 24:00. */
function shownAs(time: string): string {
  return time === "24:00" ? "00:00" : time;
}
