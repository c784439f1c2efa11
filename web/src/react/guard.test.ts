import { createElement, type MouseEvent, type SyntheticEvent } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startle, useGuard } from "./guard";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rendered() {
  let guard: ReturnType<typeof useGuard> | null = null;
  function Probe() {
    guard = useGuard();
    return null;
  }
  renderToStaticMarkup(createElement(Probe));
  return guard as unknown as ReturnType<typeof useGuard>;
}

/** Whether the handler keeps the event from whatever it was over. `detail` is 0 for a key that presses a button. */
function swallows(handler: (event: never) => unknown, detail = 1): boolean {
  const event = { detail, preventDefault: vi.fn(), stopPropagation: vi.fn() };
  handler(event as unknown as SyntheticEvent & MouseEvent as never);
  return event.preventDefault.mock.calls.length > 0 && event.stopPropagation.mock.calls.length > 0;
}

describe("what has just appeared or moved", () => {
  it("takes no press and no key for half a second, and all of them before and after", () => {
    const { arm, handlers, pointerHandlers } = rendered();
    expect(swallows(handlers.onClickCapture)).toBe(false);
    arm();
    vi.advanceTimersByTime(startle - 1);
    expect(swallows(handlers.onClickCapture)).toBe(true);
    expect(swallows(handlers.onKeyDownCapture)).toBe(true);
    expect(swallows(pointerHandlers.onClickCapture)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(swallows(handlers.onClickCapture)).toBe(false);
    expect(swallows(pointerHandlers.onClickCapture)).toBe(false);
  });

  it("still takes the keys of somebody who walks its rows or toasts", () => {
    const { arm, pointerHandlers } = rendered();
    arm();
    expect(swallows(pointerHandlers.onClickCapture, 0)).toBe(false);
  });
});
