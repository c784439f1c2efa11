/** @packageDocumentation The inbox without a framework: open it, subscribe, mark. */
export { type AlertOptions, type Alerts, type AlertsSnapshot, openAlerts } from "./alerts";
export { badgeText, needsAnswer } from "./arrange";
export { type Clock, type MovableClock, movableClock, systemClock } from "./clock";
export type { InboxUser } from "./connection";
export type { MarkResult } from "./feed";
export { type Archive, type Inbox, type InboxOptions, openInbox } from "./inbox";
export type { Action, Actor, Category, Notification, Priority, Target } from "./model";
export type { ArchiveSnapshot, ConnectionStatus, InboxError, InboxSnapshot } from "./snapshot";
export type { Readable } from "./store";
export { type Toast, visibleToasts } from "./toasts";
export { safeUrl } from "./url";
