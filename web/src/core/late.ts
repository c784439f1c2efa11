/**
 * What loads after the first paint: Firestore's side, and the marks, since nobody marks what is not listed yet. They are one part,
 * so that a page has both or neither.
 */
export * from "./firestore";
export { createMarker } from "./marker";
