/** The places where a product puts something of its own. Each component gets as `children` what would stand there without it. */
import type { ComponentType, ReactNode } from "react";
import type { Action, Notification } from "../core";
import type { Tab } from "./view";

interface Slot {
  /** What the centre itself would draw here: leave it out, put something around it, or draw it as it is. */
  readonly children: ReactNode;
}

export interface RowSlot extends Slot {
  readonly item: Notification;
}

export interface IconSlot extends Slot {
  readonly item: Notification;
}

export interface ActionSlot extends Slot {
  readonly item: Notification;
  readonly action: Action;
}

export interface EmptySlot extends Slot {
  /** Which list is empty; "search" where a search or a category leaves nothing. */
  readonly list: Tab | "search";
}

/** Components are compared by identity: declare them outside of the component that renders the provider. */
export interface Slots {
  /** The content of a row: picture, texts, answers. The row itself stays: its focus, keys, buttons and marks. */
  readonly row?: ComponentType<RowSlot>;
  /** The sign of an item, which is hidden from assistive technology. */
  readonly icon?: ComponentType<IconSlot>;
  /** One answer of an item. A button of your own answers with `useInbox().act(item.id, action.id)`. */
  readonly action?: ComponentType<ActionSlot>;
  /** What a list says when it has no items. */
  readonly empty?: ComponentType<EmptySlot>;
}
