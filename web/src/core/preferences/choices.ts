/** What holds for a person: their choices on top of the catalogue's defaults. */
import type { CategoryInfo } from "../categories";
import { allChannels, type Channel, type DoNotDisturb, type Mute, type Settings } from "./model";

/** What holds for one category and channel. */
export interface Choice {
  readonly channel: Channel;
  readonly on: boolean;
  /** Whether the person has said so; if not, it is the catalogue's default. */
  readonly chosen: boolean;
  /**
   * Why it cannot be changed here; null where it can. always: nothing of the category can be switched off. archived: the
   * category is off in the app, which silences its pushes, too.
   */
  readonly fixed: "always" | "archived" | null;
}

export interface CategoryChoices {
  readonly info: CategoryInfo;
  /** Whether some of its types come whatever is chosen. */
  readonly someAlwaysOn: boolean;
  readonly choices: readonly Choice[];
}

export function choicesOf(
  { chosen }: Settings,
  categories: readonly CategoryInfo[],
  channels: readonly Channel[] = allChannels,
): readonly CategoryChoices[] {
  return categories.map(info => ({
    info,
    someAlwaysOn: info.mutable && info.alwaysOn.length > 0,
    choices: channels.map(channel => choiceIn(info, channel, chosen)),
  }));
}

function choiceIn(info: CategoryInfo, channel: Channel, chosen: Settings["chosen"]): Choice {
  const said = chosen[channel].get(info.category);
  const byDefault = isOnByDefault(info, channel);
  if (!info.mutable) return { channel, on: byDefault, chosen: false, fixed: "always" };
  if (channel === "push" && chosen.in_app.get(info.category) === false) {
    return { channel, on: false, chosen: said !== undefined, fixed: "archived" };
  }
  return { channel, on: said ?? byDefault, chosen: said !== undefined, fixed: null };
}

export function isOnByDefault({ channels }: CategoryInfo, channel: Channel): boolean {
  return channels.includes(channel);
}

/** The mutes that hold at `now`. */
export function mutesAt({ mutes }: Settings, now: number): readonly Mute[] {
  return mutes.filter(({ until }) => until === null || until > now);
}

/** Whether do not disturb holds at `now`. */
export function isDoNotDisturbOn({ enabled, until }: DoNotDisturb, now: number): boolean {
  return enabled && (until === null || until > now);
}
