/** Why a push was held back, as the item has it (`held`), for people. A word that is not known here is shown as it is. */
export function heldText(held: string, name: string): string {
  const reasons: Readonly<Record<string, string>> = {
    presence: `${name} is looking at it`,
    preference: `${name} wants no pushes of this kind`,
    mute: `${name} has muted it`,
    do_not_disturb: `${name} does not want to be disturbed now`,
    quiet_hours: `${name} has quiet hours`,
    interval: "one went out a moment ago; the last state follows",
    budget: `${name} has been told a lot in this hour; it comes in one push with the rest`,
    snooze: `${name} has snoozed it`,
    everybody: "announcements are in the app only",
    "none due": "none due: its priority is too low",
  };
  return reasons[held] ?? held;
}
