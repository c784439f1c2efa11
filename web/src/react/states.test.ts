import { createElement, type ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Inbox, InboxSnapshot } from "../core";
import { aNotification } from "../testing/notifications";
import { TidingsProvider } from "./provider";
import { Instead, Strip } from "./states";
import { wholeView } from "./view";

const inbox = { getSnapshot: () => ({}), subscribe: () => () => {}, retry: () => {} } as unknown as Inbox;
function drawn(children: ReactElement) {
  const provided = { inbox, children };
  return renderToStaticMarkup(createElement(TidingsProvider, provided));
}
const buttons = (markup: string) => [...markup.matchAll(/<button[^>]*data-testid="([^"]*)"/g)].map(([, id]) => id);

describe.each([
  ["ended", "Reload", "reload"],
  ["unavailable", "Try now", "try-again"],
])("an inbox whose error is %s", (code, label, button) => {
  const state = { loaded: true, error: { code, message: "" }, connectionStatus: "reconnecting" } as const;

  it(`offers “${label}” above the items that it has`, () => {
    const snapshot = { ...state, notifications: [aNotification()] } as unknown as InboxSnapshot;
    const markup = drawn(createElement(Strip, { snapshot }));
    expect(buttons(markup)).toEqual([button]);
    expect(markup).toContain(label);
  });

  it("and in the place of the list, where it has none", () => {
    const markup = drawn(createElement(Instead, { ...state, view: wholeView }));
    expect(buttons(markup)).toEqual([button]);
    expect(markup).toContain(label);
  });
});
