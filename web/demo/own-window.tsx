import { useEffect, useRef, useSyncExternalStore } from "react";
import { english, german, NotificationCenter, Preferences, TidingsProvider, Toasts, UrgentDialog } from "../src/react";
import { Icon } from "../src/react/icons";
import { postEvent } from "./backend";
import { Colleagues } from "./colleagues";
import { Face } from "./face";
import { noPicture, stayHere } from "./navigation";
import { postOf, type Scenario, social } from "./scenarios";
import type { Sessions } from "./session";
import { SignInProblem } from "./sign-in-problem";
import type { Person, Stack } from "./stack";
import { useAlertsOf, useInboxOf } from "./use-inbox";
import { onScreen, usePresenceOf } from "./use-presence";

// ?lang=de, ?dir=rtl: to see that both are looked after.
const asked = new URLSearchParams(location.search);
const words = asked.get("lang") === "de" ? german : english;

interface OwnWindowProps {
  readonly stack: Stack;
  readonly sessions: Sessions;
  readonly person: Person;
}

/** The small product as one person has it, alone in a window, with the bell where a product has it. */
export function OwnWindow({ stack, sessions, person }: OwnWindowProps) {
  const opening = useInboxOf(sessions, person);
  const { inbox } = opening;
  const { alerts, signOut } = useAlertsOf(sessions, inbox, stack.fcm);
  const presence = usePresenceOf(sessions, inbox);
  const settings = useAddress() === "#settings";
  const target = onScreen();
  const others = stack.people.filter(one => one.uid !== person.uid);
  const shown = others.filter(author => target === addressOf(author));
  useEffect(() => {
    document.title = `Harbour · ${person.name}`;
    document.documentElement.dir = asked.get("dir") ?? "ltr";
  }, [person]);

  const product = (
    <div className="d-product">
      <header className="d-product-top">
        <h1>Harbour</h1>
        <a className="d-quiet" href="/">
          All screens
        </a>
        <Face person={person} />
        <span>{person.name}</span>
        <Colleagues people={others} watcher={presence} />
        <a className="d-quiet" href="#settings" data-testid="settings">
          Settings
        </a>
        <button
          type="button"
          className="d-button"
          data-testid="sign-out"
          title="This browser gets no more pushes for you"
          onClick={() => void signOut().then(() => location.assign("/"))}
        >
          Sign out
        </button>
        {inbox && (
          <>
            <NotificationCenter />
            <Toasts />
            <UrgentDialog />
          </>
        )}
      </header>
      <main>
        <SignInProblem person={person} opening={opening} className="d-card" />
        {inbox && settings && (
          <div className="d-card">
            <Preferences />
          </div>
        )}
        {(target !== null || settings) && (
          <a className="d-quiet" href="#all-posts" data-testid="all-posts">
            All posts
          </a>
        )}
        {(settings ? [] : shown.length > 0 ? shown : others).map(author => (
          <Post
            key={author.uid}
            author={author}
            reader={person}
            index={others.indexOf(author)}
            onType={shown.length > 0 ? presence?.typing : undefined}
          />
        ))}
      </main>
    </div>
  );
  if (!inbox) return product;
  return (
    <TidingsProvider
      inbox={inbox}
      words={words}
      onOpen={stayHere}
      pictureOf={noPicture}
      {...(alerts ? { alerts } : {})}
    >
      {product}
    </TidingsProvider>
  );
}

/** What the page's address says behind the "#": the settings, a post, or nothing for all posts. */
function useAddress(): string {
  return useSyncExternalStore(watchAddress, () => location.hash);
}

function watchAddress(listener: () => void) {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

function addressOf(author: Person): string {
  const { type, id } = postOf(author);
  return `${type}/${id}`;
}

const texts = [
  "First light over the harbour. Worth the alarm clock.",
  "Three days, two passes, one broken boot. Would walk it again.",
  "The bakery on the corner finally does rye.",
  "New desk, same mess. Progress.",
];

const inProduct = ["like", "comment", "friend", "message"];

interface PostProps {
  readonly author: Person;
  readonly reader: Person;
  readonly index: number;
  /** Called as the reader writes a comment; without it the post is one of many, and has no place to write. */
  readonly onType: (() => void) | undefined;
}

function Post({ author, reader, index, onType }: PostProps) {
  const times = useRef(0);
  const act = (scenario: Scenario) => {
    const event = {
      id: crypto.randomUUID(),
      ...scenario.event({ actor: reader, to: author, times: times.current++ }),
      recipients: [author.uid],
    };
    void postEvent(event, "", null);
  };
  return (
    <article className="d-card d-post">
      <header>
        <Face person={author} />
        <a href={`#${addressOf(author)}`} data-testid={`post-${author.uid}`}>
          <strong>{author.name}</strong>
        </a>
      </header>
      <div className="d-view" style={{ "--td-hue": 205 + (index % 3) * 20 }} />
      <p>{texts[index % texts.length]}</p>
      {onType && (
        <input
          className="d-write"
          aria-label={`Comment on ${author.name}’s post`}
          placeholder="Others see that you write"
          data-testid="write"
          onInput={onType}
        />
      )}
      <div className="d-buttons">
        {social
          .filter(({ id }) => inProduct.includes(id))
          .map(scenario => (
            <button
              key={scenario.id}
              type="button"
              className="d-button"
              title={`${author.name} is told`}
              onClick={() => act(scenario)}
            >
              <Icon name={scenario.icon} />
              {scenario.label}
            </button>
          ))}
      </div>
    </article>
  );
}
