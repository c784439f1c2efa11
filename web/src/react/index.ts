/** @packageDocumentation The inbox for React. Import `@tidings/web/styles.css` for its looks. */
export { NotificationBell } from "./bell";
export { NotificationCenter, type NotificationCenterProps } from "./center";
export type { ActHandler, OpenHandler, PictureOf } from "./context";
export { english } from "./english";
export { german } from "./german";
export { useArchived, useInbox, useNotifications, useNow, useSnoozed, useUnreadCount } from "./hooks";
export { NotificationPanel } from "./late-panel";
export type { NotificationPanelProps } from "./panel";
export { TidingsProvider, type TidingsProviderProps } from "./provider";
export { Toasts } from "./toasts";
export { UrgentDialog } from "./urgent-dialog";
export type { Words } from "./words";
