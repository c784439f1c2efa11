import type { Notification } from "../core";
import { useSurroundings } from "./context";

/** Says in a word that the item is more or less pressing than others. The coloured edge says it strongly. */
export function PriorityMark({ item }: { readonly item: Notification }) {
  const { words } = useSurroundings();
  if (item.priority === "low") return <span className="td-hidden">{words.priority.low}. </span>;
  if (item.priority !== "urgent" && item.priority !== "high") return null;
  return <span className="td-priority">{words.priority[item.priority]}</span>;
}
