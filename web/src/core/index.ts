/** @packageDocumentation The inbox without a framework: open it, subscribe, mark. */
export { type AlertOptions, type Alerts, type AlertsSnapshot, openAlerts } from "./alerts";
export { badgeText, isPinned, needsAnswer } from "./arrange";
export { type Clock, type MovableClock, movableClock, systemClock } from "./clock";
export type { InboxUser } from "./connection";
export type { Environment, PageMessage, Pages } from "./environment";
export type { Archive, Inbox, InboxOptions } from "./inbox";
export type { MarkResult, Refusal } from "./marks";
export type { Action, Actor, Category, Notification, Priority, Target } from "./model";
export type { Failure, Notice } from "./notice";
export { openInbox } from "./open-inbox";
export type { InboxError } from "./page";
export type { Preferences, PreferencesSnapshot } from "./preferences";
export type { ConnectionStatus, InboxSnapshot, ListSnapshot, ListSnapshot as ArchiveSnapshot } from "./snapshot";
export type { Readable } from "./store";
export { type Toast, visibleToasts } from "./toasts";
export { safeUrl } from "./url";
