import type { Notification } from "../core";
import { useSurroundings } from "./context";

/** Says in a word and a sign that the item is more or less pressing than others. */
export function PriorityMark({ item }: { readonly item: Notification }) {
  const { words } = useSurroundings();
  if (item.priority === "low") return <span className="td-hidden">{words.priority.low}. </span>;
  if (item.priority !== "urgent" && item.priority !== "high") return null;
  return (
    <span className="td-priority">
      <span aria-hidden="true">{item.priority === "urgent" ? "!" : "↑"}</span>
      {words.priority[item.priority]}
    </span>
  );
}
