import { type KeyboardEvent, useEffect, useRef } from "react";
import { IconButton } from "./buttons";
import { useSurroundings } from "./context";
import { Icon } from "./icons";
import type { View } from "./view";

interface FiltersProps {
  readonly view: View;
  readonly categories: readonly string[];
  readonly onChange: (view: View) => void;
}

/** The search, and the choice of a category where there is more than one. */
export function Filters({ view, categories, onChange }: FiltersProps) {
  const { words } = useSurroundings();
  const offered = view.category && !categories.includes(view.category) ? [...categories, view.category] : categories;
  return (
    <search className="td-filters">
      <Search value={view.search} onChange={search => onChange({ ...view, search })} />
      {offered.length > 1 && (
        <select
          className="td-select"
          data-testid="category"
          aria-label={words.category}
          value={view.category}
          onChange={event => onChange({ ...view, category: event.target.value })}
        >
          <option value="">{words.allCategories}</option>
          {offered.map(category => (
            <option key={category} value={category}>
              {words.categories[category] ?? category}
            </option>
          ))}
        </select>
      )}
    </search>
  );
}

function Search({ value, onChange }: { readonly value: string; readonly onChange: (search: string) => void }) {
  const { words } = useSurroundings();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []); // it was unfolded to be used

  function clear() {
    onChange("");
    input.current?.focus();
  }

  function clearFirst(event: KeyboardEvent<HTMLElement>) {
    if (event.key !== "Escape" || value === "") return;
    event.preventDefault(); // the centre stays open
    event.stopPropagation();
    clear();
  }

  return (
    <div className="td-search">
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        data-testid="search"
        aria-label={words.search}
        placeholder={words.search}
        value={value}
        onChange={event => onChange(event.target.value)}
        onKeyDown={clearFirst}
      />
      {value !== "" && <IconButton icon="close" aria-label={words.clearSearch} onClick={clear} />}
    </div>
  );
}
