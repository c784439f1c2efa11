/**
 * What an inbox asks of the place it runs in, beyond ECMAScript, timers and `fetch`. `browser.ts` answers it for a page;
 * React Native, or a test, gives its own.
 */
export interface Environment {
  /** Calls `listener` at once, and whenever the network comes or goes. Returns the function that ends it. */
  watchOnline(listener: (online: boolean) => void): () => void;
  /**
   * Calls `listener` with true whenever somebody looks at the app, or may look again: it came to the front, or the machine
   * woke up. Calls it with false when the app is hidden, and at once if it is hidden already. Returns the function that ends it.
   */
  watchVisible(listener: (visible: boolean) => void): () => void;
  /** Resolves when the app has drawn itself once. Firestore loads only then. */
  painted(): Promise<void>;
  /** Joins the other pages of the same person. `name` is the same for all of them. */
  joinPages(name: string, receive: (message: PageMessage) => void): Pages;
}

/** What one page of a person sends to the others, which may have an older or a newer version of this package. The items need no message: Firestore's cache is shared. */
export type PageMessage =
  /** Toasts were closed by hand, each at this revision of its item; undefined is of an item that the page does not hold. */
  | {
      readonly kind: "closed";
      readonly items: readonly { readonly id: string; readonly revision: number | undefined }[];
    }
  /** Somebody looks at a page again, and this one may be the one that holds the connection for all. */
  | { readonly kind: "looked" };

export interface Pages {
  /** Sends to all other pages. */
  post(message: PageMessage): void;
  close(): void;
}

/** Where nothing is known of a screen or a network, as on a server: there is a network, and nobody looks. */
export const nowhere: Environment = {
  watchOnline(listener) {
    listener(true);
    return () => {};
  },
  watchVisible: () => () => {},
  painted: () => Promise.resolve(),
  joinPages: () => ({ post() {}, close() {} }),
};
