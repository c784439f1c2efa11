import type { Notification } from "../core";
import { Avatar } from "./avatar";
import { useSurroundings } from "./context";
import { Icon, iconFor } from "./icons";

/** The actors, stacked, with the type's icon on the corner; or only the icon where nobody in particular did it. */
export function Picture({ item }: { readonly item: Notification }) {
  const [first, second] = item.actors;
  if (!first) {
    return (
      <span className="td-picture td-sign" aria-hidden="true">
        <Sign item={item} />
      </span>
    );
  }
  return (
    <span className="td-picture" data-stacked={second ? "" : undefined} aria-hidden="true">
      {second && <Avatar actor={second} />}
      <Avatar actor={first} />
      <span className="td-corner">
        <Sign item={item} />
      </span>
    </span>
  );
}

function Sign({ item }: { readonly item: Notification }) {
  const { slots } = useSurroundings();
  const sign = <Icon name={iconFor(item.icon, item.category)} />;
  return slots.icon ? <slots.icon item={item}>{sign}</slots.icon> : sign;
}
