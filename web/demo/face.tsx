import { Avatar } from "../src/react/avatar";
import type { Person } from "./stack";

/** A person's avatar, in the size of the text around it. */
export function Face({ person }: { readonly person: Person }) {
  return (
    <span className="d-face">
      <Avatar actor={{ id: person.uid, name: person.name, imageUrl: "" }} />
    </span>
  );
}
