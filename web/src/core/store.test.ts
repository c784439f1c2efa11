import { expect, it, vi } from "vitest";
import { createStore } from "./store";

it("replays the current value, then tells every change until unsubscribed", () => {
  const store = createStore(1);
  const heard: number[] = [];
  const stop = store.subscribe(value => heard.push(value));
  store.set(2);
  stop();
  stop();
  store.set(3);
  expect(heard).toEqual([1, 2]);
});

it("says nothing when the value is the very same", () => {
  const value = { a: 1 };
  const store = createStore(value);
  const listener = vi.fn();
  store.subscribe(listener);
  store.set(value);
  expect(listener).toHaveBeenCalledTimes(1);
  expect(store.getSnapshot()).toBe(value);
});

it("keeps two subscriptions of one function apart", () => {
  const store = createStore(0);
  const listener = vi.fn();
  const stop = store.subscribe(listener);
  store.subscribe(listener);
  stop();
  listener.mockClear();
  store.set(1);
  expect(listener).toHaveBeenCalledTimes(1);
});

it("does not tell a listener whose subscription ended during the telling", () => {
  const store = createStore(0);
  const second = vi.fn();
  let stopSecond = () => {};
  store.subscribe(value => value === 1 && stopSecond());
  stopSecond = store.subscribe(second);
  second.mockClear();
  store.set(1);
  expect(second).not.toHaveBeenCalled();
});

it("forgets everybody when closed", () => {
  const store = createStore(0);
  const listener = vi.fn();
  store.subscribe(listener);
  store.close();
  store.set(1);
  expect(listener).toHaveBeenCalledTimes(1);
});
