import { useEffect, useState } from "react";
import { useSurroundings } from "./context";
import { inWords, type Words } from "./words";

const gather = 700; // ms; what comes together is said together
const pause = 6000; // ms between two announcements, so that a busy inbox does not talk without end
const named = 2; // titles said in full

/** A polite live region: says what is new, never what is low, and not more often than every few seconds. */
export function Announcer() {
  const { inbox, words } = useSurroundings();
  const [said, setSaid] = useState("");
  useEffect(() => {
    const waiting = new Map<string, string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let quietUntil = 0;
    const say = () => {
      quietUntil = performance.now() + pause;
      timer = undefined;
      setSaid(sentence([...waiting.values()], words));
      waiting.clear();
    };
    const stop = inbox.onNews(news => {
      for (const item of news) if (item.priority !== "low") waiting.set(item.id, item.title);
      if (waiting.size === 0) return;
      setSaid(""); // or the same words would not be said again
      timer ??= setTimeout(say, Math.max(gather, quietUntil - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [inbox, words]);
  return (
    <div className="td-hidden" role="status" lang={words.locale} data-testid="announcer">
      {said}
    </div>
  );
}

function sentence(titles: readonly string[], { announce, locale }: Words): string {
  return announce(titles.length, inWords(locale, titles.slice(0, named).map(shorten)));
}

function shorten(title: string): string {
  return title.length > 120 ? `${title.slice(0, 120)}…` : title;
}
