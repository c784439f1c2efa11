import { type ComponentPropsWithoutRef, forwardRef } from "react";
import { badgeText } from "../core";
import { useSurroundings } from "./context";
import { usePart, useUnreadCount } from "./hooks";
import { Icon } from "./icons";

/**
 * The bell with its badge: the number is what is unread, the colour says that some of it is new, and "!" that something
 * is urgent; a crossed cloud says that there is no network. Its accessible name says the same. A plain button that takes
 * every attribute of one.
 */
export const NotificationBell = forwardRef<HTMLButtonElement, ComponentPropsWithoutRef<"button">>((props, ref) => {
  const { words } = useSurroundings();
  const unread = useUnreadCount();
  const status = usePart(snapshot => snapshot.connectionStatus);
  const fresh = usePart(snapshot => snapshot.unseenCount > 0);
  const urgent = usePart(({ notifications }) =>
    notifications.some(item => item.priority === "urgent" && item.readAt === null),
  );
  const offline = status === "offline";
  return (
    <button
      ref={ref}
      type="button"
      data-testid="bell"
      data-unread={unread > 0 || undefined}
      data-new={fresh || undefined}
      data-urgent={urgent || undefined}
      data-status={status}
      {...props}
      className={`td-bell ${props.className ?? ""}`}
      aria-label={words.bell(unread, { urgent, offline })}
    >
      <Icon name="bell" />
      {unread > 0 && (
        // The key makes a new element of every new number, so that its entrance plays again.
        <span className="td-badge" key={badgeText(unread)} data-testid="badge" aria-hidden="true">
          {badgeText(unread)}
        </span>
      )}
      {offline && (
        <span className="td-offline" data-testid="bell-offline">
          <Icon name="offline" />
        </span>
      )}
    </button>
  );
});
