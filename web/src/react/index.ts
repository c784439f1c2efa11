/** @packageDocumentation The inbox for React 18 and 19. Import `@tidings/web/styles.css` for its looks. */
export { NotificationBell } from "./bell";
export { NotificationCenter, type NotificationCenterProps } from "./center";
export type { ActHandler, OpenHandler, PictureOf } from "./context";
export type { Section } from "./days";
export { english } from "./english";
export { german } from "./german";
export { useArchived, useInbox, useNotifications, useNow, useSnoozed, useUnreadCount } from "./hooks";
export { NotificationPanel } from "./late-panel";
export type { NotificationPanelProps, PanelOptions } from "./panel";
export { TidingsProvider, type TidingsProviderProps } from "./provider";
export type { ActionSlot, EmptySlot, IconSlot, RowSlot, Slots } from "./slots";
export { type SnoozeTime, type SnoozeTimes, snoozeTimes } from "./snooze";
export { Toasts, type ToastsProps } from "./toasts";
export { UrgentDialog } from "./urgent-dialog";
export { type OpenInboxOptions, useOpenInbox } from "./use-open-inbox";
export { allTabs, type Tab } from "./view";
export { atMost99, type BellState, inWords, type KeyWords, plural, type Words } from "./words";
