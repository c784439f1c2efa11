import type { Notification } from "../core";
import { Avatar } from "./avatar";
import { Icon, iconFor } from "./icons";

/** The actors, stacked, with the type's icon on the corner; or only the icon where nobody in particular did it. */
export function Picture({ item }: { readonly item: Notification }) {
  const icon = <Icon name={iconFor(item.icon, item.category)} />;
  const [first, second] = item.actors;
  if (!first) return <span className="td-picture td-sign">{icon}</span>;
  return (
    <span className="td-picture" data-stacked={second ? "" : undefined}>
      {second && <Avatar actor={second} />}
      <Avatar actor={first} />
      <span className="td-corner">{icon}</span>
    </span>
  );
}
