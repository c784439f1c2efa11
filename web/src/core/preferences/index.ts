/** @packageDocumentation What a person says about being told, without a framework: `await inbox.preferences()`, subscribe, change. */
export { type CategoryInfo, categories } from "../categories";
export type { ChangeResult } from "./changes";
export { type CategoryChoices, type Choice, choicesOf, isDoNotDisturbOn, mutesAt } from "./choices";
export { type Lately, lateDays } from "./lately";
export {
  allChannels,
  type Channel,
  type Day,
  type Digest,
  type DoNotDisturb,
  days,
  limits,
  type Mute,
  type PreferencesSnapshot,
  type QuietHours,
  type QuietRange,
  type Saving,
  type Settings,
} from "./model";
export { muteKey } from "./mute-key";
export { deviceZone, type Preferences } from "./preferences";
