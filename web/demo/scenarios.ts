/** What can happen in the demo's small product, as the events that its back end posts. */

import type { Priority } from "../src/core";
import type { IconName } from "../src/react/icons";
import type { Person } from "./stack";

/** The part of an event (`POST /v1/events`) that the demo uses. */
export interface DemoEvent {
  readonly id: string;
  readonly type: string;
  readonly actor?: { readonly id: string; readonly name: string };
  readonly target?: { readonly type: string; readonly id: string; readonly title?: string; readonly url?: string };
  /** Left out where there is an audience. */
  readonly recipients?: readonly string[];
  readonly audience?: "everybody";
  readonly priority?: Priority;
  readonly retract?: boolean;
  readonly title?: string;
  readonly actions?: readonly { readonly id: string; readonly label: string; readonly style?: string }[];
  readonly data?: Readonly<Record<string, string>>;
}

/** Who does it to whom, and how often this button was pressed before. */
export interface Circumstances {
  readonly actor: Person;
  readonly to: Person;
  readonly times: number;
}

export interface Scenario {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  /** What the newcomer learns from it; the button's tooltip. */
  readonly hint: string;
  event(circumstances: Circumstances): Omit<DemoEvent, "id" | "recipients">;
}

// A post, an order and an incident live as long as the page, so that a fresh page starts fresh groups.
const visit = Date.now().toString(36);

/** The post of that person which the demo is about. */
export function postOf(person: Person): { type: string; id: string; url: string } {
  return { type: "post", id: `${person.uid}-${visit}`, url: `/?person=${person.uid}` };
}

const comments = ["What a view!", "Where is this? I want to go there.", "The light is unreal.", "Frame this one."];
const messages = ["Are you free at noon?", "I found the place we talked about.", "Call me when you can."];
const announcements = ["Comments can be edited now", "We are away for an hour on Sunday", "The app speaks German now"];
const steps = ["order.shipped", "order.out_for_delivery", "order.delivered"] as const;

function by({ uid, name }: Person) {
  return { actor: { id: uid, name } };
}

function pick(from: readonly string[], times: number): string {
  return from[times % from.length] ?? "";
}

/** What people do. */
export const social: readonly Scenario[] = [
  {
    id: "like",
    label: "Like",
    icon: "heart",
    hint: "Likes of one post fold into one item that counts people, not clicks",
    event: ({ actor, to }) => ({ type: "post.liked", ...by(actor), target: postOf(to) }),
  },
  {
    id: "unlike",
    label: "Take like back",
    icon: "cancelled",
    hint: "The person leaves the group; when nobody is left the item goes",
    event: ({ actor, to }) => ({ type: "post.liked", ...by(actor), target: postOf(to), retract: true }),
  },
  {
    id: "comment",
    label: "Comment",
    icon: "comment",
    hint: "Comments on one post share an item that counts comments",
    event: ({ actor, to, times }) => ({
      type: "comment.created",
      ...by(actor),
      target: postOf(to),
      data: { text: pick(comments, times) },
    }),
  },
  {
    id: "follow",
    label: "Follow",
    icon: "person",
    hint: "New followers of one person share an item",
    event: ({ actor }) => ({ type: "user.followed", ...by(actor) }),
  },
  {
    id: "friend",
    label: "Befriend",
    icon: "person",
    hint: "Asks something: accept or decline right in the list, in the toast or offline",
    event: ({ actor }) => ({ type: "friend.requested", ...by(actor) }),
  },
  {
    id: "mention",
    label: "Mention",
    icon: "mention",
    hint: "A mention is personal: high priority, and a push",
    event: ({ actor, to }) => ({
      type: "user.mentioned",
      ...by(actor),
      target: { ...postOf(actor), id: `${actor.uid}-${visit}` },
      data: { text: `@${to.name} you have to see this` },
    }),
  },
  {
    id: "message",
    label: "Message",
    icon: "message",
    hint: "Messages of one conversation share an item that shows the last one",
    event: ({ actor, to, times }) => ({
      type: "message.received",
      ...by(actor),
      target: { type: "conversation", id: [actor.uid, to.uid].sort().join("-"), url: `/?person=${to.uid}` },
      data: { text: pick(messages, times) },
    }),
  },
];

/** What machines report. Nobody in particular did it. */
export const operations: readonly Scenario[] = [
  {
    id: "order",
    label: "Order ships",
    icon: "truck",
    hint: "Shipped, out for delivery, delivered: one item that changes in place",
    event: ({ times }) => {
      const number = 1042 + Math.floor(times / steps.length);
      return {
        type: steps[times % steps.length] ?? steps[0],
        target: { type: "order", id: `${number}-${visit}`, title: `Order ${number}`, url: "/" },
        data: { carrier: "With Harbour Express, expected tomorrow" },
      };
    },
  },
  {
    id: "incident",
    label: "Incident",
    icon: "alert",
    hint: "Opened as urgent, resolved with the next press: the same item calms down",
    event: ({ times }) => ({
      type: times % 2 === 0 ? "incident.opened" : "incident.resolved",
      target: { type: "incident", id: `${Math.floor(times / 2)}-${visit}`, title: "Checkout is slow", url: "/" },
      data: { summary: times % 2 === 0 ? "p99 above 4 s in europe-west1" : "p99 is back to 180 ms" },
    }),
  },
  {
    id: "payment",
    label: "Payment fails",
    icon: "card",
    hint: "High priority, and something to do about it",
    event: () => ({
      type: "payment.failed",
      target: { type: "subscription", id: `pro-${visit}`, title: "Harbour Pro", url: "/" },
      data: { reason: "The card ending in 4242 was declined" },
    }),
  },
  {
    id: "security",
    label: "Security alert",
    icon: "shield",
    hint: "Urgent, and it asks something: a person’s own window interrupts with a dialog",
    event: () => ({
      type: "security.alert",
      data: { summary: "New sign-in from Oslo, on Firefox for Linux. Was it you?" },
      actions: [
        { id: "me", label: "It was me", style: "primary" },
        { id: "block", label: "Block it", style: "danger" },
      ],
    }),
  },
  {
    id: "announce",
    label: "Announce",
    icon: "megaphone",
    hint: "One document for all people: one write, and it is on every screen",
    event: ({ times }) => ({
      type: "system.announcement",
      audience: "everybody",
      priority: "medium",
      title: pick(announcements, times),
    }),
  },
  {
    id: "broken",
    label: "Wrong event",
    icon: "cancelled",
    hint: "What a developer gets for a type that does not exist",
    event: () => ({ type: "post.likd" }),
  },
];
