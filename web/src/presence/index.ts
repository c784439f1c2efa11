/** @packageDocumentation Who is there: a page in view takes a lease, and members of an audience see each other's. */

export type { PresenceOf } from "./follow";
export { openPresence, type Presence, type PresenceOptions } from "./presence";
export { type Watcher, type WatchOptions, watchPresence } from "./watch";
