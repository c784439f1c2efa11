/**
 * What loads after the first paint: Firestore's side, announcements to everybody, and the marks, since nobody marks what is not listed
 * yet. They are one part, so that a page has all of it or nothing.
 */
export { openTold } from "./announcements";
export * from "./firestore";
export { createMarker } from "./marker";
