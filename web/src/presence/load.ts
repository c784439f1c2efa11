import { loadOnce } from "../core/load-once";

/** Loads what reads and writes leases in Firestore. */
export const loadDocuments = loadOnce(() => import("./documents"));
