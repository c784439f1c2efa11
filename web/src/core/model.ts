/**
 * The stored documents, written down once for the web, as they are in Firestore.
 *
 * `users/{uid}/notifications/{id}` is created and folded by the functions. The owner may change seven fields and no
 * others; each says so. Times are Firestore timestamps there and milliseconds since 1970 here, so that nothing above
 * the feed has to know Firestore.
 */

/** How much a person is to notice: urgent interrupts, low waits in the centre and never counts. */
export type Priority = "urgent" | "high" | "medium" | "low";

/** What a recipient's choices are about: a name in the functions' catalogue, which alone lists them. */
export type Category = string;

/** Who caused an event. */
export interface Actor {
  /** The product's id of the person; a Firebase uid where the product signs in with Firebase. */
  readonly id: string;
  /** As the producer wrote it; shown in the avatar's initials. Empty when unknown. */
  readonly name: string;
  /** http(s) address or path of a picture; empty for none. */
  readonly imageUrl: string;
}

/** What the event happened to. */
export interface Target {
  /** A kind of the product's own: "post", "order", "conversation". */
  readonly type: string;
  readonly id: string;
  /** Which system's numbering the id is of; empty where the product has only one. */
  readonly source: string;
  /** Shown to people; may be empty. */
  readonly title: string;
  /** http(s) address or path; may be empty. */
  readonly url: string;
}

/** A choice offered on the item itself. */
export interface Action {
  /** What `doneAction` is set to once the person has chosen. */
  readonly id: string;
  /** In the recipient's language. */
  readonly label: string;
  /** Where the choice leads; empty when the product only listens for `doneAction`. */
  readonly url: string;
  readonly style: "primary" | "danger" | "";
}

/** The `why` of an announcement, which is everybody's document: only the marks are the person's own. */
export type Everybody = "audience:everybody";

/** One recipient's inbox item: `users/{uid}/notifications/{id}` without what only the functions read. */
export interface Notification {
  /** The document's id, the same for every change of a group, and the collapse id of its pushes. */
  readonly id: string;
  /** Dotted, past tense, an entry of the catalogue: "post.liked". */
  readonly type: string;
  readonly category: Category;
  readonly priority: Priority;
  /** 3 for urgent down to 0 for low. It is stored because the strings do not sort by importance. */
  readonly rank: number;
  /** The catalogue's name of a picture; a client that does not know it falls back to the category. */
  readonly icon: string;
  /** One plain sentence in the recipient's language: "Carol and 2 others liked your post". Never markup. */
  readonly title: string;
  /** More of it, plain; may be empty. */
  readonly body: string;
  /** The latest first, at most three. */
  readonly actors: readonly Actor[];
  /** How many distinct people the item stands for; exact. */
  readonly actorCount: number;
  /** How many events the item stands for. */
  readonly eventCount: number;
  /** null where the event happened to nothing in particular. */
  readonly target: Target | null;
  /** Where a click leads; may be empty. */
  readonly url: string;
  readonly actions: readonly Action[];
  /** Owner, once: the id of the action that was taken; null before. */
  readonly doneAction: string | null;
  /** Owner: when that was; null where the client did not say. */
  readonly doneAt: number | null;
  /** When the first event was folded in, by the functions' clock. */
  readonly createdAt: number;
  /** Moves only when there is something new to see; the list's order. */
  readonly updatedAt: number;
  /** Grows with every visible change. A mark repeats it, so that the rules can refuse one made for an older state. */
  readonly revision: number;
  /** Owner: when the item was first on screen; null = not yet, or something new has happened since. */
  readonly seenAt: number | null;
  /** Owner: when it was read. Implies seenAt. */
  readonly readAt: number | null;
  /** Owner: when its link was followed; null = not, or something new has happened since. */
  readonly followedAt: number | null;
  /** Owner: when it was put away. The functions bring it back when something new happens. */
  readonly archivedAt: number | null;
  /** Owner: hidden until then. */
  readonly snoozedUntil: number | null;
  /** Functions: everything it told of was taken back. Such an item is never shown. */
  readonly retractedAt: number | null;
  /** Functions: when the item is over and hidden; the database removes it some time later. */
  readonly expireAt: number | null;
  /** Why the person is told: "recipient", or "audience:ID"; of an announcement "audience:everybody". */
  readonly why: string;
  /** Why the push was held back: "preference", "mute", "snooze", "quiet_hours", "do_not_disturb", "presence", "interval", "budget"; empty if it was not. */
  readonly held: string;
  /** Functions: the revision of the push that devices may show of the item; 0 where they show none. */
  readonly shown: number;
  /** Why the last news went to the archive: "preference" or "mute"; empty if they did not. */
  readonly muted: string;
  /** This client only: a mark of ours has not reached the server yet. */
  readonly pending: boolean;
}
