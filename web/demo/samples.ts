/** A few items to begin with, so that a newcomer sees a list and not an empty one. */
import type { Inbox } from "../src/core";
import { sendEvent } from "./backend";
import { operations, type Scenario, social } from "./scenarios";
import type { Person } from "./stack";

const samples = ["order", "like", "comment", "friend"];

/**
 * Posts the sample events for a person whose inbox and archive are empty. Their ids are always the same, so that two pages
 * that do it at once make no second item. Answers the function that stops waiting for the inbox.
 */
export function addSamples(inbox: Inbox, person: Person, people: readonly Person[]): () => void {
  const others = people.filter(one => one !== person);
  let known = { listed: -1, archived: -1 };
  const stops: (() => void)[] = [];
  const stop = () => {
    for (const end of stops.splice(0)) end();
  };
  const learn = (news: Partial<typeof known>) => {
    known = { ...known, ...news };
    if (known.listed < 0 || known.archived < 0) return;
    stop();
    if (known.listed + known.archived === 0) void post(person, others);
  };
  stops.push(
    inbox.subscribe(({ connectionStatus, notifications }) => {
      if (connectionStatus === "connected") learn({ listed: notifications.length });
    }),
    inbox.archived.subscribe(({ loaded, notifications }) => {
      if (loaded) learn({ archived: notifications.length });
    }),
  );
  return stop;
}

async function post(person: Person, others: readonly Person[]) {
  const scenarios = samples.map(id => [...social, ...operations].find(one => one.id === id));
  for (const [index, scenario] of scenarios.entries()) {
    const actor = others[index % others.length];
    if (!scenario || !actor) continue;
    await sendEvent({ id: `sample-${scenario.id}-${person.uid}`, ...sample(scenario, actor, person) }).catch(() => {});
  }
}

function sample(scenario: Scenario, actor: Person, to: Person) {
  const event = scenario.event({ actor, to, times: 0 });
  // A target of its own: what the buttons post begins anew.
  const target = event.target && { ...event.target, id: `sample-${to.uid}` };
  return { ...event, ...(target ? { target } : {}), recipients: [to.uid] };
}
