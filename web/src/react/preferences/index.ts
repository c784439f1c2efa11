/** What loads when the preferences or the reason of an item are first opened: one part, because they show the same choices. */
export { PreferencesScreen } from "./screen";
export { Why } from "./why";
