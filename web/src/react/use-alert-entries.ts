import { useSurroundings } from "./context";
import { useAlerts } from "./hooks";
import type { MenuEntry } from "./menu";

/** Browser notifications and sound, in the centre's menu. Asking for permission happens here, after a press, and never by itself. */
export function useAlertEntries(): readonly MenuEntry[] {
  const { words, alerts } = useSurroundings();
  const state = useAlerts();
  if (!alerts || !state) return [];
  const { permission, sound } = state;
  const entries: MenuEntry[] = [
    {
      id: "sound",
      label: words.alerts.sound,
      icon: "sound",
      checked: sound,
      carryOut: () => alerts.setSound(!sound),
    },
  ];
  if (permission === "unsupported") return entries;
  const labels = { default: words.alerts.turnOn, granted: words.alerts.on, denied: words.alerts.blocked };
  const asking: MenuEntry = {
    id: "alerts",
    label: labels[permission],
    icon: permission === "granted" ? "check" : "bell",
    disabled: permission !== "default",
    carryOut: () => void alerts.request(),
  };
  return [asking, ...entries];
}
