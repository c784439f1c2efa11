import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Inbox } from "../core";
import { Avatar } from "./avatar";
import type { PictureOf } from "./context";
import { TidingsProvider } from "./provider";

const inbox = { getSnapshot: () => ({}), subscribe: () => () => {} } as unknown as Inbox;
const carol = { id: "carol", name: "Carol King", imageUrl: "https://elsewhere.example/carol.png" };

function drawn(pictureOf?: PictureOf) {
  return renderToStaticMarkup(
    <TidingsProvider inbox={inbox} {...(pictureOf ? { pictureOf } : {})}>
      <Avatar actor={carol} />
    </TidingsProvider>,
  );
}

describe("a person's picture", () => {
  it("comes from where the producer says, unless the product decides otherwise", () => {
    expect(drawn()).toContain('src="https://elsewhere.example/carol.png"');
  });

  it("comes from the product's own server, and its own address is asked for by nobody", () => {
    const markup = drawn(({ id }) => `/pictures/${id}`);
    expect(markup).toContain('src="/pictures/carol"');
    expect(markup).not.toContain("elsewhere.example");
  });

  it("is blocked where the product gives none: then there are initials", () => {
    const markup = drawn(() => null);
    expect(markup).toContain("CK");
    expect(markup).not.toContain("<img");
  });

  it("is not taken from an address that no page may load", () => {
    expect(drawn(() => "javascript:alert(1)")).not.toContain("<img");
  });
});
