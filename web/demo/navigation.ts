import type { OpenHandler } from "../src/react";

/** The demo's targets are made up: following one marks the item read, as in a real product, and the page stays. */
export const stayHere: OpenHandler = (_item, event) => event.preventDefault();
