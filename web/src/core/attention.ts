import type { Environment } from "./environment";
import type { Health } from "./health";
import type { Notification } from "./model";
import type { News } from "./news";
import type { Notices } from "./notice";
import type { Toaster } from "./toaster";

export interface Attention {
  /** Closes toasts on this page and on all others of the person. */
  dismiss(ids: readonly string[]): void;
  isHidden(): boolean;
  close(): void;
}

export interface AttentionParts {
  readonly environment: Environment;
  /** The same on all pages of the person. */
  readonly channel: string;
  readonly find: (id: string) => Notification | undefined;
  readonly notices: Notices;
  readonly toaster: Toaster;
  readonly news: News;
  readonly health: Health;
}

const away = 3_600_000; // ms; after so long the person finds a state, and no toasts of all that they missed

/** Follows whether the person looks at this page, or at another one of theirs. */
export function watchAttention({
  environment,
  channel,
  find,
  notices,
  toaster,
  news,
  health,
}: AttentionParts): Attention {
  let hidden = false;
  let presentAt = Date.now(); // when the person last looked at a page that was up to date

  function looked() {
    const now = Date.now();
    if (now - presentAt > away) {
      news.forget();
      toaster.clear();
    }
    presentAt = now;
    health.wake();
  }

  const pages = environment.joinPages(channel, message => {
    if (message.kind === "looked") looked();
    else if (message.kind === "closed")
      toaster.dismiss(message.items.flatMap(({ id, revision }) => (find(id)?.revision === revision ? id : [])));
  });
  const stop = environment.watchVisible(visible => {
    hidden = !visible;
    toaster.pause("hidden", hidden);
    notices.pause("hidden", hidden);
    if (hidden) {
      presentAt = Date.now();
      return;
    }
    looked();
    pages.post({ kind: "looked" });
  });
  return {
    dismiss(ids) {
      const items = ids.map(id => ({ id, revision: find(id)?.revision }));
      toaster.dismiss(ids);
      pages.post({ kind: "closed", items });
    },
    isHidden: () => hidden,
    close() {
      stop();
      pages.close();
    },
  };
}
