/** The code of the error where a part of this package could not be loaded. */
export const notLoaded = "not-loaded";

/**
 * Loads a part of this package at the first call, and again at the next one after a failure. A part can be missing: the
 * network is gone, or the page is older than the files on the server. Then the call rejects with the code "not-loaded", and
 * nobody keeps silent about that: the caller tries again by itself, or says so and offers to try again and to load the page
 * anew. `imports.test.ts` sees to it that no part is loaded in another way.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = null;
      throw Object.assign(new Error(`A part of the page could not be loaded. ${cause}`), { code: notLoaded });
    });
    return loading;
  };
}
