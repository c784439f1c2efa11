/** What stands for React in the elements: vite.elements.config.ts puts it there. */
import { useState } from "preact/compat";

// @ts-expect-error Its types are written for CommonJS; its code is a module.
export * from "preact/compat";

let last = 0;

/** Ids that are unique in the page. Preact counts them for each tree by itself, and a list's rows are trees of their own. */
export function useId(): string {
  return useState(() => `tidings-${++last}`)[0];
}
