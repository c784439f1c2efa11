/**
 * What pages and the service worker post to each other. Each message names the person, since several people may have a page
 * of one browser each, and the worker knows nobody by itself.
 */

/** A notification as the worker shows it; from a push, or from a page that is not looked at. */
export interface Showable {
  readonly id: string;
  readonly revision: number;
  readonly priority: string;
  readonly title: string;
  readonly body: string;
  /** Where a press leads, as it was sent: it is checked before it is followed. */
  readonly url: string;
  readonly actions: readonly { readonly id: string; readonly label: string; readonly url: string }[];
  /** The items that a summary is of, if they are known; a summary goes once none of them is unread. */
  readonly of: readonly string[];
  /** Where the worker says that it has displayed a push, and that it was closed; empty where nobody asks, and of what a page has shown. */
  readonly beacon: string;
}

/** A press at a time when the person had no page open. */
export interface KeptClick {
  readonly uid: string;
  readonly id: string;
  /** The pressed button's action; empty for the notification itself. */
  readonly action: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type ToWorker = { readonly uid: string } & (
  | { readonly tidings: "page" } // this page is that person's
  /** Pushes to this browser are for that person. alone: and for nobody else, so that what others were shown goes. */
  | { readonly tidings: "own"; readonly alone: boolean }
  /** Until somebody is named again, pushes to this browser are for nobody but that person. */
  | { readonly tidings: "guard" }
  | { readonly tidings: "leave" } // the person signs out here
  | { readonly tidings: "show"; readonly item: Showable; readonly silent: boolean }
  | { readonly tidings: "push"; readonly payload: unknown } // a push that reached the page instead of the worker
  | { readonly tidings: "unread"; readonly ids: readonly string[] } // what the badge counts
  | { readonly tidings: "done"; readonly clicks: readonly KeptClick[] }
);

export type ToPage =
  | { readonly tidings: "click"; readonly id: string; readonly action: string }
  | { readonly tidings: "kept"; readonly clicks: readonly KeptClick[] };
