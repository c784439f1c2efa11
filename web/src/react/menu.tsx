import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { Icon, type IconName } from "./icons";

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  /** A quiet addition at the end, such as a time. */
  readonly hint?: string;
  /** Set for what can be switched on and off. */
  readonly checked?: boolean;
  readonly disabled?: boolean;
  /** The menu begins here instead of at its first entry. */
  readonly start?: boolean;
  readonly carryOut: () => void;
}

export interface MenuGroup {
  /** What the group is about; "" for the first one, which needs no name. */
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}

interface MenuProps {
  readonly label: string;
  readonly groups: readonly MenuGroup[];
  /** The button that it belongs to; it gets the focus back. */
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

/**
 * An open menu beside its button, after the APG menu pattern. The platform's popover lifts it above everything, closes it
 * on Escape and on a press elsewhere.
 */
export function Menu({ label, groups, anchor, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useShown(menu, anchor, onClose);

  function pick(entry: MenuEntry) {
    menu.current?.hidePopover();
    onClose(); // the toggle event comes later
    entry.carryOut();
  }

  return (
    <div
      ref={menu}
      popover="auto"
      role="menu"
      aria-label={label}
      className="td-menu"
      data-testid="menu"
      onKeyDown={walk}
    >
      {groups.map(group => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset does not belong into a menu.
        <div key={group.entries[0]?.id} role="group" aria-label={group.label || label}>
          {group.label && <p aria-hidden="true">{group.label}</p>}
          {group.entries.map(entry => (
            <Entry key={entry.id} entry={entry} onPick={() => pick(entry)} />
          ))}
        </div>
      ))}
    </div>
  );
}

function Entry({ entry, onPick }: { readonly entry: MenuEntry; readonly onPick: () => void }) {
  const { id, label, icon, hint, checked, disabled, start } = entry;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: aria-checked is set for the checkbox only.
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemcheckbox"}
      aria-checked={checked}
      disabled={disabled}
      data-start={start || undefined}
      data-testid={`menu-${id}`}
      onClick={onPick}
    >
      <Icon name={checked ? "check" : icon} />
      <span>{label}</span>
      {hint && <span className="td-menu-hint">{hint}</span>}
    </button>
  );
}

/** Shows the menu beside its button, and tells when it has closed. */
function useShown(menu: RefObject<HTMLElement | null>, anchor: HTMLElement, onClose: () => void) {
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    element.showPopover();
    place(element, anchor);
    (element.querySelector<HTMLElement>("[data-start]") ?? entriesOf(element)[0])?.focus();
  }, [menu, anchor]);

  useEffect(() => {
    const element = menu.current;
    const isClosing = (event: Event) => (event as ToggleEvent).newState === "closed";
    const toggled = (event: Event) => isClosing(event) && onClose();
    // The platform gives the focus back from the first popover only, and this one may be in the centre's.
    const toggling = (event: Event) =>
      isClosing(event) && element?.contains(document.activeElement) && anchor.focus({ preventScroll: true });
    element?.addEventListener("toggle", toggled);
    element?.addEventListener("beforetoggle", toggling);
    return () => {
      element?.removeEventListener("toggle", toggled);
      element?.removeEventListener("beforetoggle", toggling);
    };
  }, [menu, anchor, onClose]);
}

function entriesOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("button:not(:disabled)")];
}

function walk(event: KeyboardEvent<HTMLElement>) {
  const menu = event.currentTarget;
  const entries = entriesOf(menu);
  const at = entries.findIndex(entry => entry.matches(":focus"));
  const { length } = entries;
  const to = { ArrowDown: (at + 1) % length, ArrowUp: (at - 1 + length) % length, Home: 0, End: length - 1 };
  if (event.key === "Tab") menu.hidePopover();
  const next = entries[to[event.key as keyof typeof to]];
  if (event.key !== "Tab" && event.key !== "Escape") event.stopPropagation();
  if (!next) return;
  event.preventDefault();
  next.focus();
}

const gap = 4; // px

/** Below the button and flush with its end; above or inside the window where there is no room. */
function place(menu: HTMLElement, anchor: HTMLElement) {
  const button = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const rtl = getComputedStyle(anchor).direction === "rtl";
  const below = button.bottom + gap;
  const top = below + height <= innerHeight - gap ? below : Math.max(gap, button.top - gap - height);
  const left = rtl ? button.left : button.right - width;
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.min(Math.max(gap, left), Math.max(gap, innerWidth - width - gap))}px`;
}
