/** The worker's memory in IndexedDB: one record, read and written as a whole, by one event after the other. */
import { blank, type Memory } from "./memory";

const database = "tidings-worker";
const records = "records";
const key = "memory";

/** Without IndexedDB, as in some private windows, the memory lasts as long as the worker. */
let fallback: Memory = blank;

export async function load(): Promise<Memory> {
  try {
    const found: unknown = await ask("readonly", store => store.get(key));
    return typeof found === "object" && found !== null ? { ...blank, ...found } : fallback;
  } catch {
    return fallback;
  }
}

export async function save(memory: Memory): Promise<void> {
  fallback = memory;
  await ask("readwrite", store => store.put(memory, key)).catch(() => {});
}

async function ask(mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const db = await settled(Object.assign(indexedDB.open(database, 1), { onupgradeneeded: create }));
  try {
    return await settled(what(db.transaction(records, mode).objectStore(records)));
  } finally {
    db.close();
  }
}

function create(this: IDBOpenDBRequest) {
  this.result.createObjectStore(records);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
