/** The running stack, for scripts: its people, its items as they are stored, and what it has pushed. */
import { randomUUID } from "node:crypto";
import { Failure, patience, until } from "./assertions.mjs";
import { decode, deepDecode, encode, stored } from "./documents.mjs";

/** A request that ends: with an answer, or with an error when nobody has the patience for one any more. */
const ask = (address, options, limit = patience) => fetch(address, { signal: AbortSignal.timeout(limit), ...options });

/** The stack as its producers and its administrator see it. */
export class Stack {
  constructor(addresses) {
    this.addresses = addresses;
    this.documents = `projects/${addresses.project}/databases/(default)/documents`;
  }

  /** Fails at once where the stack has ended: then no wait is worth its time. */
  async answers() {
    try {
      await ask(`${this.addresses.web}/stack.json`, {}, 30_000);
    } catch (error) {
      throw new Failure(`the stack does not answer any more: ${error.cause?.message ?? error.message}`);
    }
  }

  /** The time by the stack's clock, which tests move forwards, in milliseconds since 1970. */
  async now() {
    const answer = await ask(this.addresses.clock);
    return Date.parse((await answer.json()).now);
  }

  /** A person of this script's own. */
  async person(name) {
    const uid = `${name.toLowerCase()}-${randomUUID().slice(0, 8)}`;
    const person = { uid, name, email: `${uid}@tidings.example`, password: "tidings" };
    const { auth, project } = this.addresses;
    await this.#post(`http://${auth}/identitytoolkit.googleapis.com/v1/projects/${project}/accounts`, {
      localId: uid,
      email: person.email,
      password: person.password,
    });
    return person;
  }

  /** Posts an event as the product would, and answers when it was accepted. */
  async event(event) {
    await this.#post(`${this.addresses.web}/v1/events`, event, {});
  }

  /** Writes items as the functions would have, past the rules: `[{id, title, …}]` on top of an unread medium one. */
  async seed(person, items) {
    const now = await this.now();
    const writes = items.map(item => ({
      update: { name: this.#name(person, item.id), fields: encode(stored(item, new Date(now))) },
    }));
    for (let at = 0; at < writes.length; at += 100) await this.#commit(writes.slice(at, at + 100));
  }

  /** Changes some fields of an item as the functions would: what it says, and its revision. */
  change(person, id, fields) {
    return this.changeAll(person, [{ id, ...fields }]);
  }

  /** The same for several items in one commit. */
  async changeAll(person, changes) {
    await this.#commit(
      changes.map(({ id, ...fields }) => ({
        update: { name: this.#name(person, id), fields: encode(fields) },
        updateMask: { fieldPaths: Object.keys(fields) },
      })),
    );
  }

  /** An item as it is stored, past any cache; null if there is none. */
  async stored(person, id) {
    const answer = await ask(`http://${this.addresses.firestore}/v1/${this.#name(person, id)}`, {
      headers: { Authorization: "Bearer owner" },
    });
    return answer.ok ? decode((await answer.json()).fields) : null;
  }

  /** What the person says about being told, and what else is in their profile, with maps and lists as they are. */
  async profile(person) {
    const answer = await this.#owner(`users/${person.uid}`);
    return answer.ok ? deepDecode((await answer.json()).fields ?? {}) : {};
  }

  /** Mutes a target as another client of the person would. */
  mute(person, key, mute) {
    const name = `${this.documents}/users/${person.uid}`;
    const mask = { fieldPaths: [`mutes.\`${key}\``] };
    return this.#commit([{ update: { name, fields: encode({ mutes: { [key]: mute } }) }, updateMask: mask }]);
  }

  /** Deletes an item, as the database does when it has expired. */
  async remove(person, id) {
    await this.#commit([{ delete: this.#name(person, id) }]);
  }

  /** Takes away all that everybody is told, as a cancellation does. */
  async endAnnouncements() {
    const { documents = [] } = await (await this.#owner("announcements")).json();
    const [fields, updateMask] = [encode({ expireAt: new Date(0) }), { fieldPaths: ["expireAt"] }];
    await this.#commit(documents.map(({ name }) => ({ update: { name, fields }, updateMask })));
  }

  /** The browsers and phones that the person has registered. */
  async devices(person) {
    const answer = await this.#owner(`users/${person.uid}/devices`);
    return ((await answer.json()).documents ?? []).map(({ fields }) => decode(fields));
  }

  /** Waits until the subscriber would push to the device: until the mirror function has copied it into the profile. */
  async knows(person, value) {
    await until("the subscriber knows the device", async () => {
      const answer = await this.#owner(`users/${person.uid}`);
      return answer.ok && (await answer.text()).includes(JSON.stringify(value));
    });
  }

  /** Gives the person a phone, and answers its address. */
  async phone(person) {
    const value = `${person.uid}-phone`;
    const fields = encode({ kind: "token", value, platform: "android", locale: "en", lastSeenAt: new Date() });
    await this.#commit([{ update: { name: `${this.documents}/users/${person.uid}/devices/phone`, fields } }]);
    await this.knows(person, value);
    return value;
  }

  /** Makes people members of an audience. */
  async join(audience, ...people) {
    await this.#commit(
      people.map(({ uid }) => ({
        update: {
          name: `${this.documents}/audiences/${audience}/members/${uid}`,
          fields: encode({ since: new Date() }),
        },
      })),
    );
  }

  /** The leases of the person's pages, as the subscriber knows them, also those that are over: what each shows, and until when it counts. */
  async inView(person) {
    const answer = await this.#owner(`users/${person.uid}`);
    const { fields = {} } = answer.ok ? await answer.json() : {};
    return Object.values(fields.sessions?.mapValue.fields ?? {}).map(({ mapValue }) => decode(mapValue.fields));
  }

  /** How many of these leases count now. */
  async lookingNow(person) {
    const [leases, now] = [await this.inView(person), await this.now()];
    return leases.filter(({ expiresAt }) => Date.parse(expiresAt) > now).length;
  }

  /** Leaves so many leases in the person's profile, of pages that have died. */
  async leaveLeases(person, count) {
    const ids = Array.from({ length: count }, (_, i) => `dead${i}`);
    const sessions = Object.fromEntries(ids.map(id => [id, { expiresAt: new Date(0), target: null }]));
    await this.#commit([
      {
        update: { name: `${this.documents}/users/${person.uid}`, fields: encode({ sessions }) },
        updateMask: { fieldPaths: ids.map(id => `sessions.${id}`) },
      },
    ]);
  }

  /** What the fake FCM was asked to send to a device, oldest first. */
  async pushes(target) {
    const answer = await ask(`${this.addresses.fcm}/messages?token=${encodeURIComponent(target)}`);
    return answer.json();
  }

  /** What BigQuery's stand-in answers to a query over the facts, with whole numbers as texts. */
  async facts(query) {
    const { bigquery, project } = this.addresses;
    const answer = await ask(`${bigquery}/bigquery/v2/projects/${project}/queries`, {
      method: "POST",
      headers: { Authorization: "Bearer owner", "Content-Type": "application/json" },
      body: JSON.stringify({ query, useLegacySql: false, defaultDataset: { datasetId: "insight" } }),
    });
    const { schema, rows = [], error } = await answer.json();
    if (error) throw new Failure(error.message);
    return rows.map(({ f }) => Object.fromEntries(f.map(({ v }, i) => [schema.fields[i].name, v])));
  }

  /** Moves the clock of all forwards, by a Go duration. Only for scripts that run alone. */
  async advance(by) {
    await this.#post(`${this.addresses.clock}/advance`, { by }, {});
  }

  #owner(path) {
    return ask(`http://${this.addresses.firestore}/v1/${this.documents}/${path}`, {
      headers: { Authorization: "Bearer owner" },
    });
  }

  /** All items of a person as they are stored. */
  async items(person) {
    const answer = await this.#owner(`users/${person.uid}/notifications?pageSize=300`);
    return ((await answer.json()).documents ?? []).map(({ fields }) => decode(fields));
  }

  /** The pushes of which the person has said that they are done with them, as `item-revision`. */
  async withdrawals(person) {
    const answer = await this.#owner(`users/${person.uid}/withdrawals`);
    return ((await answer.json()).documents ?? []).map(({ name }) => name.split("/").at(-1)).sort();
  }

  #name(person, id) {
    return `${this.documents}/users/${person.uid}/notifications/${id}`;
  }

  async #commit(writes) {
    for (;;) {
      try {
        return await this.#post(`http://${this.addresses.firestore}/v1/${this.documents}:commit`, { writes });
      } catch (error) {
        // Two writes of one document at once: the emulator gives up on one of them.
        if (!/answered 409/.test(error.message)) throw error;
      }
    }
  }

  async #post(address, body, headers = { Authorization: "Bearer owner" }) {
    const answer = await ask(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Failure(`${address} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }
}
