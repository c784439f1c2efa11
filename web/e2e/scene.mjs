/** A believable inbox, for the pictures and the checks of what people look at. */

const minute = 60_000;
const hour = 60 * minute;

export const people = {
  alice: { id: "alice", name: "Alice Moreau", imageUrl: "" },
  carol: { id: "carol", name: "Carol Lindqvist", imageUrl: "" },
  dave: { id: "dave", name: "Dave Okafor", imageUrl: "" },
  erin: { id: "erin", name: "Erin Sato", imageUrl: "" },
};

/** Items of every kind and state, ending at `now` (milliseconds since 1970). */
export function scene(now) {
  const { alice, carol, dave, erin } = people;
  const at = ago => new Date(now - ago);
  const read = ago => ({ seenAt: at(ago), readAt: at(ago) });
  return [
    {
      id: "incident",
      type: "incident.opened",
      category: "incidents",
      icon: "incident",
      priority: "urgent",
      title: "Incident: Checkout is slow",
      body: "p99 above 4 s in europe-west1",
      updatedAt: at(2 * minute),
    },
    {
      id: "friend",
      type: "friend.requested",
      icon: "friend",
      priority: "high",
      title: "Erin Sato wants to be your friend",
      actors: [erin],
      updatedAt: at(4 * minute),
      actions: [
        { id: "accept", label: "Accept", url: "", style: "primary" },
        { id: "decline", label: "Decline", url: "", style: "" },
      ],
    },
    {
      id: "mention",
      type: "user.mentioned",
      icon: "mention",
      priority: "high",
      title: "Alice Moreau mentioned you in Harbour at dawn",
      body: "@bob you have to see this light",
      target: { type: "post", id: "1", source: "", title: "Harbour at dawn", url: "/posts/1" },
      url: "/posts/1",
      actors: [alice],
      updatedAt: at(21 * minute),
    },
    {
      id: "payment",
      type: "payment.failed",
      category: "payments",
      icon: "payment",
      priority: "high",
      title: "Payment for Harbour Pro failed",
      body: "The card ending in 4242 was declined",
      updatedAt: at(3 * hour),
      actions: [{ id: "update", label: "Update payment method", url: "/pay", style: "primary" }],
      doneAction: "update",
      ...read(2 * hour),
    },
    {
      id: "likes",
      icon: "heart",
      title: "Carol Lindqvist and 2 others liked A walk in the Alps",
      url: "/posts/2",
      actors: [carol, dave, alice],
      actorCount: 3,
      updatedAt: at(35 * minute),
    },
    {
      id: "comments",
      type: "comment.created",
      icon: "comment",
      title: "4 new comments on A walk in the Alps by Dave Okafor and Erin Sato",
      body: "Where is this? I want to go there.",
      url: "/posts/2",
      actors: [dave, erin],
      updatedAt: at(50 * minute),
    },
    {
      id: "order",
      type: "order.shipped",
      category: "orders",
      icon: "truck",
      title: "Order 1042 has shipped",
      body: "With Harbour Express, expected tomorrow",
      updatedAt: at(5 * hour),
      ...read(4 * hour),
    },
    {
      id: "follow",
      type: "user.followed",
      icon: "follow",
      title: "Dave Okafor followed you",
      actors: [dave],
      updatedAt: at(26 * hour),
      ...read(20 * hour),
    },
    {
      id: "news",
      type: "system.announcement",
      category: "system",
      icon: "announcement",
      priority: "low",
      title: "Maintenance on Sunday, 3 to 4 a.m.",
      body: "Uploads pause for a few minutes.",
      updatedAt: at(7 * hour),
    },
  ];
}

export const urgentQuestion = {
  id: "signin",
  type: "security.alert",
  category: "security",
  icon: "shield",
  priority: "urgent",
  title: "Security alert for your account",
  body: "New sign-in from Oslo, on Firefox for Linux. Was it you?",
  actions: [
    { id: "me", label: "It was me", url: "", style: "primary" },
    { id: "block", label: "Block it", url: "", style: "danger" },
  ],
};
