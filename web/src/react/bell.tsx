import type { ComponentProps } from "react";
import { badgeText } from "../core";
import { useSurroundings } from "./context";
import { useUnreadCount } from "./hooks";
import { Icon } from "./icons";

/**
 * The bell with its badge: grey when nothing is unread, coloured with the number otherwise, and its accessible name says
 * the same. A plain button that takes every attribute of one.
 */
export function NotificationBell(props: ComponentProps<"button">) {
  const { words } = useSurroundings();
  const unread = useUnreadCount();
  return (
    <button
      type="button"
      data-testid="bell"
      data-unread={unread > 0 || undefined}
      {...props}
      className={`td-bell ${props.className ?? ""}`}
      aria-label={words.bell(unread)}
    >
      <Icon name="bell" />
      {unread > 0 && (
        // The key makes a new element of every new number, so that its entrance plays again.
        <span className="td-badge" key={badgeText(unread)} data-testid="badge" aria-hidden="true">
          {badgeText(unread)}
        </span>
      )}
    </button>
  );
}
