import type { ComponentProps } from "react";
import { badgeText } from "../core";
import { useSurroundings } from "./context";
import { usePart, useUnreadCount } from "./hooks";
import { Icon } from "./icons";

/**
 * The bell with its badge: the number is what is unread, the colour says that some of it is new, and "!" that something
 * is urgent. Its accessible name says the same. A plain button that takes every attribute of one.
 */
export function NotificationBell(props: ComponentProps<"button">) {
  const { words } = useSurroundings();
  const unread = useUnreadCount();
  const status = usePart(snapshot => snapshot.connectionStatus);
  const fresh = usePart(snapshot => snapshot.unseenCount > 0);
  const urgent = usePart(({ notifications }) =>
    notifications.some(item => item.priority === "urgent" && item.readAt === null),
  );
  return (
    <button
      type="button"
      data-testid="bell"
      data-unread={unread > 0 || undefined}
      data-new={fresh || undefined}
      data-urgent={urgent || undefined}
      data-status={status}
      {...props}
      className={`td-bell ${props.className ?? ""}`}
      aria-label={words.bell(unread, urgent)}
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
