import { useEffect, useRef } from "react";
import { english, german, NotificationCenter, TidingsProvider, Toasts, UrgentDialog } from "../src/react";
import { Icon } from "../src/react/icons";
import { postEvent } from "./backend";
import { Face } from "./face";
import { stayHere } from "./navigation";
import { type Scenario, social } from "./scenarios";
import type { Sessions } from "./session";
import type { Person, Stack } from "./stack";
import { useAlertsOf, useInboxOf } from "./use-inbox";

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
  const { inbox, problem, retry } = useInboxOf(sessions, person);
  const alerts = useAlertsOf(sessions, inbox, stack.fcm);
  const others = stack.people.filter(one => one !== person);
  useEffect(() => {
    document.title = `Harbour · ${person.name}`;
    document.documentElement.dir = asked.get("dir") ?? "ltr";
  }, [person]);

  return (
    <div className="d-product">
      <header className="d-product-top">
        <h1>Harbour</h1>
        <a className="d-quiet" href="/">
          All screens
        </a>
        <Face person={person} />
        <span>{person.name}</span>
        {inbox && (
          <TidingsProvider inbox={inbox} words={words} onOpen={stayHere} {...(alerts ? { alerts } : {})}>
            <NotificationCenter />
            <Toasts />
            <UrgentDialog />
          </TidingsProvider>
        )}
      </header>
      <main>
        {problem !== null && (
          <div className="d-card" role="alert">
            <p>{person.name} could not be signed in. Is the Auth emulator running?</p>
            <p className="d-quiet">{problem}</p>
            <button type="button" className="d-button" onClick={retry}>
              Try again
            </button>
          </div>
        )}
        {others.map((author, index) => (
          <Post key={author.uid} author={author} reader={person} index={index} />
        ))}
      </main>
    </div>
  );
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
}

function Post({ author, reader, index }: PostProps) {
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
        <strong>{author.name}</strong>
      </header>
      <div className="d-view" style={{ "--td-hue": 205 + (index % 3) * 20 }} />
      <p>{texts[index % texts.length]}</p>
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
