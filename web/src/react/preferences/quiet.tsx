import { type Day, days, limits, type QuietRange } from "../../core/preferences";
import { useSurroundings } from "../context";
import type { PartProps } from "./part";
import { Range } from "./range";
import { Section } from "./section";
import { nameOf } from "./week-days";

/** What a further range is at first: a nap. */
const another: QuietRange = { from: "13:00", to: "14:00" };

/** The weekly schedule. */
export function Quiet({ state: { settings, preferences }, words }: PartProps) {
  const { enabled, week } = settings.quietHours;
  const own = words.quiet;
  return (
    <Section place="quiet" title={own.title} text={own.text}>
      <label className="td-check">
        <input
          type="checkbox"
          data-testid="quiet-enabled"
          checked={enabled}
          onChange={event => void preferences.setQuietHours(event.target.checked)}
        />
        {own.enable}
      </label>
      {enabled && (
        <ul className="td-week">
          {days.map(day => (
            <DayOf
              key={day}
              day={day}
              ranges={week[day]}
              words={words}
              onChange={ranges => void preferences.setRanges(day, ranges)}
              onEveryDay={
                day === "mon" && days.some(other => !areSame(week[other], week.mon))
                  ? () => void preferences.setRanges(days, week.mon)
                  : undefined
              }
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

function areSame(a: readonly QuietRange[], b: readonly QuietRange[]): boolean {
  return a.length === b.length && a.every(({ from, to }, index) => from === b[index]?.from && to === b[index]?.to);
}

interface DayProps extends Pick<PartProps, "words"> {
  readonly day: Day;
  readonly ranges: readonly QuietRange[];
  readonly onChange: (ranges: readonly QuietRange[]) => void;
  readonly onEveryDay: (() => void) | undefined;
}

function DayOf({ day, ranges, words: { quiet: own }, onChange, onEveryDay }: DayProps) {
  const { words } = useSurroundings();
  const name = nameOf(day, words.locale);
  return (
    <li data-testid={`quiet-${day}`}>
      <span>{name}</span>
      <div>
        {ranges.length === 0 && <p>{own.none}</p>}
        {ranges.map((range, index) => (
          <Range
            // biome-ignore lint/suspicious/noArrayIndexKey: a range has no other name; two may be the same.
            key={index}
            day={name}
            range={range}
            words={own}
            onChange={next => onChange(ranges.with(index, next))}
            onRemove={() => onChange(ranges.toSpliced(index, 1))}
          />
        ))}
        {onEveryDay && (
          <button type="button" className="td-text-button" data-testid="quiet-every-day" onClick={onEveryDay}>
            {own.everyDay(name)}
          </button>
        )}
      </div>
      <button
        type="button"
        className="td-icon-button"
        data-testid={`quiet-add-${day}`}
        aria-label={own.add(name)}
        title={own.add(name)}
        disabled={ranges.length >= limits.ranges}
        onClick={() => onChange([...ranges, another])}
      >
        <svg className="td-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          <path d="M12 5v14M5 12h14" />
        </svg>
      </button>
    </li>
  );
}
