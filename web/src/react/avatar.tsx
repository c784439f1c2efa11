import { useContext, useState } from "react";
import { type Actor, safeUrl } from "../core";
import { Context } from "./context";

/** The picture of a person, or their initials on a colour that is always the same for the same person. */
export function Avatar({ actor }: { readonly actor: Actor }) {
  const [broken, setBroken] = useState(false);
  const pictureOf = useContext(Context)?.pictureOf;
  const address = pictureOf ? pictureOf(actor) : actor.imageUrl;
  const picture = broken ? null : safeUrl(address ?? "");
  return (
    <span className="td-avatar" style={{ "--td-hue": hueOf(actor.id || actor.name) }} aria-hidden="true">
      {picture ? <img src={picture} alt="" loading="lazy" onError={() => setBroken(true)} /> : initialsOf(actor.name)}
    </span>
  );
}

/** "Ada King" → "AK", "Bob" → "B", "" → "?". Counts letters as people do, so that no emoji is cut in two. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const letters = ends.map(word => [...segmenter.segment(word ?? "")][0]?.segment ?? "");
  return letters.join("").toLocaleUpperCase() || "?";
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A hue in degrees: FNV-1a, stirred once more, because short ids that differ in one letter must not look alike. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) % 360;
}
