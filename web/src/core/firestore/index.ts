/**
 * The lists and the marks in Firestore. This folder is all that knows Firestore, and it is loaded after the first paint
 * (about 160 kB compressed, most of what a page with an inbox weighs).
 */
export { abortAfter, examine, type Health, hasEnded, longest, reconnect } from "./health";
export { firestoreOf, forget, replaceFirestore } from "./instance";
export { listen, readPage } from "./listen";
export { placeOf } from "./place";
export { listenToProfile, writeProfile } from "./profile";
export { write, writeAll } from "./write";
