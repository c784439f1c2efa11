/** A profile as it will be after a change, so that a switch need not spring back until Firestore has said the same. */
import type { ProfileChange } from "./model";

type Data = Readonly<Record<string, unknown>>;

export function ahead(data: Data | null, { set }: ProfileChange): Data {
  return set.reduce<Data>((now, { path, value }) => put(now, path, value), data ?? {});
}

function put(data: Data, [name, next, ...rest]: readonly [string, ...string[]], value: unknown): Data {
  const inner =
    next === undefined ? stamped(value) : put((data[name] as Data | undefined) ?? {}, [next, ...rest], value);
  const { [name]: _, ...others } = data;
  return inner === undefined ? others : { ...others, [name]: inner };
}

/** Dates as Firestore gives them back. */
function stamped(value: unknown): unknown {
  if (value instanceof Date) return { toMillis: () => value.getTime() };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, stamped(inner)]));
}
