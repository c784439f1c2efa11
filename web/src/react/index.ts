/** @packageDocumentation The inbox for React. Import `@tidings/web/styles.css` for its looks. */
export { NotificationBell } from "./bell";
export { type OpenHandler, TidingsProvider, type TidingsProviderProps } from "./context";
export { useInbox, useNotifications, useNow, useUnreadCount } from "./hooks";
export { InboxList } from "./inbox-list";
export { NotificationPopover } from "./popover";
export { english, type Words } from "./words";
