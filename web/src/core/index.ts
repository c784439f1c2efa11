/** @packageDocumentation The inbox without a framework: open it, subscribe, mark. */
export { badgeText } from "./arrange";
export { type Clock, type MovableClock, movableClock, systemClock } from "./clock";
export type { InboxUser } from "./connection";
export type { MarkResult } from "./feed";
export { type Inbox, type InboxOptions, openInbox } from "./inbox";
export type { Action, Actor, Category, Notification, Priority, Target } from "./model";
export type { ConnectionStatus, InboxError, InboxSnapshot } from "./snapshot";
export type { Readable } from "./store";
export { safeUrl } from "./url";
