import type { OpenHandler, PictureOf } from "../src/react";

/** The demo's targets are made up: following one marks the item read, as in a real product, and the page stays. */
export const stayHere: OpenHandler = (_item, event) => event.preventDefault();

/** Initials for everybody: GitHub's payloads name pictures of its own, and nothing of the demo is loaded from outside. */
export const noPicture: PictureOf = () => null;
