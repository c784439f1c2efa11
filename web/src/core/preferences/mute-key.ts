/** The names of targets among a person's mutes, as shared/profile has them. */
import type { Target } from "../model";
import { limits } from "./model";

const part = "[A-Za-z0-9_.!~*'()%-]+";
const keyForm = new RegExp(`^${part}/${part}(/${part})?$`);

export function isMuteKey(key: string): boolean {
  return key.length <= limits.muteKey && keyForm.test(key);
}

/** Type, id and, where it has one, source, each by `encodeURIComponent`; null for what cannot be muted: nothing in particular. */
export function muteKey(target: Pick<Target, "type" | "id" | "source"> | null): string | null {
  if (!target?.type || !target.id) return null;
  try {
    const key = [target.type, target.id, target.source].filter(Boolean).map(encodeURIComponent).join("/");
    return isMuteKey(key) ? key : null;
  } catch {
    return null; // half of a character
  }
}

/** What a key says to people where its target has no title: "post 42". */
export function titleOfKey(key: string): string {
  const [type, id] = key.split("/").map(decoded);
  return `${type} ${id}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
